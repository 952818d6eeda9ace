package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.FaultTable;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that are lost, grow old, or come back in disorder. */
@Timeout(120)
class PoolRecoveryIT {

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
    void poolKilledWhileIdleCostsNoFailedCall() throws Exception { // promise S9
        PgPool pool = fixture.open(fixture.options(4, 4));
        ExecutorService executor = Executors.newFixedThreadPool(8);
        for (int round = 0; round < 10; round++) {
            assertThat(fixture.terminateAll()).isEqualTo(4);
            List<Future<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                calls.add(executor.submit(() -> pool.fetchOne("select 1").getInt(0)));
            }
            for (Future<Integer> call : calls) {
                assertThat(call.get()).isEqualTo(1);
            }
            // The calls may all have been served before the last of the dead is found.
            int closed = 4 * (round + 1);
            await().until(() -> pool.stats().closed() == closed && pool.idleConnections() == 4);
        }
        executor.shutdown();
        assertThat(pool.stats().closed()).isEqualTo(40);
        FaultTable.record(1, "10 times all 4 idle backends terminated, then 16 calls", "0 of 160 calls failed");
    }

    @Test
    void killedIdleConnectionsAreReplacedWithoutAnybodyAsking() {
        PgPool pool = fixture.open(fixture.options(3, 3).keepaliveInterval(Duration.ofMillis(500)));
        fixture.terminateAll();
        await().until(() -> pool.stats().closed() == 3 && pool.idleConnections() == 3);
        assertThat(fixture.backends()).isEqualTo(3);
        assertThat(pool.stats().acquired()).isZero();
    }

    @Test
    void connectionKilledInUseIsReportedOnceAndReplaced() {
        PgPool pool = fixture.open(fixture.options(2, 2));
        try (PgConnection connection = pool.checkoutConnection()) {
            fixture.terminate(connection.backendPid());
            assertThatThrownBy(() -> connection.fetchOne("select 1")).isInstanceOf(PgException.class);
            assertThat(connection.dead()).isTrue();
        }
        for (int i = 0; i < 10; i++) {
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
        await().until(() -> pool.idleConnections() == 2);
        assertThat(pool.stats().closed()).isEqualTo(1);
    }

    @Test
    void connectionReturnedInATransactionIsReportedAndRolledBack() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        fixture.server.execute("create table returned_in_transaction (id int)");
        try {
            PgConnection connection = pool.checkoutConnection();
            int pid = connection.backendPid();
            connection.execute("begin");
            connection.execute("insert into returned_in_transaction values (1)");
            connection.close();
            assertThat(pool.fetchOne("select count(*) from returned_in_transaction")
                            .getLong(0))
                    .isZero();
            assertThat(pool.fetchOne("select pg_backend_pid()").getInt(0)).isEqualTo(pid);
            assertThat(fixture.warnings())
                    .singleElement()
                    .asString()
                    .contains(
                            fixture.name,
                            "backend " + pid,
                            Thread.currentThread().getName(),
                            "insert into returned_in_transaction");
        } finally {
            fixture.server.execute("drop table returned_in_transaction");
        }
    }

    @Test
    void connectionReturnedInATransactionThatCannotBeRolledBackIsReplaced() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        PgConnection connection = pool.checkoutConnection();
        connection.execute("begin");
        fixture.terminate(connection.backendPid());
        connection.close();
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        assertThat(pool.stats().closed()).isEqualTo(1);
    }

    @Test
    void oldConnectionsAreReplacedUnderLoadWithoutAFailedCall() {
        PgPool pool = fixture.open(fixture.options(2, 2).maxLifetime(Duration.ofMillis(200)));
        await().until(() -> {
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            return pool.stats().opened() >= 8;
        });
        assertThat(pool.stats().totalConnections()).isLessThanOrEqualTo(2);
    }

    @Test
    void connectionsBeyondMinIdleAreClosedWhenUnused() {
        PgPool pool = fixture.open(fixture.options(1, 4).idleTimeout(Duration.ofMillis(200)));
        List<PgConnection> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(pool.checkoutConnection());
        }
        assertThat(pool.stats().totalConnections()).isEqualTo(4);
        held.forEach(PgConnection::close);
        await().until(() -> pool.stats().totalConnections() == 1);
        await().until(() -> fixture.backends() == 1);
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void idleConnectionsArePingedAndStayUsable() {
        PgPool pool = fixture.open(fixture.options(2, 2).keepaliveInterval(Duration.ofMillis(50)));
        await().during(Duration.ofMillis(500)).until(() -> pool.stats().closed() == 0);
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        assertThat(pool.stats().opened()).isEqualTo(2);
    }

    @Test
    void poolSurvivesTheDeathAndTheRestartOfItsServer() {
        try (PostgresServer own = PostgresServer.start();
                PoolFixture fixture = new PoolFixture(own)) {
            PgPool pool = fixture.open(fixture.options(2, 4).acquireTimeout(Duration.ofMillis(300)));
            own.kill();
            assertThatThrownBy(() -> pool.fetchOne("select 1"))
                    .isInstanceOf(PgException.class)
                    .hasMessageContaining("The last attempt to open one failed")
                    .hasCauseInstanceOf(PgConnectionException.class);
            long failures = pool.stats().openFailures();
            assertThat(failures).isPositive();
            own.startAgain();
            long start = System.nanoTime();
            await().ignoreExceptionsInstanceOf(PgException.class)
                    .until(() -> pool.fetchOne("select 1").getInt(0) == 1);
            long millis = (System.nanoTime() - start) / 1_000_000;
            System.out.println("PoolRecoveryIT: first success " + millis + " ms after the server was back");
            await().until(() -> pool.idleConnections() >= 2);
            assertThat(millis).isLessThan(5_000);
        }
    }

    @Test
    void linkThatDiesWithoutAWordIsFoundByThePingAndOnceForTheWholePool() {
        try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port())) {
            var connect = fixture.connectOptions().host("localhost").port(link.port());
            try (PgPool pool = PgPool.open(
                    connect.build(),
                    fixture.options(4, 4)
                            .keepaliveInterval(Duration.ofSeconds(1))
                            .build())) {
                await().until(() -> pool.idleConnections() == 4);
                link.swallow();
                long start = System.nanoTime();
                await().until(() -> pool.stats().closed() == 4);
                // One ping's timeout for all four, not one for each.
                assertThat(System.nanoTime() - start).isLessThan(9_000_000_000L);
                await().until(() -> pool.idleConnections() == 4);
                assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            }
        }
    }

    @Test
    void oneCallThatFindsTheLinkDeadHasTheOthersChecked() {
        try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port())) {
            var connect = fixture.connectOptions().host("localhost").port(link.port());
            try (PgPool pool = PgPool.open(
                    connect.build(),
                    fixture.options(4, 4).keepaliveInterval(Duration.ZERO).build())) {
                await().until(() -> pool.idleConnections() == 4);
                link.swallow();
                assertThatThrownBy(() -> pool.fetchOne(Query.of("select 1").timeout(Duration.ofMillis(200))))
                        .isInstanceOf(QueryTimeoutException.class);
                // The cancelled statement is given up, then the pings of the others.
                await().until(() -> pool.stats().closed() == 4);
                assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
                assertThat(pool.stats().closed()).isEqualTo(4);
            }
        }
    }

    @Test
    void passwordChangedMeanwhileFailsThoseWhoWaitAtOnce() {
        String role = fixture.name.replace('-', '_');
        fixture.server.createRole(role, "before");
        try {
            var connect = fixture.connectOptions().username(role).password("before");
            try (PgPool pool = PgPool.open(
                    connect.build(),
                    fixture.options(1, 1).acquireTimeout(Duration.ofSeconds(20)).build())) {
                fixture.server.createRole(role, "after");
                fixture.terminateAll();
                long start = System.nanoTime();
                assertThatThrownBy(() -> pool.fetchOne("select 1"))
                        .isInstanceOf(PgConnectionException.class)
                        .hasMessageContaining("28P01");
                assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
                FaultTable.record(
                        10,
                        "28P01, the password is changed",
                        "those who wait fail at once (%d ms), no attempts until somebody asks",
                        (System.nanoTime() - start) / 1_000_000);
                long attempts = pool.stats().openFailures();
                await().during(Duration.ofMillis(700)).until(() -> pool.stats().openFailures() == attempts);
                fixture.server.createRole(role, "before");
                assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            }
        } finally {
            fixture.server.dropRole(role);
        }
    }
}
