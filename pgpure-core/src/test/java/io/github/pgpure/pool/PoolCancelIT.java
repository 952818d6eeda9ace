package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.ReadRouting;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@link PgPool#cancel}: what an operator sees running, and nothing else, is cancelled. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PoolCancelIT {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int STATEMENTS = 400;

    private static PgPool pool(PgPoolOptions.Builder options) {
        return PgPool.open(
                PgConnectOptions.parse(PostgresServer.shared().uri()),
                options.maxConnections(1).build());
    }

    private static ConnectionUse running(PgPool pool) {
        await().atMost(LIMIT).until(() -> pool.connectionsInUse().stream().anyMatch(ConnectionUse::running));
        return pool.connectionsInUse().get(0);
    }

    @Test
    void theStatementThatRunsIsCancelledOnce() throws Exception {
        try (PgPool pool = pool(PgPoolOptions.builder())) {
            var caller = CompletableFuture.runAsync(() -> pool.execute("select pg_sleep(60)"));
            ConnectionUse seen = running(pool);

            assertThat(pool.cancel(seen.backendPid() + 1, seen.operation())).isFalse();
            assertThat(pool.cancel(seen.backendPid(), seen.operation() + 1)).isFalse();
            assertThat(pool.cancel(seen.backendPid(), seen.operation())).isTrue();

            assertThatThrownBy(() -> caller.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(QueryCancelledException.class);
            assertThat(pool.cancel(seen.backendPid(), seen.operation())).isFalse();
            assertThat(pool.fetchOne("select pg_backend_pid()").getInt(0)).isEqualTo(seen.backendPid());
        }
    }

    @Test
    void connectionsForReadsAreReachedToo() throws Exception {
        try (PgPool pool = pool(PgPoolOptions.builder().readRouting(ReadRouting.PREFER_STANDBY))) {
            var caller = CompletableFuture.runAsync(() -> pool.useTransaction(
                    TransactionOptions.defaults().readOnly(true), tx -> tx.execute("select pg_sleep(60)")));
            ConnectionUse seen = running(pool);
            assertThat(pool.connections()).hasSize(2).first().satisfies(first -> {
                assertThat(first.backendPid()).isEqualTo(seen.backendPid());
                assertThat(first.inUse()).isTrue();
            });

            assertThat(pool.cancel(seen.backendPid(), seen.operation())).isTrue();

            assertThatThrownBy(() -> caller.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(QueryCancelledException.class);
        }
    }

    @Test
    void anIdleHolderIsNotCancelledLater() {
        try (PgPool pool = pool(PgPoolOptions.builder());
                PgConnection connection = pool.checkoutConnection()) {
            connection.execute("select $1::int", 1);
            ConnectionUse held = pool.connectionsInUse().get(0);
            assertThat(held.running()).isFalse();
            assertThat(held.operation()).isZero();
            assertThat(held.preparedStatements()).isOne();
            for (long operation = 0; operation < 20; operation++) {
                assertThat(pool.cancel(held.backendPid(), operation)).isFalse();
            }
            for (int i = 0; i < 20; i++) {
                connection.execute("select 1");
            }
        }
    }

    /** One caller runs numbered statements; another cancels what it sees as fast as it can, mostly too late. */
    @Test
    void aLateCancelNeverHitsTheNextStatement() {
        Set<String> aimedAt = ConcurrentHashMap.newKeySet();
        int cancelled = 0;
        try (PgPool pool = pool(PgPoolOptions.builder())) {
            var canceller = new Thread(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    for (ConnectionUse seen : pool.connectionsInUse()) {
                        // Noted before: the victim may be told before this thread goes on.
                        if (seen.running() && isChosen(seen.operation())) {
                            aimedAt.add(String.valueOf(seen.sql()));
                            pool.cancel(seen.backendPid(), seen.operation());
                        }
                    }
                }
            });
            canceller.start();
            for (int i = 0; i < STATEMENTS; i++) {
                String sql = "select pg_sleep(" + (i % 4 == 0 ? 0.05 : 0.002) + ") /* " + i + " */";
                try {
                    pool.execute(sql);
                } catch (QueryCancelledException e) {
                    cancelled++;
                    assertThat(aimedAt).contains(sql);
                }
            }
            canceller.interrupt();
        }
        System.out.println("cancelled " + cancelled + " of " + STATEMENTS + " statements, aimed at " + aimedAt.size());
        assertThat(cancelled).isPositive().isLessThan(STATEMENTS);
    }

    /** One in four, the same ones each time. */
    private static boolean isChosen(long operation) {
        return (operation * 0x9E3779B97F4A7C15L) >>> 62 == 0;
    }
}
