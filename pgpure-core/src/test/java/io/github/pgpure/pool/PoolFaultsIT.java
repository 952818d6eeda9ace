package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.FaultTable;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.Proxies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Backends that are ended, links that are cut, slow or dead, and what the pool makes of the server's refusals. */
@Tag("fault")
@Timeout(180)
class PoolFaultsIT {

    private PoolFixture fixture;
    private final ExecutorService executor = Executors.newCachedThreadPool();

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
    }

    @AfterEach
    void tearDown() {
        executor.shutdownNow();
        fixture.close();
    }

    @Test
    void idleTimeoutOfPgBouncerCostsNoFailedCall() throws Exception {
        String fault = "PgBouncer (session) closes all clients after 1 s without use, 3 times";
        assumeTrue(FaultTable.canRun(1, fault, Proxies.hasPgBouncer(), "pgbouncer"));
        try (Proxies bouncer =
                Proxies.pgBouncer(fixture.server, "session", "client_idle_timeout = 1", "server_idle_timeout = 1")) {
            idleTimeouts(fault, bouncer.port());
        }
    }

    @Test
    void idleTimeoutOfHaProxyCostsNoFailedCall() throws Exception {
        String fault = "HAProxy closes all links after 1 s without traffic, 3 times";
        assumeTrue(FaultTable.canRun(1, fault, Proxies.hasHaProxy(), "haproxy"));
        try (Proxies proxy = Proxies.haProxy(fixture.server, "1s")) {
            idleTimeouts(fault, proxy.port());
        }
    }

    private void idleTimeouts(String fault, int port) throws Exception {
        // Keep-alives would prevent what is tested, and housekeeping would replace the dead before they are asked for.
        try (PgPool pool = PgPool.open(
                through(port).build(),
                fixture.options(4, 4)
                        .keepaliveInterval(Duration.ZERO)
                        .idleTimeout(Duration.ZERO)
                        .build())) {
            int calls = 0;
            for (int round = 0; round < 3; round++) {
                await().until(() -> pool.idleConnections() == 4);
                // The time without use is the fault itself.
                new CountDownLatch(1).await(2500, TimeUnit.MILLISECONDS);
                for (CompletableFuture<Integer> call :
                        all(16, () -> pool.fetchOne("select 1").getInt(0))) {
                    assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo(1);
                    calls++;
                }
            }
            assertThat(pool.stats().closed()).isGreaterThanOrEqualTo(4);
            FaultTable.record(
                    1,
                    fault,
                    "0 of %d calls failed, %d connections replaced",
                    calls,
                    pool.stats().closed());
        }
    }

    @Test
    void transactionPoolingOfPgBouncerServesManyCallers() throws Exception {
        String fault =
                "PgBouncer (transaction): 16 callers on 3 server connections, its idle servers terminated 5 times";
        assumeTrue(FaultTable.canRun(1, fault, Proxies.hasPgBouncer(), "pgbouncer"));
        try (Proxies bouncer = Proxies.pgBouncer(fixture.server, "transaction", "default_pool_size = 3");
                PgPool pool = PgPool.open(
                        through(bouncer.port()).transactionPooling(true).build(),
                        fixture.options(8, 8).build())) {
            var calls = new AtomicInteger();
            for (int round = 0; round < 5; round++) {
                for (CompletableFuture<Integer> call : all(16, () -> {
                    for (int i = 0; i < 20; i++) {
                        int value = i;
                        assertThat(pool.fetchOne("select $1::int4", value).getInt(0))
                                .isEqualTo(value);
                        int successor = pool.inTransaction(
                                tx -> tx.fetchOne("select $1::int4 + 1", value).getInt(0));
                        assertThat(successor).isEqualTo(value + 1);
                        calls.addAndGet(2);
                    }
                    return 0;
                })) {
                    call.get(60, TimeUnit.SECONDS);
                }
                fixture.terminateAll();
            }
            FaultTable.record(1, fault, "0 of %d calls failed", calls.get());
        }
    }

    @Test
    void backendsTerminatedInUseCostTheCallsInFlightOnly() throws Exception {
        PgPool pool = fixture.open(fixture.options(8, 8));
        var stop = new CountDownLatch(1);
        Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
        Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
        var failed = new LongAdder();
        List<CompletableFuture<Integer>> callers = all(16, () -> {
            while (stop.getCount() > 0) {
                try {
                    pool.fetchOne("select pg_sleep(0.01)");
                    outcomes.computeIfAbsent("success", k -> new LongAdder()).increment();
                } catch (PgException e) {
                    failed.increment();
                    outcomes.computeIfAbsent(e.getClass().getSimpleName() + " " + e.outcome(), k -> new LongAdder())
                            .increment();
                } catch (Throwable t) {
                    unexpected.add(t);
                }
            }
            return 0;
        });
        int terminated = 0;
        for (int round = 0; round < 10; round++) {
            await().until(() ->
                    pool.stats().totalConnections() == 8 && pool.stats().openingConnections() == 0);
            terminated += fixture.terminateAll();
        }
        stop.countDown();
        for (CompletableFuture<Integer> caller : callers) {
            caller.get(30, TimeUnit.SECONDS);
        }
        FaultTable.record(
                2, "10 times all 8 backends terminated under 16 callers", "%d backends, %s", terminated, outcomes);
        assertThat(unexpected).isEmpty();
        assertThat(failed.sum()).isLessThanOrEqualTo(terminated);
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void cutLinksAreReplaced() throws Exception {
        for (boolean reset : new boolean[] {false, true}) {
            try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                    PgPool pool = PgPool.open(
                            through(link.port()).build(), fixture.options(4, 4).build())) {
                for (int round = 0; round < 5; round++) {
                    await().until(() -> pool.idleConnections() == 4);
                    if (reset) {
                        link.cutWithRst();
                    } else {
                        link.cutWithFin();
                    }
                    for (CompletableFuture<Integer> call :
                            all(8, () -> pool.fetchOne("select 1").getInt(0))) {
                        assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo(1);
                    }
                }
                FaultTable.record(
                        1, "5 times all 4 idle links cut with " + (reset ? "RST" : "FIN"), "0 of 40 calls failed");
            }
        }
    }

    @Test
    void halfOpenLinkIsFoundWithinOneDeadlineForAllConnections() throws Exception {
        for (int callers : new int[] {1, 4}) {
            try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                    PgPool pool = PgPool.open(
                            through(link.port()).build(),
                            fixture.options(10, 10).build())) {
                await().until(() -> pool.idleConnections() == 10);
                link.swallow(); // for ever; new connections are as good as any
                long start = System.nanoTime();
                CompletableFuture<Long> idleFound = CompletableFuture.supplyAsync(
                        () -> {
                            await().until(() -> pool.stats().closed() >= 10 - callers);
                            return (System.nanoTime() - start) / 1_000_000;
                        },
                        executor);
                timeOut(pool, callers);
                // The next ones have the same deadline, and wait at most for connections that are replaced.
                Query query = Query.of("select 1").timeout(Duration.ofMillis(500));
                for (int i = 0; i < 10; i++) {
                    assertThat(pool.fetchOne(query).getInt(0)).isEqualTo(1);
                }
                long served = (System.nanoTime() - start) / 1_000_000;
                long idle = idleFound.get(20, TimeUnit.SECONDS);
                await().until(() -> pool.stats().closed() == 10);
                long all = (System.nanoTime() - start) / 1_000_000;
                FaultTable.record(
                        5,
                        "link of 10 connections is half-open for ever, " + callers
                                + " callers at once with a deadline of 500 ms, then 10 more one after the other",
                        "the %d idle ones found dead after %d ms, all 10 after %d ms; no later call failed, the 10 done after %d ms",
                        10 - callers,
                        idle,
                        all,
                        served);
                // A machine with much else to do is given time, but less than a ping has.
                assertThat(idle).isLessThan(4_000);
                assertThat(all).isLessThan(8_000);
            }
        }
    }

    @Test
    void deadLinkIsLeftAsSoonAsTheServerAnswersNewConnections() throws Exception {
        try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                PgPool pool = PgPool.open(
                        through(link.port())
                                .connectTimeout(Duration.ofSeconds(10))
                                .build(),
                        fixture.options(10, 10).build())) {
            await().until(() -> pool.idleConnections() == 10);
            link.silence();
            timeOut(pool, 4);
            link.heal();
            long healed = System.nanoTime();
            await().until(() -> pool.stats().closed() == 10);
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            long found = (System.nanoTime() - healed) / 1_000_000;
            FaultTable.record(
                    5,
                    "link of 10 connections falls silent, and new connections pass after 500 ms",
                    "all 10 found dead %d ms after that",
                    found);
            assertThat(found).isLessThan(4_000);
        }
    }

    @Test
    void slowServerKeepsItsConnections() throws Exception {
        try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                PgPool pool = PgPool.open(
                        through(link.port()).build(), fixture.options(4, 4).build())) {
            await().until(() -> pool.idleConnections() == 4);
            link.delay(700);
            timeOut(pool, 1);
            await().until(() -> pool.idleConnections() == 4);
            assertThat(pool.stats().closed()).isZero();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aBackendWithoutAProcessorIsNotTakenForADeadLink() throws Exception {
        try (PgPool pool = PgPool.open(
                fixture.connectOptions().build(),
                fixture.options(4, 4).keepaliveInterval(Duration.ofMillis(50)).build())) {
            await().until(() -> pool.idleConnections() == 4);
            ProcessHandle backend =
                    ProcessHandle.of(pool.connections().get(3).backendPid()).orElseThrow();
            PoolOutageIT.signal(backend, "-STOP");
            try {
                // The server and its other backends answer at once, this one does not: the time is the fault itself.
                // Twice as long as several at once may be silent, and half as long as one may.
                new CountDownLatch(1).await(500, TimeUnit.MILLISECONDS);
            } finally {
                PoolOutageIT.signal(backend, "-CONT");
            }
            await().until(() -> pool.idleConnections() == 4);
            FaultTable.record(
                    5,
                    "one of 4 backends gets no processor for 500 ms, keep-alive each 50 ms",
                    "%d connections closed",
                    pool.stats().closed());
            assertThat(pool.stats().closed()).isZero();
        }
    }

    private void timeOut(PgPool pool, int callers) throws Exception {
        Query query = Query.of("select 1").timeout(Duration.ofMillis(500));
        for (CompletableFuture<Long> call : all(callers, () -> {
            long called = System.nanoTime();
            assertThatThrownBy(() -> pool.fetchOne(query)).isInstanceOf(QueryTimeoutException.class);
            return System.nanoTime() - called;
        })) {
            assertThat(call.get(20, TimeUnit.SECONDS)).isLessThan(TimeUnit.MILLISECONDS.toNanos(1_500));
        }
    }

    @Test
    void deadlineHoldsWhenTheServersAnswerTricklesIn() {
        try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                PgPool pool = PgPool.open(
                        through(link.port()).build(), fixture.options(1, 1).build())) {
            link.throttle(1);
            long start = System.nanoTime();
            assertThatThrownBy(() -> pool.fetch(Query.of("select 'abcdefghij' from generate_series(1, 100)")
                            .timeout(Duration.ofSeconds(2))))
                    .isInstanceOf(QueryTimeoutException.class);
            long millis = (System.nanoTime() - start) / 1_000_000;
            long connect = System.nanoTime();
            assertThatThrownBy(() -> PgConnection.open(through(link.port())
                            .connectTimeout(Duration.ofSeconds(2))
                            .build()))
                    .isInstanceOf(PgException.class);
            long connectMillis = (System.nanoTime() - connect) / 1_000_000;
            FaultTable.record(
                    6,
                    "1 byte per second from the server, deadline and connect timeout of 2 s",
                    "the call ended after %d ms, the connect after %d ms",
                    millis,
                    connectMillis);
            assertThat(millis).isBetween(1_900L, 3_000L);
            assertThat(connectMillis).isBetween(1_900L, 3_000L);
        }
    }

    @Test
    void splitAndDelayedBytesMakeNoDifference() {
        try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port())) {
            link.split(1);
            link.delay(5);
            try (PgPool pool = PgPool.open(
                    through(link.port()).build(), fixture.options(1, 1).build())) {
                assertThat(pool.fetch("select i, repeat('x', i) from generate_series(1, 100) i")
                                .size())
                        .isEqualTo(100);
            }
        }
    }

    @Test
    void missingDatabaseFailsFast() {
        String database = fixture.server.createDatabase("dropped_under_the_pool");
        try (PgPool pool = PgPool.open(
                PgConnectOptions.parse(fixture.server.uri(database)).toBuilder()
                        .applicationName(fixture.name)
                        .build(),
                fixture.options(1, 1).build())) {
            fixture.server.dropDatabase(database);
            long start = System.nanoTime();
            assertThatThrownBy(() -> pool.fetchOne("select 1")).hasMessageContaining("3D000");
            FaultTable.record(
                    10,
                    "3D000, the database is dropped",
                    "evicted; those who wait fail at once (%d ms), no attempts until somebody asks",
                    (System.nanoTime() - start) / 1_000_000);
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
        }
    }

    @Test
    void fullServerAndStartingServerAreTriedAgain() {
        for (String state : List.of("53300", "57P03")) {
            try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                    PgPool pool = PgPool.open(
                            through(link.port()).build(), fixture.options(1, 1).build())) {
                link.refuse(state, 3);
                link.cutWithFin();
                long start = System.nanoTime();
                assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
                assertThat(link.refusalsLeft()).isZero();
                FaultTable.record(
                        10,
                        state + " at the login, 3 times",
                        "tried again with growing pauses, no failed call; served after %d ms",
                        (System.nanoTime() - start) / 1_000_000);
            }
        }
    }

    @Test
    void fullDiskFailsTheCallAndKeepsTheConnection() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        pool.execute("create function pg_temp.fill() returns void language plpgsql as"
                + " $$ begin raise exception 'disk full' using errcode = '53100'; end $$");
        assertThatThrownBy(() -> pool.execute("select pg_temp.fill()"))
                .isInstanceOfSatisfying(PgServerException.class, e -> {
                    assertThat(e.sqlState()).isEqualTo("53100");
                    assertThat(e.outcome()).isEqualTo(Outcome.ROLLED_BACK);
                });
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        assertThat(pool.stats().closed()).isZero();
        FaultTable.record(10, "53100, the disk is full", "the call fails (ROLLED_BACK), the connection stays");
    }

    @Test
    void endedSessionIsEvictedAndTheOthersLookedAt() {
        PgPool pool = fixture.open(fixture.options(3, 3));
        try (PgConnection connection = pool.checkoutConnection()) {
            fixture.terminate(connection.backendPid());
            assertThatThrownBy(() -> connection.fetchOne("select 1"))
                    .isInstanceOfSatisfying(
                            PgServerException.class,
                            e -> assertThat(e.sqlState()).isEqualTo("57P01"));
        }
        await().until(() -> pool.idleConnections() == 3);
        assertThat(pool.stats().closed()).isEqualTo(1);
        FaultTable.record(
                10,
                "57P01, one session is ended",
                "that connection is evicted, the others are pinged at once and stay");
    }

    @Test
    void crashOfOneBackendCostsTheCallsInFlightOnly() {
        try (PostgresServer server = PostgresServer.start();
                PoolFixture own = new PoolFixture(server)) {
            PgPool pool = own.open(own.options(3, 3));
            int failed = 0;
            try (PgConnection connection = pool.checkoutConnection()) {
                // The server cannot know what a backend that was killed has left behind: it ends all and recovers.
                ProcessHandle.of(connection.backendPid()).orElseThrow().destroyForcibly();
                assertThatThrownBy(() -> connection.fetchOne("select 1")).isInstanceOf(PgException.class);
            }
            long start = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                try {
                    pool.fetchOne("select 1");
                } catch (PgException e) {
                    failed++;
                }
            }
            FaultTable.record(
                    10,
                    "57P02, a backend crashes and the server recovers",
                    "%d of 20 calls failed after it, done after %d ms",
                    failed,
                    (System.nanoTime() - start) / 1_000_000);
            // Those of the other two connections that had not ended yet, and of what replaced them: the server may let
            // sessions in before it ends all.
            assertThat(failed).isLessThanOrEqualTo(4);
            await().until(() -> pool.idleConnections() == 3);
        }
    }

    private PgConnectOptions.Builder through(int port) {
        return fixture.connectOptions().host("127.0.0.1").port(port);
    }

    private interface Call<T> {
        T run() throws Exception;
    }

    private <T> List<CompletableFuture<T>> all(int count, Call<T> call) {
        List<CompletableFuture<T>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            var one = new CompletableFuture<T>();
            all.add(one);
            executor.execute(() -> {
                try {
                    one.complete(call.run());
                } catch (Throwable t) {
                    one.completeExceptionally(t);
                }
            });
        }
        return all;
    }
}
