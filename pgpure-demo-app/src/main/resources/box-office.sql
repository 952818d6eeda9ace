-- Run at every start: creates what is not there yet, and is silent about the rest. Two instances that start together take turns.
set local client_min_messages = warning;
select pg_advisory_xact_lock(hashtext('pgpure box office'));

do $$
begin
    create type seat_status as enum ('free', 'reserved');
exception when duplicate_object then
    null;
end
$$;

create table if not exists shows (
    id        bigint generated always as identity primary key,
    title     text not null unique,
    starts_at timestamptz not null,
    prices    jsonb not null -- by row: {"A": 48.00, "B": 36.50}
);

create table if not exists seats (
    show_id  bigint not null references shows,
    name     text generated always as (row_name || number) stored,
    row_name text not null,
    number   integer not null,
    price    numeric(8, 2) not null,
    status   seat_status not null default 'free',
    primary key (show_id, name)
);

create table if not exists reservations (
    id         uuid primary key default gen_random_uuid(),
    show_id    bigint not null references shows,
    customer   text not null,
    seats      text[] not null,
    total      numeric(8, 2) not null,
    receipt    jsonb not null,
    created_at timestamptz not null default now()
);

-- Open pages hear of every change: see LivePages.
create or replace function announce_show_changes() returns trigger language plpgsql as $$
begin
    perform pg_notify('show_changed', json_build_object('show', show_id)::text)
    from (select distinct show_id from changed) as shows;
    return null;
end
$$;

create or replace trigger seats_changed after update on seats
    referencing new table as changed
    for each statement execute function announce_show_changes();

insert into shows (title, starts_at, prices)
select title, date_trunc('day', now()) + starts, prices::jsonb
from (values
    ('The Tempest', interval '7 days 19 hours 30 minutes', '{"A": 48.00, "B": 42.00, "C": 36.50, "D": 29.00}'),
    ('A Doll''s House', interval '8 days 20 hours', '{"A": 39.00, "B": 34.00, "C": 28.00}'),
    ('Nine Lives of a Query', interval '9 days 18 hours', '{"A": 20.00, "B": 16.00, "C": 12.00, "D": 9.50, "E": 9.50}'),
    ('Open Rehearsal', interval '10 days 17 hours', '{"A": 5.00, "B": 5.00, "C": 4.00, "D": 4.00, "E": 3.00, "F": 3.00}')
) as planned (title, starts, prices)
where not exists (select from shows);

insert into seats (show_id, row_name, number, price)
select id, price.key, number, price.value::numeric
from shows, jsonb_each_text(prices) as price, generate_series(1, 12) as number
where not exists (select from seats where show_id = shows.id);
