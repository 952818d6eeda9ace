package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.bindComplete;
import static io.github.pgpure.test.BackendMessages.commandComplete;
import static io.github.pgpure.test.BackendMessages.message;
import static io.github.pgpure.test.BackendMessages.noData;
import static io.github.pgpure.test.BackendMessages.parameterDescription;
import static io.github.pgpure.test.BackendMessages.parseComplete;
import static io.github.pgpure.test.BackendMessages.readyForQuery;
import static io.github.pgpure.test.BackendMessages.rowDescription;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.test.ScriptedClient;
import io.github.pgpure.test.ScriptedServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which messages travel together. The server answers only when a Sync has come, so that who waits for an answer in between would wait for ever. */
@Timeout(30)
class ExchangesTests {

    /** What each exchange consisted of, by the types of its messages. */
    private final List<String> exchanges = Collections.synchronizedList(new ArrayList<>());

    @Test
    void preparedStatementIsOneExchange() throws IOException {
        assertThat(exchanges(
                        false,
                        connection -> connection.fetch("select"),
                        connection -> connection.fetch("select"),
                        connection -> connection.fetch("select")))
                .containsExactly("PDS", "BES", "BES", "BES");
    }

    @Test
    void beginTravelsWithTheFirstStatement() throws IOException {
        assertThat(exchanges(false, connection -> connection.fetch("select"), connection -> {
                    try (PgTransaction tx = connection.begin()) {
                        tx.fetch("select");
                        tx.fetch("select");
                        tx.commit();
                    }
                }))
                .containsExactly("PDS", "BES", "PBEBES", "BES", "Q");
    }

    @Test
    void batchHasOneSync() throws IOException {
        List<Object[]> sets = Collections.nCopies(5, new Object[0]);
        assertThat(exchanges(false, connection -> connection.executeBatch("delete", sets)))
                .containsExactly("PDS", "BE".repeat(5) + "S");
    }

    @Test
    void pipelineHasOneSync() throws IOException {
        Consumer<PgConnection> pipeline = connection -> connection.pipeline(p -> {
            p.execute("delete");
            p.fetch("select");
            p.execute("delete");
            return null;
        });
        assertThat(exchanges(false, pipeline, pipeline)).containsExactly("PDS", "PDS", "BEBEBES", "BEBEBES");
    }

    @Test
    void statementsBehindATransactionPoolerAreOneExchangeOfUnnamedOnes() throws IOException {
        assertThat(exchanges(
                        true,
                        connection -> connection.fetch("select"),
                        connection -> connection.fetch("select"),
                        connection -> {
                            try (PgTransaction tx = connection.begin()) {
                                tx.fetch("select");
                                tx.commit();
                            }
                        }))
                .containsExactly("PDS", "PBDES", "PBDES", "PBEPBDES", "Q");
    }

    @SafeVarargs
    private List<String> exchanges(boolean pooler, Consumer<PgConnection>... work) throws IOException {
        try (var server = ScriptedServer.start(this::record)) {
            PgConnectOptions options =
                    server.options().transactionPooling(pooler).build();
            try (PgConnection connection = PgConnection.open(options)) {
                for (Consumer<PgConnection> step : work) {
                    step.accept(connection);
                }
            }
        }
        return exchanges;
    }

    private void record(ScriptedClient client) throws Exception {
        client.welcome();
        var types = new StringBuilder();
        List<byte[]> answers = new ArrayList<>();
        boolean begun = false;
        while (true) {
            ScriptedClient.Message message = client.read();
            types.append(message.type());
            switch (message.type()) {
                case 'P' -> {
                    begun |= message.text().isEmpty() && new String(message.body()).contains("BEGIN");
                    answers.add(parseComplete());
                }
                case 'B' -> answers.add(bindComplete());
                case 'D' -> {
                    if (message.body()[0] == 'S') {
                        answers.add(parameterDescription());
                    }
                    answers.add(noData());
                }
                case 'E' -> answers.add(commandComplete("SELECT 0"));
                case 'S' -> answers.add(readyForQuery(begun ? 'T' : 'I'));
                case 'Q' -> {
                    begun = false;
                    answers.add(commandComplete(message.text()));
                    answers.add(readyForQuery('I'));
                }
                case 'X' -> client.awaitClose();
                default -> throw new AssertionError("did not expect a message '" + message.type() + "'");
            }
            if (message.type() == 'S' || message.type() == 'Q') {
                exchanges.add(types.toString());
                types.setLength(0);
                client.send(answers.toArray(new byte[0][]));
                answers.clear();
            }
        }
    }

    /** The COMMIT of a copy of rows that makes its own transaction. */
    @Test
    void whatABrokenOffCommitHasDoneIsNotClaimedToBeKnown() throws IOException {
        var self = new AtomicReference<ScriptedServer>();
        try (var server = ScriptedServer.start(client -> {
            client.welcome();
            client.skipTo('S');
            client.send(
                    parseComplete(),
                    bindComplete(),
                    commandComplete("BEGIN"),
                    parseComplete(),
                    parameterDescription(),
                    rowDescription("name"),
                    readyForQuery('T'));
            client.expect('Q');
            client.send(message('G', new byte[] {1, 0, 1, 0, 1}));
            client.skipTo('c');
            client.send(commandComplete("COPY 1"), readyForQuery('T'));
            client.expect('Q');
            Awaitility.await().until(() -> self.get().cancelRequests() > 0);
            client.send(commandComplete("COMMIT"), readyForQuery('I'));
            client.serve();
        })) {
            self.set(server);
            PgConnectOptions options =
                    server.options().queryTimeout(Duration.ofMillis(500)).build();
            try (PgConnection connection = PgConnection.open(options)) {
                var failure = catchThrowableOfType(
                        QueryTimeoutException.class,
                        () -> connection.copyIn("t", List.of("name"), List.<Object[]>of(new Object[] {"one"})));
                assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
                assertThat(failure).hasMessageNotContaining("rolled back");
                assertThat(connection.fetchOne("select name").getString(0)).isEqualTo("one");
            }
        }
    }
}
