package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.bindComplete;
import static io.github.pgpure.test.BackendMessages.closeComplete;
import static io.github.pgpure.test.BackendMessages.commandComplete;
import static io.github.pgpure.test.BackendMessages.dataRow;
import static io.github.pgpure.test.BackendMessages.errorResponse;
import static io.github.pgpure.test.BackendMessages.parameterDescription;
import static io.github.pgpure.test.BackendMessages.parameterStatus;
import static io.github.pgpure.test.BackendMessages.parseComplete;
import static io.github.pgpure.test.BackendMessages.readyForQuery;
import static io.github.pgpure.test.BackendMessages.rowDescription;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.Row;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.test.ScriptedServer;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same with a server that answers when and what it is told to. */
@Timeout(60)
class SessionIntegrityTests {

    private static final String SQL = "select name from t";
    private static final byte[] READY = readyForQuery('I');

    @Test
    void statementWhosePreparationWasGivenUpIsClosed() throws Exception {
        var givenUp = new CountDownLatch(1);
        var closed = new CountDownLatch(1);
        try (var server = ScriptedServer.start(client -> {
                    client.welcome();
                    String name = client.expect('P').text();
                    client.skipTo('S');
                    givenUp.await();
                    client.send(parseComplete(), parameterDescription(), rowDescription("name"), READY);
                    if (client.expect('C').text().equals("S" + name)) {
                        closed.countDown();
                    }
                    client.fin();
                });
                var connection = PgConnection.open(server.options().build())) {
            assertThatThrownBy(() -> connection.fetch(Query.of(SQL).timeout(Duration.ofSeconds(1))))
                    .isInstanceOf(QueryTimeoutException.class);
            givenUp.countDown();
            assertThatThrownBy(() -> connection.fetch(Query.of(SQL).timeout(Duration.ofSeconds(20))))
                    .isInstanceOf(PgConnectionException.class);
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void streamKeepsNoMoreOfAPieceInMemoryThanItIsMeantTo() throws Exception {
        var goOn = new CountDownLatch(1);
        String large = "x".repeat(50_000);
        try (var server = ScriptedServer.start(client -> {
                    client.welcome();
                    client.skipTo('S');
                    client.send(parseComplete(), parameterDescription(), rowDescription("name"), READY);
                    client.skipTo('H');
                    client.send(bindComplete(), dataRow(large), dataRow(large));
                    goOn.await(); // with the rest of what was asked for
                    client.send(dataRow("last"), commandComplete("SELECT 3"));
                    client.skipTo('S');
                    client.send(closeComplete(), READY);
                    client.awaitClose();
                });
                var connection = PgConnection.open(server.options().build());
                var stream = connection.stream(SQL)) {
            Iterator<Row> rows = stream.iterator();
            assertThat(rows.next().getString(0)).isEqualTo(large);
            assertThat(rows.next().getString(0)).isEqualTo(large);
            goOn.countDown();
            assertThat(rows.next().getString(0)).isEqualTo("last");
            assertThat(rows.hasNext()).isFalse();
        }
    }

    @Test
    void transactionWhoseBeginWasGivenUpTakesNothingMoreAndIsClosedAtOnce() throws IOException {
        try (var server = ScriptedServer.start(client -> {
                    client.welcome();
                    client.stall();
                });
                var connection = PgConnection.open(
                        server.options().queryTimeout(Duration.ofMillis(100)).build())) {
            PgTransaction tx = connection.begin();
            assertThatThrownBy(() -> tx.execute("insert into t values (1)")).isInstanceOf(QueryTimeoutException.class);
            assertThatThrownBy(() -> tx.execute("insert into t values (2)"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was rolled back");
            PgTransaction other = tx;
            long start = System.nanoTime();
            other.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void closingATransactionDoesNotWaitForAServerThatIsSilent() throws IOException {
        try (var server = ScriptedServer.start(client -> {
                    client.welcome();
                    client.stall();
                });
                var connection = PgConnection.open(
                        server.options().queryTimeout(Duration.ofMillis(100)).build())) {
            PgTransaction tx = connection.begin();
            assertThatThrownBy(() -> tx.fetch(SQL)).isInstanceOf(QueryTimeoutException.class);
            long start = System.nanoTime();
            tx.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void serverThatCannotBeAskedWhatItIsIsLeft() throws Exception {
        var left = new CountDownLatch(1);
        try (var server = ScriptedServer.start(client -> {
            client.welcome();
            client.expect('Q');
            client.send(errorResponse("ERROR", "42501", "permission denied"), READY);
            client.readUntilClosed();
            left.countDown();
        })) {
            assertThatThrownBy(() -> PgConnection.open(server.options()
                            .targetSessionAttrs(TargetSessionAttrs.PRIMARY)
                            .build()))
                    .isInstanceOf(PgServerException.class);
            assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void parameterThatIsSetBackInTimeDoesNoHarm() throws IOException {
        try (var server = ScriptedServer.start(client -> {
                    client.welcome();
                    client.expect('Q');
                    client.send(
                            parameterStatus("DateStyle", "German, DMY"),
                            parameterStatus("DateStyle", "ISO, MDY"),
                            commandComplete("SELECT 1"),
                            READY);
                    client.awaitClose();
                });
                var connection = PgConnection.open(server.options().build())) {
            connection.execute("select f()");
            assertThat(connection.dead()).isFalse();
        }
    }

    @Test
    void manyColumnsAreNotConfused() throws IOException {
        String[] names = IntStream.range(0, 9_000).mapToObj(i -> "c" + i).toArray(String[]::new);
        try (var server = ScriptedServer.start(client -> {
                    client.welcome();
                    client.skipTo('S');
                    client.send(parseComplete(), parameterDescription(), rowDescription(names), READY);
                    client.skipTo('S');
                    client.send(bindComplete(), dataRow(names), commandComplete("SELECT 1"), READY);
                    client.awaitClose();
                });
                var connection = PgConnection.open(server.options().build())) {
            Row row = connection.fetchOne(SQL);
            for (int i = 0; i < names.length; i++) {
                assertThat(row.getString(i)).isEqualTo(names[i]);
            }
            assertThat(row.getString(5_000)).isEqualTo(names[5_000]);
        }
    }
}
