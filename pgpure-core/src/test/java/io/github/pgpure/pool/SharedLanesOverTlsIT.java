package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.Row;
import io.github.pgpure.SslMode;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same over TLS, where an answer is a record of its own, or several: what is read at once is not what was sent at once. */
@Timeout(300)
class SharedLanesOverTlsIT {

    private static final int CALLS = Integer.getInteger("pgpure.lanes.calls", 20_000);
    private static final long SEED =
            Long.getLong("pgpure.race.seed", ThreadLocalRandom.current().nextLong());
    private static final int CONNECTIONS = 4;

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        server.enableTls();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void everyCallerGetsItsOwnAnswer(ThreadKind kind) throws Exception {
        System.out.println("Shared lanes over TLS: " + CALLS + " calls, " + kind + ", seed " + SEED);
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        var left = new AtomicLong(CALLS);
        try (PgPool pool = PgPool.open(
                PgConnectOptions.parse(server.uri()).toBuilder()
                        .sslMode(SslMode.REQUIRE)
                        .build(),
                PgPoolOptions.builder()
                        .maxConnections(CONNECTIONS)
                        .minIdle(CONNECTIONS)
                        .build())) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                var random = new Random(SEED + i);
                callers.add(kind.start(() -> {
                    while (left.getAndDecrement() > 0) {
                        try {
                            call(pool, random);
                        } catch (Throwable e) {
                            failures.add(e);
                        }
                    }
                }));
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(failures).as("seed " + SEED).isEmpty();
            assertThat(pool.stats().sharedStatements()).isGreaterThan(CALLS / 4);
            assertThat(pool.stats().opened()).as("sessions lost").isEqualTo(CONNECTIONS);
        }
    }

    /** Many thousand records, on a connection that others share: the call ends at its deadline, and they get their answers. */
    @Test
    void aLongAnswerKeepsItsDeadline() throws Exception {
        var over = new AtomicBoolean();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        Query rows = Query.of("select n, repeat('x', 20) from generate_series(1, $1::int) n", 1);
        try (PgPool pool = PgPool.open(
                PgConnectOptions.parse(server.uri()).toBuilder()
                        .sslMode(SslMode.REQUIRE)
                        .build(),
                PgPoolOptions.builder().maxConnections(1).build())) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                callers.add(ThreadKind.PLATFORM.start(() -> {
                    while (!over.get()) {
                        try {
                            assertThat(pool.fetch(rows).size()).isEqualTo(1);
                        } catch (Throwable e) {
                            failures.add(e);
                        }
                    }
                }));
            }
            try {
                Awaitility.await().until(() -> pool.stats().sharedStatements() > 1_000);
                for (int i = 0; i < 3; i++) {
                    long start = System.nanoTime();
                    // All of them would take several times as long as is allowed here.
                    assertThatThrownBy(() ->
                                    pool.fetch(Query.of(rows.sql(), 20_000_000).timeout(Duration.ofMillis(100))))
                            .isInstanceOf(QueryTimeoutException.class);
                    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
                }
            } finally {
                over.set(true);
                for (Thread caller : callers) {
                    caller.join();
                }
            }
            assertThat(failures).isEmpty();
        }
    }

    /** Answers of some bytes, of some KiB and of more than a record of 16 KiB; now and then one that nobody waits for. */
    private static void call(PgPool pool, Random random) {
        int nonce = random.nextInt();
        int length = random.nextInt(20) == 0 ? random.nextInt(40_000) : random.nextInt(200);
        Query query = Query.of("select $1::int, repeat('x', $2::int)", nonce, length);
        boolean hurried = random.nextInt(50) == 0;
        Row row;
        try {
            row = pool.fetchOne(hurried ? query.timeout(Duration.ofMillis(1)) : query);
        } catch (QueryTimeoutException e) {
            assertThat(hurried).isTrue();
            return;
        }
        assertThat(row.getInt(0)).isEqualTo(nonce);
        assertThat(row.getString(1)).hasSize(length);
    }
}
