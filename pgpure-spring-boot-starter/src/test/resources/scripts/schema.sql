-- a comment; with a semicolon
create table if not exists entry (id int primary key, name text);
create or replace function shout(t text) returns text language plpgsql as $body$
begin
    return upper(t) || '!;';
end;
$body$;
