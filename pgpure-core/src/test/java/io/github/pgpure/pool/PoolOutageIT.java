package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultTable;
import io.github.pgpure.test.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** How quickly a pool is there again, and how it behaves while the server is not. */
@Tag("fault")
@Timeout(300)
class PoolOutageIT {

    private static final int OUTAGE_SECONDS = Integer.getInteger("pgpure.test.outage", 4);

    @Test
    void firstSuccessComesSoonAfterTheServerAcceptsAgainAndAttemptsAreBounded() throws Exception {
        try (PostgresServer server = PostgresServer.start();
                PoolFixture fixture = new PoolFixture(server)) {
            PgPool pool = fixture.open(fixture.options(8, 8).acquireTimeout(Duration.ofSeconds(1)));
            var stop = new CountDownLatch(1);
            var lastSuccess = new AtomicLong();
            var firstSuccessSinceOutage = new CompletableFuture<Long>();
            var outage = new CountDownLatch(1);
            Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                callers.add(new Thread(() -> {
                    while (stop.getCount() > 0) {
                        boolean began = outage.getCount() == 0;
                        try {
                            pool.fetchOne("select 1");
                            lastSuccess.set(System.nanoTime());
                            if (began) {
                                firstSuccessSinceOutage.complete(System.nanoTime());
                            }
                        } catch (PgException e) {
                            // what an outage is
                        } catch (Throwable t) {
                            unexpected.add(t);
                        }
                    }
                }));
            }
            callers.forEach(Thread::start);
            await().until(() -> lastSuccess.get() != 0);
            server.kill();
            long failedBefore = pool.stats().openFailures();
            outage.countDown();
            // The outage itself is the time that is measured: nothing else to wait for.
            new CountDownLatch(1).await(OUTAGE_SECONDS, TimeUnit.SECONDS);
            long attempts = pool.stats().openFailures() - failedBefore;
            var accepts = new CompletableFuture<Long>();
            new Thread(() -> accepts.complete(firstConnection(server))).start();
            server.startAgain();
            long accepted = accepts.get(30, TimeUnit.SECONDS);
            long success = firstSuccessSinceOutage.get(30, TimeUnit.SECONDS);
            await().pollInterval(Duration.ofMillis(1)).until(() -> pool.stats().totalConnections() == 8);
            long full = System.nanoTime();
            stop.countDown();
            for (Thread caller : callers) {
                caller.join();
            }
            FaultTable.record(
                    3,
                    "server killed, outage of " + OUTAGE_SECONDS + " s, pool of 8",
                    "%d attempts to connect; first success %d ms, full size %d ms after the server accepted",
                    attempts,
                    (success - accepted) / 1_000_000,
                    (full - accepted) / 1_000_000);
            assertThat(unexpected).isEmpty();
            assertThat(attempts).isBetween((long) OUTAGE_SECONDS, OUTAGE_SECONDS * 8L + 16);
            assertThat(success - accepted).isLessThan(TimeUnit.SECONDS.toNanos(3));
            assertThat(full - accepted).isLessThan(TimeUnit.SECONDS.toNanos(4));
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void callsKeepTheirDeadlinesWhileTheServerIsFrozenAndThePoolIsHealthyAfterwards() throws Exception {
        try (PostgresServer server = PostgresServer.start();
                PoolFixture fixture = new PoolFixture(server)) {
            PgPool pool = fixture.open(fixture.options(4, 4));
            int backend = pool.fetchOne("select pg_backend_pid()").getInt(0);
            ProcessHandle postmaster =
                    ProcessHandle.of(backend).flatMap(ProcessHandle::parent).orElseThrow();
            Query query = Query.of("select 1").timeout(Duration.ofMillis(500));
            signal(postmaster, "-STOP");
            List<CompletableFuture<Long>> calls = new ArrayList<>();
            Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
            long start = System.nanoTime();
            for (int i = 0; i < 8; i++) {
                calls.add(CompletableFuture.supplyAsync(
                        () -> {
                            long longest = 0;
                            while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(OUTAGE_SECONDS)) {
                                long called = System.nanoTime();
                                try {
                                    pool.fetchOne(query);
                                    unexpected.add(new AssertionError("a frozen server has answered"));
                                } catch (QueryTimeoutException e) {
                                    longest = Math.max(longest, System.nanoTime() - called);
                                } catch (Throwable t) {
                                    unexpected.add(t);
                                    longest = Math.max(longest, System.nanoTime() - called);
                                }
                            }
                            return longest;
                        },
                        command -> new Thread(command).start()));
            }
            long longest = 0;
            for (CompletableFuture<Long> call : calls) {
                longest = Math.max(longest, call.get(OUTAGE_SECONDS + 30, TimeUnit.SECONDS));
            }
            signal(postmaster, "-CONT");
            long thawed = System.nanoTime();
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            long success = System.nanoTime() - thawed;
            FaultTable.record(
                    4,
                    "server frozen for " + OUTAGE_SECONDS + " s, calls with a deadline of 500 ms",
                    "the longest one took %d ms; success %d ms after the thaw",
                    longest / 1_000_000,
                    success / 1_000_000);
            assertThat(unexpected).isEmpty();
            assertThat(longest).isLessThan(TimeUnit.SECONDS.toNanos(3));
            assertThat(success).isLessThan(TimeUnit.SECONDS.toNanos(8));
            await().until(() -> pool.idleConnections() == 4);
            await().until(() -> fixture.backends() == 4);
        }
    }

