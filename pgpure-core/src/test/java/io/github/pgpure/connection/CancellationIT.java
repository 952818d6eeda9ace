package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ThreadKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Promise S8: a cancellation reaches the server, the connection is usable at once, and a transaction is rolled back. */
class CancellationIT {

    private PgConnection connection;
    private PgConnection observer;

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
        observer = PgConnection.open(PostgresServer.shared().uri());
    }

    @AfterEach
    void disconnect() {
        connection.close();
        observer.close();
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void interruptCancelsOnTheServerAndTheConnectionIsReusedAtOnce(ThreadKind kind) throws Exception {
        var failure = new AtomicReference<Throwable>();
        var flag = new AtomicReference<Boolean>();
        var next = new AtomicReference<Integer>();
        Thread caller = kind.start(() -> {
            try {
                connection.fetch("select pg_sleep(60)");
            } catch (Throwable e) {
                failure.set(e);
                flag.set(Thread.interrupted());
            }
            next.set(connection.fetchOne("select $1::int", 42).getInt(0));
        });
        awaitRunning("select pg_sleep(60)");
        long start = System.nanoTime();
        caller.interrupt();
        caller.join(20_000);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(failure.get()).isInstanceOfSatisfying(QueryCancelledException.class, e -> {
            assertThat(e.sqlState()).isEqualTo("57014");
            // A machine under load may take longer to confirm it than the caller waits for that.
            assertThat(e.outcome()).isIn(Outcome.ROLLED_BACK, Outcome.UNKNOWN);
        });
        assertThat(flag.get()).isTrue();
        assertThat(next.get()).isEqualTo(42);
        assertThat(connection.dead()).isFalse();
    }

    @Test
    void interruptBeforeTheCallSendsNothing() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> connection.fetch("select 1"))
                    .isInstanceOfSatisfying(
                            QueryCancelledException.class,
                            e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void cancelFromAnotherThread(ThreadKind kind) throws Exception {
        ExecutorService executor = kind.executor();
        try {
            var result = CompletableFuture.supplyAsync(() -> connection.fetch("select pg_sleep(61)"), executor);
            awaitRunning("select pg_sleep(61)");
            connection.cancel();
            assertThatThrownBy(() -> result.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(QueryCancelledException.class)
                    .hasMessageContaining("on request");
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void cancelWithoutAStatementDoesNothing() {
        connection.fetch("select 1");
        connection.cancel();
        connection.cancel();
        assertThat(connection.fetchOne("select 2").getInt(0)).isEqualTo(2);
    }

    @Test
    void cancelInsideATransactionRollsItBack() throws Exception {
        connection.execute("create temp table kept (id int)");
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into kept values ($1)", 1);
            var result = CompletableFuture.supplyAsync(() -> tx.fetch("select pg_sleep(62)"));
            awaitRunning("select pg_sleep(62)");
            connection.cancel();
            assertThatThrownBy(() -> result.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(QueryCancelledException.class)
                    .hasMessageContaining("its transaction was rolled back");
            assertThatThrownBy(() -> tx.fetch("select 1"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cancelled");
        }
        assertThat(connection.inTransaction()).isFalse();
        assertThat(connection.fetchOne("select count(*) from kept").getInt(0)).isZero();
    }

    @Test
    void cancelOfTheServerItselfIsAnOrdinaryError() {
        assertThatThrownBy(() -> connection.execute("set statement_timeout = 100; select pg_sleep(10)"))
                .isInstanceOfSatisfying(QueryCancelledException.class, e -> {
                    assertThat(e.getMessage()).contains("statement timeout");
                    assertThat(e.isRecoverable()).isTrue();
                });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void deadlineIsKeptAndTheBackendStopsWorking() {
        for (int millis : new int[] {50, 200, 500}) {
            long start = System.nanoTime();
            assertThatThrownBy(() ->
                            connection.fetch(Query.of("select pg_sleep(63)").timeout(Duration.ofMillis(millis))))
                    .isInstanceOfSatisfying(
                            QueryTimeoutException.class, e -> assertThat(e).hasMessageContaining(millis + " ms"));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(millis + 10_000));
        }
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        assertThat(running("select pg_sleep(63)")).isZero();
    }

    @Test
    void interruptDuringAStreamThatAlwaysHasMoreIsSeen() throws Exception {
        var failure = new CompletableFuture<Throwable>();
        var rows = new AtomicReference<>(0L);
        Thread caller = ThreadKind.PLATFORM.start(() -> {
            try (RowStream stream = connection.stream("select generate_series(1, 1000000000)")) {
                for (Row row : stream) {
                    rows.set(row.getLong(0));
                }
            } catch (Throwable e) {
                failure.complete(e);
            }
        });
        Awaitility.await().until(() -> rows.get() > 10_000);
        caller.interrupt();
        assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(QueryCancelledException.class);
        caller.join(5_000);
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void deadlineOfAFetchThatAlwaysHasMoreIsKept() {
        assertThatThrownBy(() -> connection.fetch(
                        Query.of("select generate_series(1, 1000000000)").timeout(Duration.ofMillis(300))))
                .isInstanceOf(QueryTimeoutException.class);
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void interruptDuringCopyIn() throws Exception {
        connection.execute("create temp table copied (id int)");
        var failure = new CompletableFuture<Throwable>();
        var sent = new AtomicReference<>(0);
        Thread caller = ThreadKind.PLATFORM.start(() -> {
            try {
                connection.copyIn("copy copied from stdin", new InputStream() {
                    @Override
                    public int read() {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) {
                        sent.set(sent.get() + 1);
                        byte[] row = "1\n".getBytes(StandardCharsets.US_ASCII);
                        System.arraycopy(row, 0, target, offset, row.length);
                        return row.length;
                    }
                });
            } catch (Throwable e) {
                failure.complete(e);
            }
        });
        Awaitility.await().until(() -> sent.get() > 1_000);
        caller.interrupt();
        assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(QueryCancelledException.class);
        caller.join(5_000);
        assertThat(connection.fetchOne("select count(*) from copied").getInt(0)).isZero();
    }

    @Test
    void failingSinkDuringCopyOutLeavesTheConnectionUsable() {
        assertThatThrownBy(() -> connection.copyOut(
                        "copy (select generate_series(1, 10000000)) to stdout", new ByteArrayOutputStream() {
                            @Override
                            public void write(byte[] bytes, int offset, int length) {
                                throw new java.io.UncheckedIOException(new IOException("full"));
                            }
                        }))
                .hasMessageContaining("full");
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void cancelOfABatchAndAPipeline() {
        connection.execute("create temp table slow (id int)");
        List<Object[]> sets = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            sets.add(new Object[] {i});
        }
        PgConnection limited = PgConnection.open(
                io.github.pgpure.PgConnectOptions.parse(PostgresServer.shared().uri()).toBuilder()
                        .queryTimeout(Duration.ofMillis(300))
                        .build());
        try (limited) {
            assertThatThrownBy(() -> limited.executeBatch("select pg_sleep(0.01), $1::int", sets))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(limited.fetchOne(Query.of("select 1").timeout(Duration.ofSeconds(10)))
                            .getInt(0))
                    .isEqualTo(1);
            assertThatThrownBy(() -> limited.pipeline(pipeline -> {
                        for (int i = 0; i < 100; i++) {
                            pipeline.execute("select pg_sleep(0.01), $1::int", i);
                        }
                        return null;
                    }))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(limited.fetchOne(Query.of("select 1").timeout(Duration.ofSeconds(10)))
                            .getInt(0))
                    .isEqualTo(1);
        }
    }

    @Test
    void exceptionInTheCallersCodeDuringAStream() {
        try (RowStream stream = connection.stream("select i from generate_series(1, 100000) i")) {
            Iterator<Row> rows = stream.iterator();
            assertThatThrownBy(() -> {
                        while (rows.hasNext()) {
                            if (rows.next().getInt(0) == 70) {
                                throw new IllegalStateException("enough");
                            }
                        }
                    })
                    .hasMessage("enough");
        }
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void terminatedBackendIsReportedAndTheConnectionDead() {
        observer.execute("select pg_terminate_backend($1)", connection.backendPid());
        assertThatThrownBy(() -> {
                    connection.fetch("select 1");
                    connection.fetch("select 1");
                })
                .isInstanceOfSatisfying(PgServerException.class, e -> {
                    assertThat(e.sqlState()).isEqualTo("57P01");
                    assertThat(e.isRecoverable()).isFalse();
                });
        assertThat(connection.dead()).isTrue();
        assertThatThrownBy(() -> connection.fetch("select 1"))
                .isInstanceOfSatisfying(
                        io.github.pgpure.PgConnectionException.class,
                        e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT));
    }

    private void awaitRunning(String sql) {
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> running(sql) == 1);
    }

    private long running(String sql) {
        return observer.fetchOne("select count(*) from pg_stat_activity where state = 'active' and query = $1", sql)
                .getLong(0);
    }
}
