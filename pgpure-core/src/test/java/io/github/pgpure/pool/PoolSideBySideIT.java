package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalConnectionPoolConfiguration.ConnectionValidator;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.exceptionsorter.PostgreSQLExceptionSorter;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.test.FaultTable;
import io.github.pgpure.test.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The same faults for pgpure, HikariCP and Agroal, the latter two on pgjdbc; both check connections that were idle for 500 ms, HikariCP by
 * default and Agroal by setting, which also has its sorter of PostgreSQL's errors. Runs with {@code -Dpgpure.test.peers=true}.
 */
@Tag("fault")
@Timeout(600)
@EnabledIfSystemProperty(named = "pgpure.test.peers", matches = "true")
class PoolSideBySideIT {

    private enum Kind {
        PGPURE,
        HIKARICP,
        AGROAL
    }

    private interface Lease {
        void query() throws Exception;

        void release() throws Exception;
    }

    /** One of the pools. */
    private interface Candidate extends AutoCloseable {
        Lease acquire() throws Exception;

        default void query() throws Exception {
            Lease lease = acquire();
            try {
                lease.query();
            } finally {
                lease.release();
            }
        }
    }

    private static Candidate open(Kind kind, PostgresServer server, String name, int min, int max, long acquireMillis)
            throws Exception {
        String url =
                "jdbc:postgresql://localhost:" + server.port() + "/" + server.database() + "?ApplicationName=" + name;
        switch (kind) {
            case HIKARICP -> {
                var config = new HikariConfig();
                config.setJdbcUrl(url);
                config.setUsername(server.username());
                config.setPassword(server.password());
                config.setMinimumIdle(min);
                config.setMaximumPoolSize(max);
                config.setConnectionTimeout(acquireMillis);
                var source = new HikariDataSource(config);
                return jdbc(source, source);
            }
            case AGROAL -> {
                AgroalDataSource source = AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                        .connectionPoolConfiguration(pool -> pool.minSize(min)
                                .initialSize(min)
                                .maxSize(max)
                                .acquisitionTimeout(Duration.ofMillis(acquireMillis))
                                .idleValidationTimeout(Duration.ofMillis(500))
                                .connectionValidator(ConnectionValidator.defaultValidator())
                                .exceptionSorter(new PostgreSQLExceptionSorter())
                                .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url)
                                        .principal(new NamePrincipal(server.username()))
                                        .credential(new SimplePassword(server.password())))));
                return jdbc(source, source);
            }
            default -> {
                PgPool pool = PgPool.open(
                        io.github.pgpure.PgConnectOptions.parse(server.uri()).toBuilder()
                                .applicationName(name)
                                .build(),
                        PgPoolOptions.builder()
                                .name(name)
                                .minIdle(min)
                                .maxConnections(max)
                                .acquireTimeout(Duration.ofMillis(acquireMillis))
                                .build());
                return new Candidate() {
                    @Override
                    public Lease acquire() {
                        var connection = pool.checkoutConnection();
                        return new Lease() {
                            @Override
                            public void query() {
                                connection.fetchOne("select 1");
                            }

                            @Override
                            public void release() {
                                connection.close();
                            }
                        };
                    }

                    @Override
                    public void query() {
                        pool.fetchOne("select 1");
                    }

                    @Override
                    public void close() {
                        pool.close();
                    }
                };
            }
        }
    }

    private static Candidate jdbc(DataSource source, AutoCloseable closeable) {
        return new Candidate() {
            @Override
            public Lease acquire() throws SQLException {
                Connection connection = source.getConnection();
                return new Lease() {
                    @Override
                    public void query() throws SQLException {
                        try (Statement statement = connection.createStatement();
                                ResultSet rows = statement.executeQuery("select 1")) {
                            rows.next();
                        }
                    }

                    @Override
                    public void release() throws SQLException {
                        connection.close();
                    }
                };
            }

            @Override
            public void close() throws Exception {
                closeable.close();
            }
        };
    }

    @Test
    void idleBackendsTerminated() throws Exception {
        for (Kind kind : Kind.values()) {
            for (int pause : new int[] {0, 1000}) {
                try (PoolFixture fixture = new PoolFixture();
                        Candidate pool = open(kind, fixture.server, fixture.name, 4, 4, 20_000)) {
                    int failed = 0;
                    for (int round = 0; round < 5; round++) {
                        await().ignoreExceptions().until(() -> {
                            pool.query(); // has what is left of the round before replaced
                            return fixture.backends() == 4;
                        });
                        fixture.terminateAll();
                        new CountDownLatch(1).await(pause, TimeUnit.MILLISECONDS);
                        for (CompletableFuture<?> call : all(16, pool::query)) {
                            failed += failed(call) ? 1 : 0;
                        }
                    }
                    FaultTable.record(
                            1,
                            kind + ": 5 times 4 idle backends terminated, 16 calls "
                                    + (pause == 0 ? "at once" : "after 1 s"),
                            "%d of 80 calls failed",
                            failed);
                    assertThat(kind == Kind.PGPURE ? failed : 0).isZero();
                }
            }
        }
    }

    @Test
    void outage() throws Exception {
        for (Kind kind : Kind.values()) {
            try (PostgresServer server = PostgresServer.start();
                    PoolFixture fixture = new PoolFixture(server);
                    Candidate pool = open(kind, server, fixture.name, 8, 8, 1_000)) {
                await().until(() -> fixture.backends() == 8);
                var stop = new CountDownLatch(1);
                var down = new CountDownLatch(1);
                var success = new CompletableFuture<Long>();
                List<CompletableFuture<Object>> callers = all(4, () -> {
                    while (stop.getCount() > 0) {
                        boolean began = down.getCount() == 0;
                        try {
                            pool.query();
                            if (began) {
                                success.complete(System.nanoTime());
                            }
                        } catch (Exception e) {
                            // what an outage is
                        }
                    }
                });
                server.kill();
                down.countDown();
                new CountDownLatch(1).await(5, TimeUnit.SECONDS);
                var accepts = new CompletableFuture<Long>();
                new Thread(() -> {
                            while (!accepts.isDone()) {
                                try {
                                    server.adminConnection(server.database()).close();
                                    accepts.complete(System.nanoTime());
                                } catch (SQLException e) {
                                    Thread.onSpinWait();
                                }
                            }
                        })
                        .start();
                server.startAgain();
                long accepted = accepts.get(30, TimeUnit.SECONDS);
                long first = success.get(60, TimeUnit.SECONDS);
                String full;
                try {
                    await().until(() -> fixture.backends() >= 8);
                    full = "full size " + (System.nanoTime() - accepted) / 1_000_000 + " ms";
                } catch (ConditionTimeoutException e) {
                    full = "with 4 callers " + fixture.backends() + " connections 20 s";
                }
                stop.countDown();
                for (CompletableFuture<Object> caller : callers) {
                    failed(caller);
                }
                FaultTable.record(
                        3,
                        kind + ": server killed, outage of 5 s, pool of 8",
                        "first success %d ms, %s after the server accepted",
                        Math.max(0, first - accepted) / 1_000_000,
                        full);
            }
        }
    }

    @Test
    void coldBurst() throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            for (int run = 1; run <= 3; run++) {
                for (Kind kind : Kind.values()) {
                    try (PoolFixture fixture = new PoolFixture(server);
                            Candidate pool = open(kind, server, fixture.name, 1, 64, 60_000)) {
                        await().until(() -> fixture.backends() >= 1);
                        List<Lease> leases = java.util.Collections.synchronizedList(new ArrayList<>());
                        long start = System.nanoTime();
                        int failed = 0;
                        for (CompletableFuture<?> one : all(64, () -> leases.add(pool.acquire()))) {
                            failed += failed(one) ? 1 : 0;
                        }
                        long took = (System.nanoTime() - start) / 1_000_000;
                        for (Lease lease : leases) {
                            lease.release();
                        }
                        FaultTable.record(
                                8, kind + ": cold burst of 64 acquires, run " + run, "%d ms, %d failed", took, failed);
                    }
                }
            }
        }
    }

    @Test
    void interrupts() throws Exception {
        long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
        int interrupts = 2_000;
        for (Kind kind : Kind.values()) {
            try (PoolFixture fixture = new PoolFixture();
                    Candidate pool = open(kind, fixture.server, fixture.name, 1, 6, 20_000)) {
                int callers = 24;
                int victims = 12;
                var running = new AtomicReferenceArray<Thread>(callers);
                var stop = new CountDownLatch(1);
                var succeeded = new LongAdder();
                var failedOthers = new LongAdder();
                List<CompletableFuture<Object>> done = new ArrayList<>();
                for (int i = 0; i < callers; i++) {
                    int caller = i;
                    done.addAll(all(1, () -> {
                        running.set(caller, Thread.currentThread());
                        while (stop.getCount() > 0) {
                            try {
                                pool.query();
                                if (caller >= victims) {
                                    succeeded.increment();
                                }
                            } catch (Exception e) {
                                if (caller >= victims) {
                                    failedOthers.increment();
                                }
                            }
                            Thread.interrupted();
                        }
                    }));
                }
                var random = new Random(seed);
                for (int i = 0; i < interrupts; i++) {
                    Thread victim = running.get(random.nextInt(victims));
                    if (victim != null) {
                        victim.interrupt();
                    }
                    LockSupport.parkNanos(random.nextInt(1_000_000));
                }
                stop.countDown();
                for (CompletableFuture<Object> one : done) {
                    failed(one);
                }
                int usable = 0;
                List<Lease> leases = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    try {
                        Lease lease = pool.acquire();
                        leases.add(lease);
                        lease.query();
                        usable++;
                    } catch (Exception e) {
                        // a connection that is dead, or does not come back
                    }
                }
                for (Lease lease : leases) {
                    lease.release();
                }
                FaultTable.record(
                        9,
                        kind + ": " + interrupts + " interrupts of 12 of 24 callers, seed " + seed,
                        "others: %d calls succeeded, %d failed; %d of 6 connections usable afterwards",
                        succeeded.sum(),
                        failedOthers.sum(),
                        usable);
                assertThat(kind == Kind.PGPURE ? usable : 6).isEqualTo(6);
            }
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static List<CompletableFuture<Object>> all(int count, Work work) {
        List<CompletableFuture<Object>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            var one = new CompletableFuture<Object>();
            all.add(one);
            new Thread(() -> {
                        try {
                            work.run();
                            one.complete("done");
                        } catch (Throwable t) {
                            one.completeExceptionally(t);
                        }
                    })
                    .start();
        }
        return all;
    }

    private static boolean failed(CompletableFuture<?> one) throws Exception {
        try {
            one.get(120, TimeUnit.SECONDS);
            return false;
        } catch (java.util.concurrent.ExecutionException e) {
            return true;
        }
    }
}
