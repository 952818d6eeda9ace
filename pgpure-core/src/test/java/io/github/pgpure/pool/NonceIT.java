package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.Row;
import io.github.pgpure.Rows;
import io.github.pgpure.test.Interrupter;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many callers share a few connections, each asks for a number that nobody else has asked for, and gets that one and no other, while
 * deadlines and interrupts end some of the statements.
 *
 * <p>{@code -Dpgpure.race.queries=1000000} makes it a long run; {@code -Dpgpure.race.seed} repeats one,
 * {@code -Dpgpure.race.lanes=false} does without shared lanes.
 */
class NonceIT {

    private static final int CALLERS = 64;
    private static final int CONNECTIONS = 8;
    private static final int QUERIES = Integer.getInteger("pgpure.race.queries", 20_000);
    private static final boolean LANES =
            !System.getProperty("pgpure.race.lanes", "").equals("false");
    private static final long SEED =
            Long.getLong("pgpure.race.seed", ThreadLocalRandom.current().nextLong());

    private final AtomicLong started = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong mismatches = new AtomicLong();
    private final AtomicLong timedOut = new AtomicLong();
    private final AtomicLong cancelled = new AtomicLong();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void everybodyGetsTheirOwnAnswer(ThreadKind kind) throws Exception {
        PgPoolOptions options = PgPoolOptions.builder()
                .maxConnections(CONNECTIONS)
                .sharedLanes(LANES)
                .acquireTimeout(Duration.ofSeconds(60))
                .name("nonce")
                .build();
        long begin = System.nanoTime();
        PoolStats stats;
        try (PgPool pool = PgPool.open(
                        PgConnectOptions.parse(PostgresServer.shared().uri()), options);
                var interrupter = new Interrupter()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                long caller = i;
                threads.add(kind.start(() -> call(pool, interrupter, caller)));
            }
            for (Thread thread : threads) {
                thread.join(TimeUnit.HOURS.toMillis(1));
                assertThat(thread.isAlive()).as("a caller hangs").isFalse();
            }
            Awaitility.await().untilAsserted(() -> {
                assertThat(pool.stats().activeConnections()).isZero();
                assertThat(pool.idleConnections()).isEqualTo(pool.stats().totalConnections());
            });
            stats = pool.stats();
        }
        System.out.printf(
                "Nonces%s: %d queries by %d callers on %s threads in %d s, seed %d: %d answered, %d wrong answers, %d ended by their"
                        + " deadline, %d by an interrupt, %d failed otherwise, %d connections lost%n",
                LANES ? ", shared lanes" : "",
                QUERIES,
                CALLERS,
                kind,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
                SEED,
                answered.get(),
                mismatches.get(),
                timedOut.get(),
                cancelled.get(),
                failures.size(),
                stats.closed());
        assertThat(mismatches).hasValue(0);
        assertThat(failures).isEmpty();
        assertThat(answered.get() + timedOut.get() + cancelled.get()).isEqualTo(QUERIES);
        assertThat(timedOut.get() + cancelled.get()).isPositive();
        assertThat(stats.closed()).as("connections lost").isZero();
    }

    private void call(PgPool pool, Interrupter interrupter, long caller) {
        var random = new Random(SEED + caller);
        long number = caller << 40;
        while (started.getAndIncrement() < QUERIES) {
            long nonce = ++number;
            int kind = random.nextInt(40);
            try {
                if (kind == 0) {
                    Duration limit = Duration.ofNanos(100_000 + random.nextInt(3_000_000));
                    check(nonce, pool.fetch(Query.of(slow(random), nonce).timeout(limit)));
                } else if (kind == 1) {
                    try (var window = interrupter.interruptAfter(random.nextInt(3_000_000))) {
                        check(nonce, pool.fetch(slow(random), nonce));
                    }
                } else {
                    check(nonce, ask(pool, nonce, kind));
                }
                answered.incrementAndGet();
            } catch (QueryTimeoutException e) {
                timedOut.incrementAndGet();
                expected(kind == 0, e);
            } catch (QueryCancelledException e) {
                cancelled.incrementAndGet();
                expected(kind == 1, e);
            } catch (Throwable e) {
                failures.add(e);
            }
        }
    }

    /** A statement that takes about as long as it gets, or is nearly over. */
    private static String slow(Random random) {
        return random.nextBoolean() ? "select $1::int8, pg_sleep(0.001)" : "select $1::int8";
    }

    private static Rows ask(PgPool pool, long nonce, int kind) {
        return switch (kind % 4) {
            case 0 -> pool.fetch("select $1::int8 from generate_series(1, 5)", nonce);
            case 1 -> pool.fetch("select $1::int8, $2::text", nonce, "x".repeat((int) (nonce % 500)));
            case 2 -> pool.fetch(Query.of("select :nonce::int8").bind("nonce", nonce));
            default -> pool.fetch("select $1::int8", nonce);
        };
    }

    private void check(long nonce, Rows rows) {
        for (Row row : rows) {
            if (row.getLong(0) != nonce) {
                mismatches.incrementAndGet();
            }
        }
        if (rows.isEmpty()) {
            mismatches.incrementAndGet();
        }
    }

    /** Whoever was neither interrupted nor late was hit by what was meant for somebody else. */
    private void expected(boolean own, Throwable e) {
        if (!own) {
            failures.add(e);
        }
    }
}
