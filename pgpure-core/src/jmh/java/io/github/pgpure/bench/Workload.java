package io.github.pgpure.bench;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** What a client is made to do. Every answer is checked. */
enum Workload {
    SELECT("selects"),
    SELECT_TOGETHER("sets"),
    WIDE_ROWS("rows"),
    STREAM("rows"),
    BATCH("rows"),
    COPY_TEXT("rows"),
    COPY_VALUES("rows"),
    CHECKOUT("checkouts"),
    TRANSACTION("transactions"),
    FIRST_ROW("ms");

    /** As many rows have the tables {@code world} and {@code worldtx}. */
    static final int WORLD = 10_000;

    private static final int TOGETHER = 20;

    private static volatile long consumed;

    private final String unit;

    Workload(String unit) {
        this.unit = unit;
    }

    /** What is counted. */
    String unit() {
        return unit;
    }

    /** Makes sure that reading a value cannot be optimised away. */
    static void consume(long value) {
        consumed = value;
    }

    /** What the row of {@code world} with this key has. */
    static int value(int id) {
        return (int) (id * 7919L % WORLD) + 1;
    }

    static void check(long expected, long got) {
        if (expected != got) {
            throw new IllegalStateException("expected " + expected + ", got " + got);
        }
    }

    static int key(SplittableRandom random) {
        return 1 + random.nextInt(WORLD);
    }

    Measurement measurement(Scenario scenario, Cell cell, PeerClient client) {
        int rows = scenario.rows();
        long sum = (long) rows * (rows + 1) / 2;
        return switch (this) {
            case SELECT -> ClosedLoop.of(scenario, cell, random -> select(client, key(random)), callback(client));
            case SELECT_TOGETHER -> ClosedLoop.of(scenario, cell, random -> selectTogether(client, random), null);
            case CHECKOUT -> ClosedLoop.of(scenario, cell, random -> client.checkout(), null);
            case TRANSACTION -> ClosedLoop.of(
                    scenario, cell, random -> transaction(client, random), transactionCallback(client));
            case WIDE_ROWS -> new Repeated(rows, client, "", () -> check(sum, client.fetchWide(scenario.query())));
            case STREAM -> new Repeated(rows, client, "", () -> check(sum, client.stream(scenario.query())));
            case BATCH -> new Repeated(rows, client, "truncate ins", () -> client.insertBatch(rows));
            case COPY_TEXT -> {
                byte[] text = text(rows);
                yield new Repeated(rows, client, "truncate copyt", () -> check(rows, client.copyIn(text)));
            }
            case COPY_VALUES -> new Repeated(
                    rows, client, "truncate copyt", () -> check(rows, client.copyRows(rows)));
            case FIRST_ROW -> throw new IllegalArgumentException("has a JVM for each time");
        };
    }

    static void select(PeerClient client, int id) throws Exception {
        check(value(id), client.select(id));
    }

    private static ClosedLoop.Callbacks callback(PeerClient client) {
        if (!(client instanceof AsyncPeerClient async)) {
            return null;
        }
        return (random, callback) -> {
            int id = key(random);
            async.select(
                    id,
                    (value, failure) -> callback.done(
                            value,
                            failure != null || value == value(id)
                                    ? failure
                                    : new IllegalStateException("wrong value " + value)));
        };
    }

    static void selectTogether(PeerClient client, SplittableRandom random) throws Exception {
        int[] ids = new int[TOGETHER];
        long expected = 0;
        for (int i = 0; i < ids.length; i++) {
            ids[i] = key(random);
            expected += value(ids[i]);
        }
        check(expected, client.selectMany(ids));
    }

    static void transaction(PeerClient client, SplittableRandom random) throws Exception {
        int value = key(random);
        check(value, client.transaction(key(random), value));
    }

    private static ClosedLoop.Callbacks transactionCallback(PeerClient client) {
        if (!(client instanceof AsyncPeerClient async)) {
            return null;
        }
        return (random, callback) -> {
            int expected = key(random);
            async.transaction(
                    key(random),
                    expected,
                    (value, failure) -> callback.done(
                            value,
                            failure != null || value == expected
                                    ? failure
                                    : new IllegalStateException("wrong value " + value)));
        };
    }

    private static byte[] text(int rows) {
        StringBuilder text = new StringBuilder(32 * rows);
        for (int i = 1; i <= rows; i++) {
            Line.of(i).appendTo(text);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
