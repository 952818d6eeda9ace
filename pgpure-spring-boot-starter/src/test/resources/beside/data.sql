insert into author values (1, 'from the script');
