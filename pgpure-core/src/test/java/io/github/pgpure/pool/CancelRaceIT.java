package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.Interrupter;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cancellations timed around the end of a statement: whichever side wins, no later statement is ever hit.
 *
 * <p>{@code -Dpgpure.race.cancels=100000} makes it a long run; {@code -Dpgpure.race.seed} repeats one,
 * {@code -Dpgpure.race.lanes=false} does without shared lanes.
 */
class CancelRaceIT {

    private static final int CALLERS = 32;
    private static final int CANCELS = Integer.getInteger("pgpure.race.cancels", 2_000);
    private static final boolean LANES =
            !System.getProperty("pgpure.race.lanes", "").equals("false");
    private static final long SEED =
            Long.getLong("pgpure.race.seed", ThreadLocalRandom.current().nextLong());

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void cancelFromAnotherThreadNeverHitsALaterStatement(ThreadKind kind) throws Exception {
        System.out.println("Cancel race: " + CANCELS + " cancels, " + kind + ", seed " + SEED);
        var cancelled = new AtomicInteger();
        var failures = new ConcurrentLinkedQueue<Throwable>();
        try (PgConnection connection = PgConnection.open(PostgresServer.shared().uri())) {
            int pid = connection.backendPid();
            var sleeping = new AtomicBoolean();
            var over = new AtomicBoolean();
            var random = new Random(SEED);
            Thread canceller = kind.start(() -> {
                while (!over.get()) {
                    if (sleeping.compareAndSet(true, false)) {
                        LockSupport.parkNanos(random.nextInt(2_000_000));
                        connection.cancel();
                    } else {
                        LockSupport.park();
                    }
                }
            });
            Thread caller = kind.start(() -> {
                try {
                    for (int i = 0; i < CANCELS; i++) {
                        sleeping.set(true);
                        LockSupport.unpark(canceller);
                        try {
                            connection.fetch("select pg_sleep(0.001)");
                        } catch (QueryCancelledException e) {
                            cancelled.incrementAndGet();
                        }
                        sleeping.set(false);
                        // The innocent: not one may fail. A cancel that comes late must find nothing to do.
                        innocent(connection, i, failures);
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
                over.set(true);
                LockSupport.unpark(canceller);
            });
            caller.join(Duration.ofMinutes(30).toMillis());
            canceller.join(10_000);
            assertThat(failures).isEmpty();
            assertThat(over).isTrue();
            assertThat(connection.backendPid()).isEqualTo(pid);
            assertThat(connection.fetchOne("select pg_backend_pid()").getInt(0)).isEqualTo(pid);
        }
        System.out.println("  of " + CANCELS + " statements " + cancelled + " were cancelled");
        assertThat(cancelled.get()).isPositive();
    }

    /** A cancel between the two statements may name the second one rightly: that one is asked again, and counted as a cancel of its own. */
    private static void innocent(PgConnection connection, int i, Queue<Throwable> failures) {
        try {
            if (connection.fetchOne("select $1::int", i).getInt(0) != i) {
                failures.add(new AssertionError("a wrong answer"));
            }
        } catch (QueryCancelledException e) {
            if (!e.getMessage().contains("on request")) {
                failures.add(e); // the server's own 57014: a stray cancel request
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void interruptsAndDeadlinesOfManyCallersNeverHitALaterStatement(ThreadKind kind) throws Exception {
        var race = new Race();
        PgPoolOptions poolOptions = PgPoolOptions.builder()
                .maxConnections(8)
                .sharedLanes(LANES)
                .name("race")
                .acquireTimeout(Duration.ofSeconds(60))
                .build();
        try (PgPool pool =
                PgPool.open(PgConnectOptions.parse(PostgresServer.shared().uri()), poolOptions)) {
            Awaitility.await().until(() -> pool.stats().totalConnections() == 8);
            List<Thread> threads = new ArrayList<>();
            for (int c = 0; c < CALLERS; c++) {
                var random = new Random(SEED + c);
                threads.add(kind.start(() -> race.run(pool, random)));
            }
            for (Thread thread : threads) {
                thread.join(Duration.ofMinutes(30).toMillis());
                assertThat(thread.isAlive()).isFalse();
            }
            race.interrupter.close();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(pool.idleConnections()).isEqualTo(8));
            PoolStats stats = pool.stats();
            System.out.println("Interrupt race" + (LANES ? ", shared lanes: " : ": ") + CANCELS
                    + " interrupts and deadlines, " + CALLERS + " callers, "
                    + kind
                    + " threads, seed " + SEED + ": " + race.interrupted + " ended by an interrupt, " + race.late
                    + " by a deadline, " + race.completed + " completed before; stray 57014 " + race.stray
                    + ", wrong answers " + race.wrong + ", other failures " + race.failures.size() + ", sessions lost "
                    + (stats.opened() - 8) + ", connections leaked " + stats.activeConnections());
            assertThat(race.failures).isEmpty();
            assertThat(race.stray).hasValue(0);
            assertThat(race.wrong).hasValue(0);
            assertThat(race.interrupted.get()).isPositive();
            assertThat(race.late.get()).isPositive();
            assertThat(stats.opened()).as("sessions lost").isEqualTo(8);
            assertThat(stats.activeConnections()).isZero();
            assertThat(stats.acquired()).isEqualTo(stats.released());
        }
    }

    /** Rounds of one statement that is to be ended about when it completes, and one that nobody may hit. */
    private static final class Race {

        final Interrupter interrupter = new Interrupter();
        final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        final AtomicInteger started = new AtomicInteger();
        final AtomicInteger interrupted = new AtomicInteger();
        final AtomicInteger late = new AtomicInteger();
        final AtomicInteger completed = new AtomicInteger();
        final AtomicInteger stray = new AtomicInteger();
        final AtomicInteger wrong = new AtomicInteger();

        void run(PgPool pool, Random random) {
            while (started.getAndIncrement() < CANCELS) {
                try {
                    round(pool, random);
                    completed.incrementAndGet();
                } catch (QueryTimeoutException e) {
                    late.incrementAndGet();
                } catch (QueryCancelledException e) {
                    interrupted.incrementAndGet();
                } catch (Throwable e) {
                    failures.add(e);
                }
                innocent(pool, random);
            }
        }

        private void round(PgPool pool, Random random) {
            String sql = random.nextBoolean() ? "select $1::int, pg_sleep(0.001)" : "select $1::int";
            int micros = random.nextInt(sql.contains("sleep") ? 2_000 : 500);
            int nonce = random.nextInt();
            Query query = Query.of(sql, nonce);
            if (random.nextBoolean()) {
                ask(pool, random, query.timeout(Duration.ofNanos(1 + micros * 1_000L)), nonce);
                return;
            }
            try (var window = interrupter.interruptAfter(micros * 1_000L)) {
                ask(pool, random, query, nonce);
            }
        }

        /** Through the pool, on a connection of one's own, or in a transaction. */
        private void ask(PgPool pool, Random random, Query query, int nonce) {
            int way = random.nextInt(4);
            if (way == 0) {
                try (PgConnection connection = pool.checkoutConnection()) {
                    check(connection.fetchOne(query), nonce);
                    check(connection.fetchOne("select $1::int", nonce), nonce);
                }
            } else if (way == 1) {
                pool.useTransaction(tx -> {
                    check(tx.fetchOne(query), nonce);
                    check(tx.fetchOne("select $1::int", nonce), nonce);
                });
            } else {
                check(pool.fetchOne(query), nonce);
            }
        }

        private void innocent(PgPool pool, Random random) {
            int nonce = random.nextInt();
            try {
                check(pool.fetchOne("select $1::int", nonce), nonce);
            } catch (QueryCancelledException | QueryTimeoutException e) {
                stray.incrementAndGet();
                failures.add(e);
            } catch (Throwable e) {
                failures.add(e);
            }
        }

        private void check(Row row, int nonce) {
            if (row.getInt(0) != nonce) {
                wrong.incrementAndGet();
            }
        }
    }
}
