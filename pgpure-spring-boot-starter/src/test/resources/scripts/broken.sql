insert into entry values (1, 2, 3);
insert into entry values (7, $$after an error$$);