    static void signal(ProcessHandle postmaster, String signal) throws Exception {
        assertThat(kill(signal, List.of(postmaster))).isZero();
        // Any of these may have ended since it was looked up, which kill calls a failure.
        kill(signal, postmaster.descendants().toList());
    }

    private static int kill(String signal, List<ProcessHandle> processes) throws Exception {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        return processes.isEmpty() ? 0 : new ProcessBuilder(command).start().waitFor();
    }

    private static long firstConnection(PostgresServer server) {
        while (true) {
            try {
                server.adminConnection(server.database()).close();
                return System.nanoTime();
            } catch (SQLException e) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void coldBurstTakesAboutAsLongAsRawConnects() throws Exception {
        int burst = 64;
        try (PostgresServer server = PostgresServer.start();
                PoolFixture fixture = new PoolFixture(server)) {
            raw(fixture, burst); // warms up both sides
            long raw = raw(fixture, burst);
            await().until(() -> fixture.backends() == 0);
            PgPool pool = fixture.open(fixture.options(1, burst));
            List<PgConnection> held = new ArrayList<>();
            long start = System.nanoTime();
            for (CompletableFuture<PgConnection> one : all(burst, pool::checkoutConnection)) {
                held.add(one.get(30, TimeUnit.SECONDS));
            }
            long pooled = System.nanoTime() - start;
            held.forEach(PgConnection::close);
            FaultTable.record(
                    8,
                    "cold burst of " + burst + " acquires",
                    "%d ms; as many raw connects at once took %d ms, which makes %.2f times",
                    pooled / 1_000_000,
                    raw / 1_000_000,
                    (double) pooled / raw);
            assertThat(pooled).isLessThan(4 * raw + TimeUnit.SECONDS.toNanos(3));
            assertThat(pool.stats().totalConnections()).isEqualTo(burst);
        }
    }

    private static long raw(PoolFixture fixture, int count) throws Exception {
        var options = fixture.connectOptions().build();
        long start = System.nanoTime();
        List<PgConnection> opened = new ArrayList<>();
        for (CompletableFuture<PgConnection> one : all(count, () -> PgConnection.open(options))) {
            opened.add(one.get(30, TimeUnit.SECONDS));
        }
        long took = System.nanoTime() - start;
        opened.forEach(PgConnection::close);
        return took;
    }

    private static List<CompletableFuture<PgConnection>> all(
            int count, java.util.function.Supplier<PgConnection> supplier) {
        List<CompletableFuture<PgConnection>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            var one = new CompletableFuture<PgConnection>();
            all.add(one);
            new Thread(() -> {
                        try {
                            one.complete(supplier.get());
                        } catch (Throwable t) {
                            one.completeExceptionally(t);
                        }
                    })
                    .start();
        }
        return all;
    }
}
