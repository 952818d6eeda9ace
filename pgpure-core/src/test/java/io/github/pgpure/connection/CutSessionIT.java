package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.FaultProxy.End;
import io.github.pgpure.test.PostgresServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A session with the real server, in which the link ends, or goes silent, after a number of bytes from the server: login, a prepared statement and the
 * same one from the cache, a batch, a transaction, COPY both ways and a stream.
 *
 * <p>By default some offsets, chosen at random; {@code -Dpgpure.test.cuts=all} for each one there is.
 */
class CutSessionIT {

    private static final boolean ALL =
            System.getProperty("pgpure.test.cuts", "").equals("all");
    private static final long SEED = Long.getLong("pgpure.test.seed", System.nanoTime());
    private static final Duration LIMIT = Duration.ofMillis(ALL ? 700 : 1_000);

    /** What waits for the deadline, for a cancel request and for the end of a drain, on a busy machine. */
    private static final Duration HANG = Duration.ofSeconds(30);

    private static final String TABLE = "cut_session";

    private final PostgresServer server = PostgresServer.shared();
    private final Map<Integer, Outcome> failedCommits = new ConcurrentHashMap<>();
    private final Map<Integer, Boolean> committed = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> ends = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger hangs = new AtomicInteger();

    @Test
    void sessionWithoutACutIsRight() throws Exception {
        createTable();
        assertThat(bytesOfASession()).isGreaterThan(1_000);
        assertThat(failures).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void endsInAnExceptionWithItsOutcome(End end) throws Exception {
        createTable();
        int length = (int) bytesOfASession();
        List<Integer> offsets = offsets(length, end);
        System.out.println("Cut sessions: " + offsets.size() + " of " + length + " offsets, " + end + ", seed " + SEED);
        ExecutorService executor = Executors.newFixedThreadPool(end == End.STALL ? 48 : 6);
        try {
            List<Future<?>> sessions = new ArrayList<>();
            for (int offset : offsets) {
                sessions.add(executor.submit(() -> cut(offset, end)));
            }
            for (Future<?> session : sessions) {
                session.get(20, TimeUnit.MINUTES);
            }
        } finally {
            executor.shutdownNow();
        }
        int wrongOutcomes = wrongOutcomes();
        System.out.println(
                "Cut sessions: " + end + ": " + offsets.size() + " sessions, " + hangs + " hangs, " + failures.size()
                        + " wrong values or other failures, " + wrongOutcomes + " wrong outcomes; ended by " + ends);
        assertThat(failures).isEmpty();
        assertThat(hangs).hasValue(0);
        assertThat(wrongOutcomes).isZero();
    }

    private static List<Integer> offsets(int length, End end) {
        List<Integer> offsets = new ArrayList<>();
        int step = ALL ? 1 : end == End.STALL ? length / 48 : length / 250;
        for (int offset = ALL ? 0 : new Random(SEED).nextInt(step); offset < length; offset += step) {
            offsets.add(offset);
        }
        return offsets;
    }

    private long bytesOfASession() throws Exception {
        try (var proxy = new FaultProxy(server.host(), server.port())) {
            session(options(proxy).build(), -1);
            return proxy.passed();
        }
    }

    private PgConnectOptions.Builder options(FaultProxy proxy) {
        return PgConnectOptions.parse(server.uri()).toBuilder()
                .host("localhost")
                .port(proxy.port())
                .connectTimeout(Duration.ofSeconds(20))
                .queryTimeout(Duration.ofSeconds(20));
    }

    private void cut(int offset, End end) {
        long begin = System.nanoTime();
        try (var proxy = new FaultProxy(server.host(), server.port())) {
            proxy.endAfter(offset, end);
            PgConnectOptions.Builder options = options(proxy);
            if (end == End.STALL) {
                options.connectTimeout(LIMIT).queryTimeout(LIMIT);
            }
            session(options.build(), offset);
            ends.computeIfAbsent("its own end", key -> new AtomicInteger()).incrementAndGet();
        } catch (PgException e) {
            ends.computeIfAbsent(e.getClass().getSimpleName() + " " + e.outcome(), key -> new AtomicInteger())
                    .incrementAndGet();
        } catch (Throwable e) {
            failures.add(new AssertionError("cut after " + offset + " bytes by " + end, e));
        }
        if (System.nanoTime() - begin > HANG.toNanos()) {
            hangs.incrementAndGet();
        }
    }

    private void session(PgConnectOptions options, int key) {
        try (PgConnection connection = PgConnection.open(options)) {
            for (int i = 0; i < 3; i++) {
                Row row = connection.fetchOne("select $1::int, 'größe ' || $1, null::date", i);
                equal(row.getInt(0) + row.getString(1) + row.get(2), i + "größe " + i + "null");
            }
            equal(
                    connection.fetch("select n, n * n from generate_series(1, 5) n").stream()
                            .mapToInt(row -> row.getInt(1))
                            .sum(),
                    55);
            connection.execute("create temporary table t (id int primary key, name text)");
            equal(
                    connection.executeBatch(
                                    "insert into t values ($1, $2)",
                                    List.of(new Object[] {1, "a"}, new Object[] {2, "b"}))
                            .length,
                    2);
            transaction(connection, key);
            equal(
                    connection.copyIn(
                            "copy t from stdin",
                            new ByteArrayInputStream("3\tc\n4\td\n".getBytes(StandardCharsets.UTF_8))),
                    2L);
            var copy = new ByteArrayOutputStream();
            equal(connection.copyOut("copy (select * from t order by id) to stdout", copy), 4L);
            equal(copy.toString(StandardCharsets.UTF_8), "1\ta\n2\tb\n3\tc\n4\td\n");
            int sum = 0;
            try (RowStream rows = connection.stream("select id from t")) {
                for (Row row : rows) {
                    sum += row.getInt(0);
                }
            }
            equal(sum, 10);
        }
    }

    private void transaction(PgConnection connection, int key) {
        PgTransaction transaction = connection.begin(TransactionOptions.defaults());
        try (transaction) {
            transaction.execute("insert into " + TABLE + " values ($1)", key);
            equal(
                    transaction
                            .fetchOne("select count(*) from " + TABLE + " where id = $1", key)
                            .getLong(0),
                    1L);
            transaction.commit();
            committed.put(key, true);
        } catch (PgException e) {
            failedCommits.put(key, e.outcome());
            throw e;
        }
    }

    /** What was said to be committed must be there, what was said to be rolled back must not. */
    private int wrongOutcomes() {
        // Of a stalled session the server learns when the proxy closes it.
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> server.query(
                                "select count(*) from pg_locks l join pg_class c on c.oid = l.relation where c.relname = '"
                                        + TABLE + "' and l.pid <> pg_backend_pid()")
                        .equals("0"));
        String present = "," + server.query("select coalesce(string_agg(id::text, ','), '') from " + TABLE) + ",";
        int wrong = 0;
        for (int key : committed.keySet()) {
            wrong += present.contains("," + key + ",") ? 0 : 1;
        }
        for (var failed : failedCommits.entrySet()) {
            wrong += failed.getValue() != Outcome.UNKNOWN && present.contains("," + failed.getKey() + ",") ? 1 : 0;
        }
        return wrong;
    }

    private void createTable() {
        server.execute("drop table if exists " + TABLE, "create table " + TABLE + " (id int primary key)");
    }

    private static void equal(Object actual, Object expected) {
        if (!actual.equals(expected)) {
            throw new AssertionError("a wrong value: " + actual + " in place of " + expected);
        }
    }
}
