package io.github.pgpure.bench;

import java.util.List;

/** The tables of the workloads. */
final class BenchmarkTables {

    static final List<String> CREATE = List.of(
            "create table world (id int primary key, randomnumber int not null)",
            "insert into world select i, (i * 7919::bigint % 10000)::int + 1 from generate_series(1, 10000) i",
            // Room for updates in place: without it the table would grow while it is measured.
            "create table worldtx (id int primary key, randomnumber int not null) with (fillfactor = 50)",
            "insert into worldtx select i, i from generate_series(1, 10000) i",
            wide("wide"),
            fill("wide", 100_000),
            "create table narrow (id int not null, v int not null)",
            "insert into narrow select i, i % 1000 from generate_series(1, 1000000) i",
            "create unlogged table ins (id int not null, v int not null, t text not null)",
            "create unlogged table copyt (id int not null, v int not null, t text not null)",
            "vacuum analyze");

    static final List<String> CREATE_GROWING =
            List.of(wide("growing"), fill("growing", 1_000_000), "vacuum analyze growing");

    private BenchmarkTables() {}

    private static String wide(String table) {
        return "create table " + table + " (i int8 primary key, t text not null, n numeric(12, 2) not null, "
                + "ts timestamptz not null, b bool not null, f float8 not null, u uuid not null, j jsonb not null)";
    }

    private static String fill(String table, int rows) {
        return "insert into " + table + " select i, 'some text of usual length ' || i, i * 1.25, "
                + "timestamptz '2026-01-01 00:00:00+00' + i * interval '1.5 seconds', i % 2 = 0, i / 3.0, "
                + "md5(i::text)::uuid, jsonb_build_object('id', i, 'name', 'name ' || i, 'tags', "
                + "jsonb_build_array('a', 'b', i % 10)) from generate_series(1, " + rows + ") i";
    }
}
