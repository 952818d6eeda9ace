package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgHost;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.FaultTable;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ReplicatedServers;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Money is moved while things break: what a caller is told about the outcome of its transfer must be what the books say.
 *
 * <p>{@code -Dpgpure.test.scale=20} repeats the faults so many times.
 */
@Tag("fault")
@Timeout(1800)
class PoolLedgerIT {

    private static final int SCALE = Integer.getInteger("pgpure.test.scale", 1);
    private static final int CALLERS = 32;
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
    private final Random random = new Random(seed - 1);

    @AfterEach
    void dropBooks() {
        Ledger.drop(PostgresServer.shared()::execute);
    }

    @Test
    void backendsTerminatedStatementsCancelledCallersInterrupted() throws Exception {
        for (int callers : List.of(1, 2, 3, 4, 5, 6, 11, CALLERS)) {
            int faults = 60 * SCALE;
            try (PoolFixture fixture = new PoolFixture()) {
                keep(fixture, fixture.open(fixture.options(2, 6)), callers, faults + " of any kind", ledger -> {
                    for (int i = 0; i < faults && ledger.isInOrder(); i++) {
                        switch (random.nextInt(3)) {
                            case 0 -> onSomeBackend(fixture, "pg_terminate_backend(pid)");
                            case 1 -> onSomeBackend(fixture, "pg_cancel_backend(pid)");
                            default -> ledger.interruptSomebody(random);
                        }
                        pause(random.nextInt(15));
                    }
                });
            }
        }
    }

    @Test
    void idleBackendsTerminated() throws Exception {
        try (PoolFixture fixture = new PoolFixture()) {
            // More connections than callers, so that some are idle.
            PgPool pool = fixture.open(fixture.options(CALLERS + 8, CALLERS + 8));
            keep(fixture, pool, CALLERS, "row 1, idle backends terminated 10 times", ledger -> {
                for (int i = 0; i < 10 * SCALE; i++) {
                    // The signals are sent while all are idle; what they bring about, the next transfers meet.
                    ledger.betweenTransfers(() -> fixture.server.query(
                            "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '"
                                    + fixture.name + "'"));
                    awaitProgress(ledger);
                }
                assertThat(ledger.failed()).as("failed calls").isZero();
            });
        }
    }

    @Test
    void allBackendsTerminated() throws Exception {
        try (PoolFixture fixture = new PoolFixture()) {
            keep(
                    fixture,
                    fixture.open(fixture.options(8, 8)),
                    CALLERS,
                    "row 2, all backends terminated 10 times",
                    ledger -> {
                        for (int i = 0; i < 10 * SCALE; i++) {
                            fixture.terminateAll();
                            pause(100);
                        }
                    });
        }
    }

