package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.connection.PgConnection;
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
 * <p>{@code -Dpgpure.race.cancels=100000} makes it a long run; {@code -Dpgpure.race.seed} repeats one.
 */
class CancelRaceIT {

    private static final int CANCELS = Integer.getInteger("pgpure.race.cancels", 2_000);
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
                        Thread.onSpinWait();
                    }
                }
            });
            Thread caller = kind.start(() -> {
                try {
                    for (int i = 0; i < CANCELS; i++) {
                        sleeping.set(true);
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
            });
            caller.join(Duration.ofMinutes(10).toMillis());
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
        int callers = 16;
        System.out.println("Interrupt race: " + CANCELS + " interrupts and deadlines, " + callers + " callers, " + kind
                + ", seed " + SEED);
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var ended = new AtomicInteger();
        var started = new AtomicInteger();
        PgConnectOptions options =
                PgConnectOptions.parse(PostgresServer.shared().uri());
        try (PgPool pool = PgPool.open(
                options,
                PgPoolOptions.builder()
                        .maxConnections(8)
                        .name("race")
                        .acquireTimeout(Duration.ofSeconds(60))
                        .build())) {
            Awaitility.await().until(() -> pool.stats().totalConnections() == 8);
            List<Thread> threads = new ArrayList<>();
            for (int c = 0; c < callers; c++) {
                var random = new Random(SEED + c);
                threads.add(kind.start(() -> {
                    while (started.getAndIncrement() < CANCELS) {
                        try {
                            oneRound(pool, random, ended);
                        } catch (Throwable e) {
                            failures.add(e);
                        }
                        Thread.interrupted();
                        // The innocent, through the same pool.
                        int nonce = random.nextInt();
                        try {
                            if (pool.fetchOne("select $1::int", nonce).getInt(0) != nonce) {
                                failures.add(new AssertionError("a wrong answer"));
                            }
                        } catch (Throwable e) {
                            failures.add(e);
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join(Duration.ofMinutes(10).toMillis());
                assertThat(thread.isAlive()).isFalse();
            }
            assertThat(failures).isEmpty();
            assertThat(ended.get()).isPositive();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(pool.idleConnections()).isEqualTo(8));
            PoolStats stats = pool.stats();
            assertThat(stats.opened()).as("sessions lost").isEqualTo(8);
            assertThat(stats.activeConnections()).isZero();
            System.out.println("  " + ended + " were ended early; sessions opened in all: " + stats.opened());
        }
    }

    /** A statement that takes about as long as it is given. */
    private static void oneRound(PgPool pool, Random random, AtomicInteger ended) {
        int micros = 200 + random.nextInt(1_500);
        if (random.nextBoolean()) {
            try {
                pool.fetch(Query.of("select pg_sleep($1)", 0.001).timeout(Duration.ofNanos(micros * 1_000L)));
            } catch (QueryTimeoutException e) {
                ended.incrementAndGet();
            }
            return;
        }
        Thread caller = Thread.currentThread();
        var done = new AtomicBoolean();
        Thread interrupter = ThreadKind.PLATFORM.start(() -> {
            LockSupport.parkNanos(micros * 1_000L);
            synchronized (done) {
                if (!done.get()) {
                    caller.interrupt();
                }
            }
        });
        try {
            pool.fetch("select pg_sleep($1)", 0.001);
        } catch (QueryCancelledException e) {
            ended.incrementAndGet();
        } finally {
            synchronized (done) {
                done.set(true);
            }
        }
        Thread.interrupted();
        try {
            interrupter.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
