package io.github.pgpure.bench;

import static io.github.pgpure.bench.Callers.CALLBACKS;
import static io.github.pgpure.bench.Callers.PLATFORM;
import static io.github.pgpure.bench.Callers.VIRTUAL;
import static io.github.pgpure.bench.Client.AGROAL;
import static io.github.pgpure.bench.Client.PGJDBC;
import static io.github.pgpure.bench.Client.PGPURE;
import static io.github.pgpure.bench.Client.READY_BYTES;
import static io.github.pgpure.bench.Client.VERTX;

import io.github.pgpure.bench.Scenario.Pin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** All that can be measured. */
final class Scenarios {

    /** With whom the others are compared. */
    static final Cell BASELINE = Cell.of(PGJDBC, PLATFORM);

    private static final int MANY_CALLERS = 256;
    private static final int TRANSACTION_CALLERS = 32;
    private static final int POOL = 8;

    /** No client, but the least that each has to do. */
    private static final Cell LEAST = Cell.of(READY_BYTES, CALLBACKS);

    private static final List<Cell> CALLS = cells(
            BASELINE,
            Cell.of(PGJDBC, VIRTUAL),
            Cell.of(PGPURE, PLATFORM),
            Cell.of(PGPURE, VIRTUAL),
            Cell.of(VERTX, CALLBACKS));

    private static final List<Cell> SELECTS = cells(CALLS, Cell.of(VERTX, VIRTUAL));

    private static final List<Cell> PLAIN =
            cells(BASELINE, Cell.of(PGPURE, PLATFORM), Cell.of(VERTX, PLATFORM));

    private static final List<Cell> CHECKOUTS = cells(
            BASELINE,
            Cell.of(PGJDBC, VIRTUAL),
            Cell.of(AGROAL, PLATFORM),
            Cell.of(AGROAL, PLATFORM, "metrics"),
            Cell.of(PGPURE, PLATFORM),
            Cell.of(PGPURE, VIRTUAL),
            Cell.of(VERTX, PLATFORM));

    static final List<Scenario> ALL = all();

    private Scenarios() {}

    private static List<Cell> cells(Cell... cells) {
        return Arrays.stream(cells).filter(cell -> cell.callers().available()).toList();
    }

    private static List<Cell> cells(List<Cell> first, Cell... more) {
        return Stream.concat(first.stream(), cells(more).stream()).toList();
    }

