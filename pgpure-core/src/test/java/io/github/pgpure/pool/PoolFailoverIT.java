package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.PgHost;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.ReadOnlyTransactionException;
import io.github.pgpure.ReadRouting;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.FaultTable;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ReplicatedServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several hosts: which one is used, and what happens when another one takes over. */
@Tag("fault")
@Timeout(180)
class PoolFailoverIT {

    @Test
    void serverThatTakesNoMoreWritesIsLeftForTheOneThatDoes() {
        try (PostgresServer first = PostgresServer.start();
                PostgresServer second = PostgresServer.start();
                PoolFixture fixture = new PoolFixture(first);
                PgPool pool = PgPool.open(
                        fixture.connectOptions()
                                .hosts(List.of(
                                        new PgHost("localhost", first.port()), new PgHost("localhost", second.port())))
                                .targetSessionAttrs(TargetSessionAttrs.READ_WRITE)
                                .build(),
                        fixture.options(4, 4).build())) {
            first.execute("create table t (id int)");
            second.execute("create table t (id int)");
            await().until(() -> pool.idleConnections() == 4);
            assertThat(port(pool)).isEqualTo(first.port());
            // A transaction that is read-only by its own will is no reason to leave.
            try {
                pool.useTransaction(
                        TransactionOptions.defaults().readOnly(true), tx -> tx.execute("insert into t values (1)"));
            } catch (ReadOnlyTransactionException e) {
                // as it should be
            }
            await().until(() -> pool.idleConnections() == 4);
            assertThat(pool.stats().closed()).isZero();

            first.execute("alter system set default_transaction_read_only = on", "select pg_reload_conf()");
            await().until(() ->
                    first.query("show default_transaction_read_only").equals("on"));
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                try {
                    pool.execute("insert into t values (2)");
                } catch (ReadOnlyTransactionException e) {
                    refused++;
                }
            }
            FaultTable.record(
                    10,
                    "25006, the server takes no writes any more, another one does",
                    "host retired: %d of 20 calls refused, %d connections replaced",
                    refused,
                    pool.stats().closed());
            assertThat(refused).isEqualTo(1);
            assertThat(second.query("select count(*) from t")).isEqualTo(Integer.toString(20 - refused));
            await().until(() -> pool.idleConnections() == 4);
            await().until(() -> fixture.backends() == 0);
        }
    }

    @Test
    void hostThatDoesNotAnswerHoldsUpTheOtherForASecondOnly() {
        PostgresServer server = PostgresServer.shared();
        try (FaultProxy dead = new FaultProxy(server.host(), server.port());
                PoolFixture fixture = new PoolFixture(server);
                PgPool pool = PgPool.open(
                        fixture.connectOptions()
                                .hosts(List.of(
                                        new PgHost("localhost", dead.port()), new PgHost(server.host(), server.port())))
                                .connectTimeout(Duration.ofSeconds(20))
                                .build(),
                        fixture.options(4, 4).build())) {
            await().until(() -> pool.idleConnections() == 4);
            dead.silence();
            pool.softEvict();
            long start = System.nanoTime();
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            long millis = (System.nanoTime() - start) / 1_000_000;
            FaultTable.record(
                    11, "first of two hosts does not answer, connect timeout 20 s", "next success after %d ms", millis);
            assertThat(millis).isLessThan(5_000);
        }
    }

    @Test
    void connectAttemptThatGotNoAnswerDoesNotHoldUpRecovery() {
        PostgresServer server = PostgresServer.shared();
        try (FaultProxy link = new FaultProxy(server.host(), server.port());
                PoolFixture fixture = new PoolFixture(server);
                PgPool pool = PgPool.open(
                        fixture.connectOptions()
                                .host("localhost")
                                .port(link.port())
                                .connectTimeout(Duration.ofSeconds(30))
                                .build(),
                        fixture.options(2, 2).build())) {
            await().until(() -> pool.idleConnections() == 2);
            link.silence();
            pool.softEvict();
            await().until(() -> pool.stats().openingConnections() > 0);
            link.heal(); // the attempts that are under way will never be answered
            long start = System.nanoTime();
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            long millis = (System.nanoTime() - start) / 1_000_000;
            FaultTable.record(
                    5, "link is back, attempts to connect made before get no answer", "success after %d ms", millis);
            assertThat(millis).isLessThan(5_000);
            await().until(() -> pool.idleConnections() == 2);
        }
    }

    @Test
    void standbyThatComesBackIsPreferredAgain() {
        String fault = "prefer-standby, the standby comes back";
        assumeTrue(
                FaultTable.canRun(11, fault, ReplicatedServers.available(), "a local PostgreSQL with pg_basebackup"));
        try (ReplicatedServers servers = new ReplicatedServers();
                FaultProxy standby = new FaultProxy("127.0.0.1", servers.standbyPort())) {
            standby.refuse("57P03", Integer.MAX_VALUE);
            PgConnectOptions connect = PgConnectOptions.builder()
                    .hosts(List.of(
                            new PgHost("127.0.0.1", servers.primaryPort()), new PgHost("127.0.0.1", standby.port())))
                    .username(ReplicatedServers.USERNAME)
                    .database("postgres")
                    .targetSessionAttrs(TargetSessionAttrs.PREFER_STANDBY)
                    .build();
            PgPoolOptions options = PgPoolOptions.builder()
                    .maxConnections(3)
                    .keepaliveInterval(Duration.ofSeconds(1))
                    .build();
            try (PgPool pool = PgPool.open(connect, options)) {
                assertThat(port(pool)).isEqualTo(servers.primaryPort());
                standby.refuse("57P03", 0);
                long start = System.nanoTime();
                await().until(() -> port(pool) == servers.standbyPort());
                FaultTable.record(
                        11, fault, "used again after %d ms, no failed call", (System.nanoTime() - start) / 1_000_000);
                await().until(() -> pool.idleConnections() == 3);
                for (int i = 0; i < 10; i++) {
                    assertThat(port(pool)).isEqualTo(servers.standbyPort());
                }
            }
        }
    }

    @Test
    void writesFlowToTheStandbyOnceItIsPromoted() throws Exception {
        assumeTrue(FaultTable.canRun(
                11, "promotion under load", ReplicatedServers.available(), "a local PostgreSQL with pg_basebackup"));
        try (ReplicatedServers servers = new ReplicatedServers()) {
            ReplicatedServers.query(servers.primaryPort(), "create table t (id bigint primary key)");
            await().until(() -> ReplicatedServers.query(servers.standbyPort(), "select to_regclass('t') is not null")
                    .equals("t"));
            PgConnectOptions connect = PgConnectOptions.builder()
                    .hosts(List.of(
                            new PgHost("127.0.0.1", servers.primaryPort()),
                            new PgHost("127.0.0.1", servers.standbyPort())))
                    .username(ReplicatedServers.USERNAME)
                    .database("postgres")
                    .targetSessionAttrs(TargetSessionAttrs.PRIMARY)
                    .build();
            PgPoolOptions options = PgPoolOptions.builder()
                    .maxConnections(8)
                    .readRouting(ReadRouting.PREFER_STANDBY)
                    .build();
            try (PgPool pool = PgPool.open(connect, options)) {
                var readOnly = TransactionOptions.defaults().readOnly(true);
                await().until(() -> port(pool, readOnly) == servers.standbyPort());
                assertThat(port(pool)).isEqualTo(servers.primaryPort());

                Map<String, LongAdder> failures = new ConcurrentHashMap<>();
                Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
                var next = new AtomicLong();
                var lastSuccess = new AtomicLong();
                var promoted = new AtomicLong();
                var firstAfter = new AtomicLong();
                var stop = new CountDownLatch(1);
                List<Thread> callers = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    var caller = new Thread(() -> {
                        while (stop.getCount() > 0) {
                            try {
                                pool.execute(Query.of("insert into t values ($1)", next.incrementAndGet())
                                        .timeout(Duration.ofSeconds(2)));
                                long now = System.nanoTime();
                                lastSuccess.set(now);
                                if (promoted.get() != 0) {
                                    firstAfter.compareAndSet(0, now);
                                }
                            } catch (PgException e) {
                                failures.computeIfAbsent(
                                                e.getClass().getSimpleName() + " " + e.outcome(), k -> new LongAdder())
                                        .increment();
                            } catch (Throwable t) {
                                unexpected.add(t);
                            }
                        }
                    });
                    callers.add(caller);
                    caller.start();
                }
                await().until(() -> lastSuccess.get() != 0);
                servers.crashPrimary();
                long crashed = System.nanoTime();
                promoted.set(crashed); // any write that succeeds from now on is one on the new primary
                servers.promote();
                long done = System.nanoTime();
                await().until(() -> firstAfter.get() != 0);
                new CountDownLatch(1).await(500, TimeUnit.MILLISECONDS);
                stop.countDown();
                for (Thread caller : callers) {
                    caller.join();
                }
                long millis = Math.max(0, firstAfter.get() - done) / 1_000_000;
                long readOnlyFailures = failures.entrySet().stream()
                        .filter(entry -> entry.getKey().contains("ReadOnly"))
                        .mapToLong(entry -> entry.getValue().sum())
                        .sum();
                FaultTable.record(
                        11,
                        "primary crashes, streaming standby promoted, 8 writers",
                        "first write %d ms after the crash, promotion included, %d ms after its end was reported; 25006 seen %d times; failures %s",
                        (firstAfter.get() - crashed) / 1_000_000,
                        millis,
                        readOnlyFailures,
                        failures);
                assertThat(unexpected).isEmpty();
                assertThat(readOnlyFailures).isLessThanOrEqualTo(8);
                assertThat(millis).isLessThan(2_000);
                assertThat(port(pool)).isEqualTo(servers.standbyPort());
                assertThat(port(pool, readOnly)).isEqualTo(servers.standbyPort());
            }
        }
    }

    private static int port(PgPool pool) {
        try (PgConnection connection = pool.checkoutConnection()) {
            return connection.fetchOne("select current_setting('port')::int4").getInt(0);
        }
    }

    private static int port(PgPool pool, TransactionOptions options) {
        return pool.inTransaction(
                options,
                tx -> tx.fetchOne("select current_setting('port')::int4").getInt(0));
    }
}
