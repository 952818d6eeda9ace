insert into entry values (1, shout('one; two')) on conflict do nothing;