    static Scenario byId(String id) {
        return ALL.stream()
                .filter(scenario -> scenario.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no scenario " + id));
    }

    /**
     * Those that are meant.
     *
     * @param words names and groups, separated by commas: {@code W2,W9,tls}
     */
    static List<Scenario> selected(String words) {
        List<Scenario> selected = new ArrayList<>();
        for (String word : words.split(",")) {
            List<Scenario> meant = ALL.stream()
                    .filter(scenario -> scenario.isSelectedBy(word.strip()))
                    .toList();
            if (meant.isEmpty()) {
                throw new IllegalArgumentException("nothing is called " + word + ": write all, tls, growth or some of "
                        + ALL.stream().map(Scenario::name).distinct().toList());
            }
            selected.addAll(meant);
        }
        return selected.stream().distinct().toList();
    }

    private static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        Scenario one = Scenario.of("W1", "a point select, 1 caller", Workload.SELECT, SELECTS);
        Scenario many = Scenario.of(
                        "W2",
                        "point selects, 256 callers, 8 connections",
                        Workload.SELECT,
                        cells(SELECTS, Cell.of(AGROAL, VIRTUAL)))
                .callers(MANY_CALLERS, POOL);
        Scenario wide = wide("W4", "100,000 rows of 8 columns", "j");
        Scenario transactions = Scenario.of(
                        "W9",
                        "transactions of an update and a select, 32 callers, 8 connections",
                        Workload.TRANSACTION,
                        cells(
                                CALLS,
                                Cell.of(AGROAL, VIRTUAL),
                                Cell.of(PGPURE, PLATFORM, "pipelined"),
                                Cell.of(PGPURE, VIRTUAL, "pipelined"),
                                Cell.of(PGPURE, PLATFORM, "whole"),
                                Cell.of(PGPURE, VIRTUAL, "whole"),
                                Cell.of(VERTX, CALLBACKS, "pipelined"),
                                LEAST,
                                Cell.of(READY_BYTES, CALLBACKS, "pipelined"),
                                Cell.of(READY_BYTES, CALLBACKS, "whole")))
                .callers(TRANSACTION_CALLERS, POOL);
        all.add(one.with(LEAST));
        all.add(one.named("W1-same", "the same, client and server on one core")
                .pinned(Pin.SAME_CORE)
                .with(LEAST));
        all.add(one.named("W1-apart", "the same, client and server on a core each")
                .pinned(Pin.APART)
                .with(LEAST));
        all.add(many.with(LEAST));
        all.add(Scenario.of(
                "W3",
                "20 point selects together, 1 caller",
                Workload.SELECT_TOGETHER,
                cells(
                        PLAIN,
                        Cell.of(PGJDBC, PLATFORM, "multi-statement"),
                        Cell.of(VERTX, PLATFORM, "batch"),
                        Cell.of(READY_BYTES, PLATFORM))));
        all.add(wide);
        all.add(wide("W4t", "the same, jsonb cast to text", "j::text"));
        all.add(wide("W4x", "the same, without jsonb", "null::text"));
        all.add(Scenario.of("W5", "1,000,000 rows streamed in a heap of 64 MB", Workload.STREAM, PLAIN)
                .rows(1_000_000, "select id, v from narrow")
                .heap("64m"));
        all.add(Scenario.of(
                        "W6",
                        "a batch of 10,000 inserts",
                        Workload.BATCH,
                        cells(PLAIN, Cell.of(PGJDBC, PLATFORM, "rewrite")))
                .rows(10_000, ""));
        List<Cell> copying = cells(BASELINE, Cell.of(PGPURE, PLATFORM));
        all.add(Scenario.of("W7", "COPY of 1,000,000 rows of text", Workload.COPY_TEXT, copying)
                .rows(1_000_000, ""));
        all.add(Scenario.of("W7r", "COPY of 1,000,000 rows of Java values", Workload.COPY_VALUES, copying)
                .rows(1_000_000, ""));
        all.add(Scenario.of("W8x1", "checkout and return, 1 caller", Workload.CHECKOUT, CHECKOUTS)
                .callers(1, POOL));
        all.add(Scenario.of("W8x64", "checkout and return, 64 callers", Workload.CHECKOUT, CHECKOUTS)
                .callers(64, POOL));
        all.add(transactions);
        all.add(Scenario.of("W10", "from the start of the JVM to the first row", Workload.FIRST_ROW, PLAIN)
                .heap(""));
        all.add(one.pinned(Pin.SAME_CORE).withTls("W1-tls"));
        all.add(many.withTls("W2-tls"));
        all.add(wide.withTls("W4-tls"));
        curves(all);
        return List.copyOf(all);
    }

    private static Scenario wide(String name, String what, String json) {
        return Scenario.of(name, what, Workload.WIDE_ROWS, PLAIN)
                .rows(100_000, "select i, t, n, ts, b, f, u, " + json + " from wide");
    }

    private static void curves(List<Scenario> all) {
        for (Workload workload : List.of(Workload.SELECT, Workload.TRANSACTION)) {
            String name = workload == Workload.SELECT ? "W2" : "W9";
            Scenario callers = Scenario.of(name + "-callers", "8 connections", workload, CALLS);
            for (int n : new int[] {1, 4, 16, 64, 256, 1024}) {
                all.add(callers.callers(n, POOL).point(n));
            }
            Scenario connections = Scenario.of(name + "-connections", "256 callers", workload, CALLS);
            for (int n : new int[] {1, 2, 4, 8, 16, 32, 64}) {
                all.add(connections.callers(MANY_CALLERS, n).point(n));
            }
        }
        for (int n = 1; n <= 1_000_000; n *= 10) {
            all.add(Scenario.of("W4-rows", "1 caller", Workload.WIDE_ROWS, PLAIN)
                    .rows(n, "select i, t, n, ts, b, f, u, j from growing where i <= " + n)
                    .heap("4g")
                    .point(n));
        }
    }
}