    @Test
    void serverKilled() throws Exception {
        // What was committed is in the kernel's hands before it is reported, and survives a crash of the server alone.
        try (PostgresServer server = PostgresServer.start("synchronous_commit=on", "full_page_writes=on");
                PoolFixture fixture = new PoolFixture(server)) {
            keep(
                    fixture,
                    fixture.open(fixture.options(8, 8)),
                    CALLERS,
                    "row 3, server killed twice, down for 1 s",
                    ledger -> {
                        for (int i = 0; i < 2 * SCALE; i++) {
                            server.kill();
                            pause(1_000);
                            server.startAgain();
                            awaitProgress(ledger);
                        }
                    });
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void serverFrozen() throws Exception {
        try (PostgresServer server = PostgresServer.start();
                PoolFixture fixture = new PoolFixture(server)) {
            PgPool pool = fixture.open(fixture.options(8, 8));
            ProcessHandle postmaster = ProcessHandle.of(
                            pool.fetchOne("select pg_backend_pid()").getInt(0))
                    .flatMap(ProcessHandle::parent)
                    .orElseThrow();
            keep(fixture, pool, CALLERS, "row 4, server frozen for 3 s", ledger -> {
                for (int i = 0; i < SCALE; i++) {
                    PoolOutageIT.signal(postmaster, "-STOP");
                    pause(3_000);
                    PoolOutageIT.signal(postmaster, "-CONT");
                    awaitProgress(ledger);
                }
            });
        }
    }

    @Test
    void linksHalfOpen() throws Exception {
        try (PoolFixture fixture = new PoolFixture();
                FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                PgPool pool = through(link, fixture)) {
            keep(fixture, pool, CALLERS, "row 5, links half-open 3 times", ledger -> {
                for (int i = 0; i < 3 * SCALE; i++) {
                    link.swallow();
                    pause(1_000);
                    // The server finds it out too, in the end; until then it keeps the locks of open transactions.
                    link.endSwallowed();
                    awaitProgress(ledger);
                }
            });
        }
    }

    @Test
    void linkOfOneBytePerSecond() throws Exception {
        try (PoolFixture fixture = new PoolFixture();
                FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                PgPool pool = through(link, fixture)) {
            keep(fixture, pool, CALLERS, "row 6, 1 byte per second for 4 s", ledger -> {
                for (int i = 0; i < SCALE; i++) {
                    link.throttle(1);
                    pause(4_000);
                    link.heal();
                    awaitProgress(ledger);
                }
            });
        }
    }

    @Test
    void primaryCrashesAndItsStandbyTakesOver() throws Exception {
        assumeTrue(FaultTable.canRun(
                12, "row 11, promotion", ReplicatedServers.available(), "a local PostgreSQL with pg_basebackup"));
        try (ReplicatedServers servers = new ReplicatedServers();
                PoolFixture fixture = new PoolFixture()) {
            servers.replicateSynchronously();
            Ledger.create(sql -> ReplicatedServers.query(servers.primaryPort(), sql));
            PgConnectOptions connect = PgConnectOptions.builder()
                    .hosts(List.of(
                            new PgHost("127.0.0.1", servers.primaryPort()),
                            new PgHost("127.0.0.1", servers.standbyPort())))
                    .username(ReplicatedServers.USERNAME)
                    .database("postgres")
                    .targetSessionAttrs(TargetSessionAttrs.PRIMARY)
                    .build();
            try (PgPool pool = PgPool.open(connect, fixture.options(8, 8).build())) {
                var ledger = new Ledger(pool, CALLERS, seed, TIMEOUT);
                await().until(() -> ledger.committed() > 200);
                servers.crashPrimary();
                servers.promote();
                awaitProgress(ledger);
                ledger.stop();
                ledger.verify(
                        "row 11, primary crashes, its synchronous standby is promoted",
                        seed,
                        sql -> ReplicatedServers.query(servers.standbyPort(), sql));
            }
        }
    }

    private interface Faults {
        void happen(Ledger ledger) throws Exception;
    }

    private void keep(PoolFixture fixture, PgPool pool, int callers, String fault, Faults faults) throws Exception {
        Ledger.create(fixture.server::execute);
        var ledger = new Ledger(pool, callers, seed, TIMEOUT);
        try {
            faults.happen(ledger);
        } finally {
            ledger.stop(); // its callers would go on for the rest of the tests
        }
        pool.close();
        ledger.verify(fault, seed, fixture.server::query);
    }

    private static PgPool through(FaultProxy link, PoolFixture fixture) {
        return PgPool.open(
                fixture.connectOptions().host("127.0.0.1").port(link.port()).build(),
                fixture.options(8, 8).build());
    }

    /** Waits until transfers succeed again. */
    private static void awaitProgress(Ledger ledger) {
        long before = ledger.committed();
        await().atMost(Duration.ofSeconds(60)).until(() -> ledger.committed() > before + 50);
    }

    private static void onSomeBackend(PoolFixture fixture, String call) {
        fixture.server.query("select count(" + call
                + ") from (select pid from pg_stat_activity where application_name = '" + fixture.name
                + "' order by random() limit 1) one");
    }

    /** The time is what is wanted: nothing to wait for. */
    private static void pause(long millis) throws InterruptedException {
        new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    }
}
