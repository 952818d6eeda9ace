package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.authenticationOk;
import static io.github.pgpure.test.BackendMessages.bindComplete;
import static io.github.pgpure.test.BackendMessages.commandComplete;
import static io.github.pgpure.test.BackendMessages.concat;
import static io.github.pgpure.test.BackendMessages.dataRow;
import static io.github.pgpure.test.BackendMessages.errorResponse;
import static io.github.pgpure.test.BackendMessages.message;
import static io.github.pgpure.test.BackendMessages.noticeResponse;
import static io.github.pgpure.test.BackendMessages.parameterDescription;
import static io.github.pgpure.test.BackendMessages.parseComplete;
import static io.github.pgpure.test.BackendMessages.readyForQuery;
import static io.github.pgpure.test.BackendMessages.rowDescription;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgConsumer;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.test.ScriptedClient;
import io.github.pgpure.test.ScriptedServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers whose answers to a query are none: the connection is given up, and nothing made up is handed out. */
@Timeout(60)
class HostileResultTests {

    private static final String SQL = "select name from t";

    private static final byte[] COMPLETE = commandComplete("SELECT 1");
    private static final byte[] READY = readyForQuery('I');

    static Stream<Arguments> violations() {
        return Stream.of(
                Arguments.of("row with a column too many", concat(bindComplete(), dataRow("a", "b"), COMPLETE, READY)),
                Arguments.of("row with a column too few", concat(bindComplete(), dataRow(), COMPLETE, READY)),
                Arguments.of("column of length -2", concat(bindComplete(), row(1, -2, 0))),
                Arguments.of("column longer than its row", concat(bindComplete(), row(1, 1000, 3))),
                Arguments.of("column of the largest length", concat(bindComplete(), row(1, Integer.MAX_VALUE, 3))),
                Arguments.of("row with bytes too many", concat(bindComplete(), row(1, 2, 9))),
                Arguments.of("row that counts 65535 columns", concat(bindComplete(), row(65535, 1, 1))),
                Arguments.of(
                        "length of the smallest number",
                        concat(bindComplete(), message('D', Integer.MIN_VALUE, new byte[4]))),
                Arguments.of(
                        "error beyond all limits",
                        concat(bindComplete(), message('E', Integer.MAX_VALUE, new byte[4]))),
                Arguments.of("tag without an end", concat(bindComplete(), message('C', new byte[] {'S'}))),
                Arguments.of("status that does not exist", concat(bindComplete(), COMPLETE, readyForQuery('?'))),
                Arguments.of("another authentication", concat(bindComplete(), authenticationOk())),
                Arguments.of("another key", concat(bindComplete(), message('K', new byte[8]))),
                Arguments.of("COPY both ways", concat(bindComplete(), message('W', new byte[3]))),
                Arguments.of("COPY data out of nowhere", concat(bindComplete(), message('d', new byte[3]))),
                Arguments.of("unknown type", concat(bindComplete(), message('?', new byte[0]))),
                Arguments.of("end without a beginning", concat(bindComplete(), COMPLETE, READY, READY)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("violations")
    void violationEndsTheConnection(String name, byte[] answer) throws IOException {
        try (var server = ScriptedServer.start(client -> {
                    execution(client);
                    client.send(answer);
                    client.awaitClose();
                });
                var connection = PgConnection.open(server.options().build())) {
            assertThatExceptionOfType(PgProtocolException.class).isThrownBy(() -> {
                connection.fetch(SQL);
                // What comes behind the end of an answer is seen by the next query.
                connection.fetch(SQL);
            });
            assertThat(connection.dead()).isTrue();
            assertThat(connection.ready()).isFalse();
            assertThatExceptionOfType(PgException.class).isThrownBy(() -> connection.fetch(SQL));
        }
    }

    static Stream<Arguments> unfinished() {
        return Stream.of(
                Arguments.of("fetch", (PgConsumer<PgConnection>) connection -> connection.fetch(SQL)),
                Arguments.of("execute", (PgConsumer<PgConnection>) connection -> connection.execute(SQL)),
                Arguments.of("stream", (PgConsumer<PgConnection>)
                        connection -> connection.stream(SQL).close()),
                Arguments.of("batch", (PgConsumer<PgConnection>)
                        connection -> connection.executeBatch(SQL, List.of(new Object[0], new Object[0]))),
                Arguments.of("prepare", (PgConsumer<PgConnection>) connection -> connection.prepare("name", SQL)),
                Arguments.of("pipeline", (PgConsumer<PgConnection>)
                        connection -> connection.pipeline(pipeline -> pipeline.fetch(SQL))));
    }

    /** A lone ReadyForQuery, left over from who knows what, would pass for an empty result or a statement without columns. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("unfinished")
    void readyForQueryAloneIsNoAnswer(String name, PgConsumer<PgConnection> use) throws IOException {
        try (var server = ScriptedServer.start(client -> {
                    client.welcome();
                    while (true) {
                        char type = client.read().type();
                        if (type == 'S' || type == 'Q') {
                            client.send(READY);
                        }
                    }
                });
                var connection = PgConnection.open(server.options().build())) {
            assertThatExceptionOfType(PgProtocolException.class).isThrownBy(() -> use.accept(connection));
            assertThat(connection.dead()).isTrue();
        }
    }

    @Test
    void largestRowIsWaitedForWithoutMemoryForIt() throws IOException {
        var heap = new Heap();
        try (var server = ScriptedServer.start(client -> {
                    execution(client);
                    client.send(bindComplete(), message('D', 1 << 30, new byte[1 << 20]));
                    client.stall();
                });
                var connection = PgConnection.open(server.options().build())) {
            long start = System.nanoTime();
            assertThatExceptionOfType(QueryTimeoutException.class)
                    .isThrownBy(() -> connection.fetch(Query.of(SQL).timeout(Duration.ofMillis(500))));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
            assertThat(heap.growth()).isLessThan(Heap.LIMIT);
        }
    }

    @Test
    void endlessNoticesEndAtTheDeadline() throws IOException {
        try (var server = ScriptedServer.start(client -> {
                    execution(client);
                    byte[] notice = noticeResponse("DEBUG1", "00000", "x".repeat(1000));
                    byte[][] notices = new byte[1000][];
                    java.util.Arrays.fill(notices, notice);
                    while (true) {
                        client.send(notices);
                    }
                });
                var connection = PgConnection.open(server.options().build())) {
            long start = System.nanoTime();
            assertThatExceptionOfType(QueryTimeoutException.class)
                    .isThrownBy(() -> connection.fetch(Query.of(SQL).timeout(Duration.ofMillis(500))));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void farewellInTheMiddleOfAResultIsReported() throws IOException {
        try (var server = ScriptedServer.start(client -> {
                    execution(client);
                    client.send(
                            bindComplete(),
                            dataRow("a"),
                            errorResponse("FATAL", "57P01", "terminating connection due to administrator command"));
                    client.fin();
                });
                var connection = PgConnection.open(server.options().build())) {
            Throwable failure = catchThrowable(() -> connection.fetch(SQL));
            assertThat(failure)
                    .isInstanceOfAny(PgConnectionException.class, PgServerException.class)
                    .hasMessageContaining("terminating connection");
            assertThat(connection.dead()).isTrue();
        }
    }

    @Test
    void textThatIsNoUtf8DoesNoHarm() throws IOException {
        try (var server = ScriptedServer.start(client -> {
                    execution(client);
                    byte[] row = dataRow("a");
                    row[row.length - 1] = (byte) 0xff;
                    client.send(bindComplete(), row, COMPLETE, READY);
                    client.serve();
                });
                var connection = PgConnection.open(server.options().build())) {
            var rows = connection.fetch(SQL);
            Throwable failure = catchThrowable(() -> rows.get(0).getString("name"));
            if (failure != null) {
                assertThat(failure).isInstanceOf(PgException.class);
            }
            assertThat(connection.fetchOne(SQL).getString("name")).isEqualTo("one");
        }
    }

    /** Up to the point where the client waits for the rows. */
    private static void execution(ScriptedClient client) throws Exception {
        client.welcome();
        client.expect('P');
        client.skipTo('S');
        client.send(parseComplete(), parameterDescription(), rowDescription("name"), READY);
        client.expect('B');
        client.skipTo('S');
    }

    private static byte[] row(int columns, int length, int bytes) {
        return message(
                'D',
                ByteBuffer.allocate(6 + bytes)
                        .putShort((short) columns)
                        .putInt(length)
                        .array());
    }
}
