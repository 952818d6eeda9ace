package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.pgpure.PgException;
import io.github.pgpure.Query;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.FaultTable;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A long time with a fault every now and then: nothing may grow, and what the pool says it has is what the server has. {@code
 * -Dpgpure.test.soak=1800} makes it run for half an hour, with a fault each 20 s.
 */
@Tag("fault")
@Timeout(3600)
class PoolSoakIT {

    private static final int SECONDS = Integer.getInteger("pgpure.test.soak", 24);
    private static final int FAULT_EVERY_SECONDS = SECONDS >= 600 ? 20 : 3;

    @Test
    void nothingGrows() throws Exception {
        long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
        System.out.println("PoolSoakIT: -Dpgpure.test.seed=" + seed);
        var random = new Random(seed);
        try (PoolFixture fixture = new PoolFixture();
                FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                PgPool pool = PgPool.open(
                        fixture.connectOptions()
                                .host("localhost")
                                .port(link.port())
                                .build(),
                        fixture.options(2, 8)
                                .maxLifetime(Duration.ofSeconds(5))
                                .idleTimeout(Duration.ofSeconds(2))
                                .keepaliveInterval(Duration.ofSeconds(1))
                                .build())) {
            var warmUp = new Load(pool);
            await().until(() -> warmUp.succeeded.sum() > 1_000);
            warmUp.stop();
            awaitRest(pool, fixture);
            long heapBefore = heap();
            long filesBefore = openFiles();
            var load = new Load(pool);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            int faults = 0;
            while (System.nanoTime() < end) {
                switch (random.nextInt(6)) {
                    case 0 -> fixture.terminateAll();
                    case 1 -> link.cutWithRst();
                    case 2 -> link.cutWithFin();
                    case 3 -> link.swallow();
                    case 4 -> pool.softEvict();
                    default -> link.delay(20);
                }
                faults++;
                // The pace is what is asked for.
                new CountDownLatch(1).await(FAULT_EVERY_SECONDS, TimeUnit.SECONDS);
                link.heal();
            }
            load.stop();
            link.endSwallowed();
            awaitRest(pool, fixture);
            long heapAfter = heap();
            long filesAfter = openFiles();
            FaultTable.record(
                    14,
                    SECONDS + " s, " + faults + " faults, seed " + seed,
                    "%d calls succeeded, %d failed; connections = pg_stat_activity; heap %.1f MB before, %.1f MB after; open files %d, %d",
                    load.succeeded.sum(),
                    load.failed.sum(),
                    heapBefore / 1e6,
                    heapAfter / 1e6,
                    filesBefore,
                    filesAfter);
            assertThat(load.unexpected).isEmpty();
            assertThat(heapAfter).isLessThan(heapBefore + 20_000_000);
            assertThat(filesAfter).isLessThan(filesBefore + 10);
        }
    }

    /** As few connections as without load, so that two such moments can be compared. */
    private static void awaitRest(PgPool pool, PoolFixture fixture) {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            PoolStats stats = pool.stats();
            assertThat(stats.activeConnections()).isZero();
            assertThat(stats.openingConnections()).isZero();
            assertThat(stats.totalConnections()).isEqualTo(stats.minIdle());
            assertThat(stats.opened() - stats.closed()).isEqualTo(stats.totalConnections());
            assertThat(fixture.backends()).isEqualTo(pool.stats().totalConnections());
        });
    }

    /** Six callers who want one thing after the other. */
    private static final class Load {

        final LongAdder succeeded = new LongAdder();
        final LongAdder failed = new LongAdder();
        final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
        private final CountDownLatch stop = new CountDownLatch(1);
        private final List<Thread> callers = new ArrayList<>();

        Load(PgPool pool) {
            for (int i = 0; i < 6; i++) {
                var caller = new Thread(() -> {
                    while (stop.getCount() > 0) {
                        call(pool);
                    }
                });
                callers.add(caller);
                caller.start();
            }
        }

        private void call(PgPool pool) {
            try {
                pool.fetch(Query.of("select pg_sleep(0.002), repeat('x', 1000)").timeout(Duration.ofSeconds(1)));
                succeeded.increment();
            } catch (PgException e) {
                failed.increment();
            } catch (Throwable t) {
                unexpected.add(t);
            }
        }

        void stop() throws InterruptedException {
            stop.countDown();
            for (Thread caller : callers) {
                caller.join();
            }
        }
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
    }
}
