package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultTable;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thousands of callers in line for a few connections. */
@Tag("fault")
@Timeout(180)
class PoolFairnessIT {

    /** Less than this is used while nothing happens. */
    private static final double CPU_OF_A_CORE = 0.05;

    @Test
    void thousandsWaitInLineWithoutOvertakingOrBurningTime() throws Exception {
        boolean virtual = Runtime.version().feature() >= 21;
        int callers = virtual ? 10_000 : 1_000;
        int connections = 10;
        try (PoolFixture fixture = new PoolFixture()) {
            PgPool pool =
                    fixture.open(fixture.options(connections, connections).acquireTimeout(Duration.ofSeconds(120)));
            List<PgConnection> held = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                held.add(pool.checkoutConnection());
            }
            long[] waited = new long[callers];
            int[] servedAs = new int[callers];
            var served = new AtomicInteger();
            var done = new CountDownLatch(callers);
            Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
            ExecutorService executor = PoolFixture.virtualThreads();
            for (int i = 0; i < callers; i++) {
                int caller = i;
                executor.execute(() -> {
                    long start = System.nanoTime();
                    try (PgConnection connection = pool.checkoutConnection()) {
                        servedAs[caller] = served.getAndIncrement();
                        waited[caller] = System.nanoTime() - start;
                        connection.fetchOne("select 1");
                    } catch (Throwable t) {
                        unexpected.add(t);
                    } finally {
                        done.countDown();
                    }
                });
                while (pool.waitingTasks() <= caller) {
                    Thread.onSpinWait(); // each is in line before the next one comes
                }
            }
            var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            double cpu = Double.MAX_VALUE;
            // While all of them wait. The least of several: the JVM still compiles what had them get in line.
            for (int i = 0; i < 10 && cpu >= CPU_OF_A_CORE; i++) {
                long cpuBefore = system.getProcessCpuTime();
                long from = System.nanoTime();
                new CountDownLatch(1).await(1, TimeUnit.SECONDS);
                cpu = Math.min(cpu, (double) (system.getProcessCpuTime() - cpuBefore) / (System.nanoTime() - from));
            }
            long start = System.nanoTime();
            held.forEach(PgConnection::close);
            assertThat(done.await(120, TimeUnit.SECONDS)).isTrue();
            long took = (System.nanoTime() - start) / 1_000_000;
            executor.shutdown();
            int furthest = 0;
            for (int i = 0; i < callers; i++) {
                furthest = Math.max(furthest, Math.abs(servedAs[i] - i));
            }
            long[] sorted = waited.clone();
            Arrays.sort(sorted);
            FaultTable.record(
                    7,
                    callers + (virtual ? " virtual threads on " : " platform threads (no virtual ones on this JDK) on ")
                            + connections + " connections",
                    "CPU while all wait %.1f %% of a core; served out of turn by at most %d places (of %d that run at once); done in %d ms,"
                            + " wait p50 %d ms, p99.9 %d ms",
                    cpu * 100,
                    furthest,
                    connections,
                    took,
                    sorted[callers / 2] / 1_000_000,
                    sorted[(int) (callers * 0.999)] / 1_000_000);
            assertThat(unexpected).isEmpty();
            assertThat(cpu).isLessThan(CPU_OF_A_CORE);
            // Handed over in order; what the scheduler makes of ten threads that were woken is not the pool's.
            assertThat(furthest).isLessThan(1_000);
            await().until(() -> pool.idleConnections() == connections);
        }
    }

    @Test
    void connectionsAreHandedOverInTheExactOrderOfArrival() throws Exception {
        boolean virtual = Runtime.version().feature() >= 21;
        int callers = virtual ? 10_000 : 1_000;
        int connections = 10;
        try (PoolFixture fixture = new PoolFixture()) {
            PgPool pool =
                    fixture.open(fixture.options(connections, connections).acquireTimeout(Duration.ofSeconds(120)));
            Deque<PgConnection> held = new ArrayDeque<>();
            for (int i = 0; i < connections; i++) {
                held.add(pool.checkoutConnection());
            }
            String[] names = new String[callers];
            List<CompletableFuture<PgConnection>> taken = new ArrayList<>();
            ExecutorService executor = PoolFixture.virtualThreads();
            for (int i = 0; i < callers; i++) {
                int caller = i;
                var one = new CompletableFuture<PgConnection>();
                taken.add(one);
                executor.execute(() -> {
                    names[caller] = PoolReport.name(Thread.currentThread());
                    try {
                        one.complete(pool.checkoutConnection());
                    } catch (Throwable t) {
                        one.completeExceptionally(t);
                    }
                });
                while (pool.waitingTasks() <= caller) {
                    Thread.onSpinWait(); // each is in line before the next one comes
                }
            }
            int inversions = 0;
            for (int i = 0; i < callers; i++) {
                PgConnection returned = held.remove();
                int backend = returned.backendPid();
                returned.close();
                // Whose it is now was decided when it was returned, whenever that thread comes to run.
                String holder = pool.connectionsInUse().stream()
                        .filter(use -> use.backendPid() == backend)
                        .map(ConnectionUse::holder)
                        .findFirst()
                        .orElse("nobody");
                inversions += holder.equals(names[i]) ? 0 : 1;
                held.add(taken.get(i).get(60, TimeUnit.SECONDS));
            }
            held.forEach(PgConnection::close);
            executor.shutdown();
            FaultTable.record(
                    7,
                    callers + " callers in line for " + connections + " connections, by who holds each at its return",
                    "%d inversions",
                    inversions);
            assertThat(inversions).isZero();
        }
    }

    @Test
    void oneConnectionServesInTheExactOrderOfArrival() throws Exception {
        int callers = 500;
        try (PoolFixture fixture = new PoolFixture()) {
            PgPool pool = fixture.open(fixture.options(1, 1).acquireTimeout(Duration.ofSeconds(60)));
            List<Integer> order = java.util.Collections.synchronizedList(new ArrayList<>());
            ExecutorService executor = PoolFixture.virtualThreads();
            try (PgConnection held = pool.checkoutConnection()) {
                for (int i = 0; i < callers; i++) {
                    int caller = i;
                    executor.execute(() -> {
                        try (PgConnection connection = pool.checkoutConnection()) {
                            order.add(caller);
                        }
                    });
                    while (pool.waitingTasks() <= caller) {
                        Thread.onSpinWait();
                    }
                }
            }
            executor.shutdown();
            assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            assertThat(order).hasSize(callers).isSorted();
            FaultTable.record(7, callers + " callers in line for 1 connection", "0 inversions");
        }
    }
}
