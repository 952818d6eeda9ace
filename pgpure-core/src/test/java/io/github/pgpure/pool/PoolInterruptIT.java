package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultTable;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random interrupts of some callers while they acquire, query and release: nothing leaks, and those who are not interrupted never
 * notice. {@code -Dpgpure.test.scale=20} makes it run that much longer.
 */
@Timeout(600)
class PoolInterruptIT {

    private static final int CALLERS = 24;
    private static final int VICTIMS = 12;

    private final int interrupts = 1_000 * Integer.getInteger("pgpure.test.scale", 1);
    private PoolFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
    }

    @AfterEach
    void tearDown() {
        fixture.close();
    }

    @Test
    void platformThreads() throws Exception {
        storm(Executors.newFixedThreadPool(CALLERS));
    }

    @Test
    void virtualThreads() throws Exception {
        storm(PoolFixture.virtualThreads());
    }

    private void storm(ExecutorService executor) throws Exception {
        long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
        System.out.println("PoolInterruptIT: -Dpgpure.test.seed=" + seed);
        PgPool pool = fixture.open(fixture.options(1, 6));
        var running = new AtomicReferenceArray<Thread>(CALLERS);
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var succeeded = new AtomicInteger();
        var cancelled = new AtomicInteger();
        var timedOut = new AtomicInteger();
        var stop = new CountDownLatch(1);
        for (int i = 0; i < CALLERS; i++) {
            int caller = i;
            var random = new Random(seed + i);
            executor.execute(() -> {
                running.set(caller, Thread.currentThread());
                while (stop.getCount() > 0) {
                    try {
                        call(pool, random);
                        succeeded.incrementAndGet();
                    } catch (QueryCancelledException e) {
                        cancelled.incrementAndGet();
                        if (caller >= VICTIMS) {
                            failures.add(e);
                        }
                    } catch (QueryTimeoutException e) {
                        timedOut.incrementAndGet();
                    } catch (Throwable t) {
                        failures.add(t);
                    }
                    Thread.interrupted();
                }
            });
        }
        var random = new Random(seed - 1);
        for (int i = 0; i < interrupts && failures.isEmpty(); i++) {
            Thread victim = running.get(random.nextInt(VICTIMS));
            if (victim != null) {
                victim.interrupt();
            }
            LockSupport.parkNanos(random.nextInt(2_000_000));
        }
        stop.countDown();
        executor.shutdown();
        assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        FaultTable.record(
                9,
                interrupts + " interrupts of 12 of 24 callers, seed " + seed,
                "%d calls succeeded, %d ended by interrupt, %d by their deadline, %d failed otherwise; %d connections lost",
                succeeded.get(),
                cancelled.get(),
                timedOut.get(),
                failures.size(),
                pool.stats().closed());
        System.out.println("PoolInterruptIT: " + succeeded + " succeeded, " + cancelled + " cancelled, " + timedOut
                + " timed out, " + pool.stats());
        assertThat(failures).as("seed %d", seed).isEmpty();
        assertThat(cancelled).hasPositiveValue();
        await().untilAsserted(() -> {
            PoolStats stats = pool.stats();
            assertThat(stats.activeConnections()).isZero();
            assertThat(stats.waitingTasks()).isZero();
            assertThat(stats.openingConnections()).isZero();
            assertThat(stats.idleConnections()).isEqualTo(stats.totalConnections());
            assertThat(stats.acquired()).isEqualTo(stats.released());
            assertThat(fixture.backends()).isEqualTo(stats.totalConnections());
        });
        assertThat(pool.stats().closed()).as("connections that did not survive").isZero();
        assertThat(fixture.warnings()).isEmpty();
    }

    private static void call(PgPool pool, Random random) {
        int value = random.nextInt();
        switch (random.nextInt(5)) {
            case 0 ->
                pool.useTransaction(tx -> {
                    assertThat(tx.fetchOne("select $1::int4", value).getInt(0)).isEqualTo(value);
                    assertThat(tx.fetchOne("select $1::int4", value + 1).getInt(0))
                            .isEqualTo(value + 1);
                });
            case 1 -> {
                try (PgConnection connection = pool.checkoutConnection()) {
                    assertThat(connection
                                    .fetchOne("select $1::int4, pg_sleep(0.001)", value)
                                    .getInt(0))
                            .isEqualTo(value);
                }
            }
            case 2 -> {
                // Ends around its deadline, and must not hit whoever comes next.
                Query query =
                        Query.of("select $1::int4, pg_sleep(0.003)", value).timeout(Duration.ofMillis(4));
                assertThat(pool.fetchOne(query).getInt(0)).isEqualTo(value);
            }
            default ->
                assertThat(pool.fetchOne("select $1::int4", value).getInt(0)).isEqualTo(value);
        }
    }
}
