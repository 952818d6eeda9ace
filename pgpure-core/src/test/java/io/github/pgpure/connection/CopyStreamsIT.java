package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.errorResponse;
import static io.github.pgpure.test.BackendMessages.message;
import static io.github.pgpure.test.BackendMessages.readyForQuery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ScriptedServer;
import io.github.pgpure.test.ThreadKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** COPY of streams and files, in each of the server's formats, and what ends it early. */
@Timeout(60)
class CopyStreamsIT {

    private static final int ROWS = 30_000;

    @TempDir
    Path directory;

    private PgConnection connection;
    private int pid;

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
        pid = connection.backendPid();
        connection.execute("""
                create temp table source as select i as id, case when i % 7 > 0 then 'row' || chr(9) || i end as name,
                    decode(md5(i::text), 'hex') as hash, i::numeric / 3 as third, array[i, null, -i] as numbers,
                    timestamptz '2026-01-01' + i * interval '1 second' as at
                from generate_series(1, 30000) i;
                create temp table target (like source)""");
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    // --- round trips -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"binary", "csv", "text"})
    void streamThatComesOutGoesInAgain(String format) {
        var bytes = new ByteArrayOutputStream();
        assertThat(connection.copyOut("copy source to stdout (format " + format + ")", bytes))
                .isEqualTo(ROWS);
        assertThat(connection.copyIn(
                        "copy target from stdin (format " + format + ")",
                        new ByteArrayInputStream(bytes.toByteArray())))
                .isEqualTo(ROWS);
        assertThat(differences()).isZero();
        var again = new ByteArrayOutputStream();
        connection.copyOut("copy target to stdout (format " + format + ")", again);
        assertThat(again.toByteArray()).isEqualTo(bytes.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary", "csv", "text"})
    void fileThatComesOutGoesInAgain(String format) throws IOException {
        Path file = directory.resolve("source." + format);
        assertThat(connection.copyOut("copy source to stdout (format " + format + ")", file))
                .isEqualTo(ROWS);
        assertThat(Files.size(file)).isPositive();
        assertThat(connection.copyIn("copy target from stdin (format " + format + ")", file))
                .isEqualTo(ROWS);
        assertThat(differences()).isZero();
    }

    @Test
    void streamThatGivesItsBytesInDribletsIsCopiedWhole() {
        var bytes = new ByteArrayOutputStream();
        connection.copyOut("copy (select * from source limit 500) to stdout (format binary)", bytes);
        var driblets = new ByteArrayInputStream(bytes.toByteArray()) {
            private int size;

            @Override
            public int read(byte[] into, int offset, int length) {
                size = size % 13 + 1;
                return super.read(into, offset, Math.min(size, length));
            }
        };
        assertThat(connection.copyIn("copy target from stdin (format binary)", driblets))
                .isEqualTo(500);
        assertThat(rowsIn("target")).isEqualTo(500);
    }

    @Test
    void truncatedBinaryDataIsAnErrorOfTheServerAndCopiesNothing() {
        var bytes = new ByteArrayOutputStream();
        connection.copyOut("copy source to stdout (format binary)", bytes);
        var cut = new ByteArrayInputStream(bytes.toByteArray(), 0, bytes.size() - 100);
        assertThatThrownBy(() -> connection.copyIn("copy target from stdin (format binary)", cut))
                .isInstanceOfSatisfying(
                        io.github.pgpure.PgServerException.class,
                        e -> assertThat(e.sqlState()).isEqualTo("22P04"));
        assertUsable();
    }

    // --- sources and sinks that fail ---------------------------------------------------------------------------------

    /** Gives some rows and then fails. */
    private static InputStream failing(Callable<Integer> failure) {
        return new InputStream() {
            private int reads;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (++reads == 5) {
                    try {
                        return failure.call();
                    } catch (IOException | RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }
                byte[] rows =
                        "1\tname\t\\N\t\\N\t\\N\t\\N\n".repeat(length / 40).getBytes();
                System.arraycopy(rows, 0, into, offset, rows.length);
                return rows.length;
            }
        };
    }

    @Test
    void sourceThatFailsCopiesNothingAndTheConnectionStaysUsable() {
        var failure = catchThrowableOfType(
                PgException.class,
                () -> connection.copyIn("copy target from stdin", failing(() -> {
                    throw new IOException("the disk is gone");
                })));
        assertThat(failure).hasMessageContaining("nothing was copied");
        assertThat(failure).rootCause().hasMessage("the disk is gone");
        assertThat(failure.outcome()).isEqualTo(Outcome.ROLLED_BACK);
        assertUsable();
        assertThatThrownBy(() -> connection.copyIn("copy target from stdin", failing(() -> {
                    throw new IllegalStateException("a bug");
                })))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a bug");
        assertUsable();
        assertThatThrownBy(() -> connection.copyIn("copy target from stdin", failing(() -> {
                    throw new StackOverflowError("a deep bug");
                })))
                .isInstanceOf(StackOverflowError.class);
        assertUsable();
    }

    @Test
    void sourceThatFailsInATransactionFailsTheTransaction() {
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into target (id) values ($1)", 0);
            assertThatThrownBy(() -> tx.copyIn("copy target from stdin", failing(() -> {
                        throw new IOException("the disk is gone");
                    })))
                    .isInstanceOf(PgException.class);
            assertThatThrownBy(() -> tx.execute("select 1"))
                    .isInstanceOfSatisfying(
                            io.github.pgpure.PgServerException.class,
                            e -> assertThat(e.sqlState()).isEqualTo("25P02"));
        }
        assertUsable();
    }

    @Test
    void serverIsToldByCopyFail() throws IOException {
        var told = new AtomicReference<String>();
        try (var server = ScriptedServer.start(client -> {
            client.welcome();
            client.expect('Q');
            client.send(message('G', new byte[] {0, 0, 0}));
            told.set(client.skipTo('f').text());
            client.send(errorResponse("ERROR", "57014", "COPY from stdin failed"), readyForQuery('I'));
            client.serve();
        })) {
            try (PgConnection scripted = PgConnection.open(server.options().build())) {
                assertThatThrownBy(() -> scripted.copyIn("copy target from stdin", failing(() -> {
                            throw new IOException("secret: /home/ada/salaries.csv");
                        })))
                        .isInstanceOf(PgException.class);
                assertThat(scripted.fetchOne("select name").getString(0)).isEqualTo("one");
            }
            assertThat(told.get()).isEqualTo("the client's data source failed");
            assertThat(server.cancelRequests()).isZero();
        }
    }

    @Test
    void sinkThatFailsEndsTheCopyAndTheConnectionStaysUsable() {
        var failure = catchThrowableOfType(
                PgException.class,
                () -> connection.copyOut(
                        "copy (select source.* from source, generate_series(1, 1000)) to stdout (format binary)",
                        new OutputStream() {
                            @Override
                            public void write(int b) throws IOException {
                                throw new IOException("the disk is full");
                            }
                        }));
        assertThat(failure).rootCause().hasMessage("the disk is full");
        assertUsable();
    }

    // --- interrupts --------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void interruptEndsABinaryCopyOut(ThreadKind kind) throws Exception {
        var flowing = new CountDownLatch(100);
        assertCancelledByInterrupt(
                kind,
                flowing,
                () -> connection.copyOut(
                        "copy (select source.* from source, generate_series(1, 100000)) to stdout (format binary)",
                        new OutputStream() {
                            @Override
                            public void write(int b) {
                                throw new UnsupportedOperationException();
                            }

                            @Override
                            public void write(byte[] bytes, int offset, int length) {
                                flowing.countDown();
                            }
                        }));
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void interruptEndsABinaryCopyIn(ThreadKind kind) throws Exception {
        var bytes = new ByteArrayOutputStream();
        connection.copyOut("copy source to stdout (format binary)", bytes);
        byte[] all = bytes.toByteArray();
        int header = 11 + 4 + 4;
        int trailer = 2;
        var flowing = new CountDownLatch(300);
        var endless = new InputStream() {
            private int at;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                flowing.countDown();
                if (at == all.length - trailer) {
                    at = header;
                }
                int count = Math.min(length, all.length - trailer - at);
                System.arraycopy(all, at, into, offset, count);
                at += count;
                return count;
            }
        };
        assertCancelledByInterrupt(
                kind, flowing, () -> connection.copyIn("copy target from stdin (format binary)", endless));
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void interruptEndsACopyThatTheServerIsBusyWith(ThreadKind kind) throws Exception {
        try (PgConnection observer = PgConnection.open(PostgresServer.shared().uri())) {
            var flowing = new CountDownLatch(1);
            kind.start(() -> {
                org.awaitility.Awaitility.await()
                        .until(() -> observer.fetchOne(
                                                "select count(*) from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'",
                                                pid)
                                        .getInt(0)
                                == 1);
                flowing.countDown();
            });
            assertCancelledByInterrupt(
                    kind,
                    flowing,
                    () -> connection.copyOut("copy (select pg_sleep(60)) to stdout", OutputStream.nullOutputStream()));
        }
    }

    private void assertCancelledByInterrupt(ThreadKind kind, CountDownLatch flowing, Runnable copy) throws Exception {
        var failure = new CompletableFuture<Throwable>();
        var flag = new AtomicReference<Boolean>();
        Thread caller = kind.start(() -> {
            try {
                copy.run();
                failure.complete(new AssertionError("it came to an end"));
            } catch (Throwable e) {
                flag.set(Thread.currentThread().isInterrupted());
                failure.complete(e);
            }
        });
        assertThat(flowing.await(20, TimeUnit.SECONDS)).isTrue();
        caller.interrupt();
        assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(QueryCancelledException.class);
        assertThat(flag.get()).isTrue();
        caller.join(5_000);
        assertUsable();
    }

    /** Such a stream takes the interrupt itself: what it throws is the reason, and nothing is copied. */
    @Test
    void interruptOfASourceThatWaitsIsItsFailure() throws Exception {
        var failure = new CompletableFuture<Throwable>();
        try (var writer = new PipedOutputStream();
                var reader = new PipedInputStream(writer)) {
            writer.write("1\tname\t\\N\t\\N\t\\N\t\\N\n".getBytes());
            writer.flush();
            Thread caller = ThreadKind.PLATFORM.start(() -> {
                try {
                    connection.copyIn("copy target from stdin", reader);
                } catch (Throwable e) {
                    failure.complete(e);
                }
            });
            org.awaitility.Awaitility.await().until(() -> reader.available() == 0);
            caller.interrupt();
            assertThat(failure.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(PgException.class)
                    .satisfiesAnyOf(
                            e -> assertThat(e).hasCauseInstanceOf(InterruptedIOException.class),
                            e -> assertThat(e).isInstanceOf(QueryCancelledException.class));
            caller.join(5_000);
            assertUsable();
        }
    }

    /** The same session, and nothing was copied. */
    private void assertUsable() {
        assertThat(connection.inTransaction()).isFalse();
        assertThat(rowsIn("target")).isZero();
        assertThat(connection.fetchOne("select pg_backend_pid()").getInt(0)).isEqualTo(pid);
    }

    private long rowsIn(String table) {
        return connection.fetchOne("select count(*) from " + table).getLong(0);
    }

    private long differences() {
        return connection
                .fetchOne("select count(*) from (select * from source except all select * from target) d")
                .getLong(0);
    }
}
