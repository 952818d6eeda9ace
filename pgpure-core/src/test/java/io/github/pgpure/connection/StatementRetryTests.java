package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.bindComplete;
import static io.github.pgpure.test.BackendMessages.commandComplete;
import static io.github.pgpure.test.BackendMessages.dataRow;
import static io.github.pgpure.test.BackendMessages.errorResponse;
import static io.github.pgpure.test.BackendMessages.message;
import static io.github.pgpure.test.BackendMessages.parameterDescription;
import static io.github.pgpure.test.BackendMessages.parseComplete;
import static io.github.pgpure.test.BackendMessages.readyForQuery;
import static io.github.pgpure.test.BackendMessages.rowDescription;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.test.ScriptedClient;
import io.github.pgpure.test.ScriptedServer;
import io.github.pgpure.transport.Deadline;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * When a statement whose session is lost is run on another session by itself: only where the server cannot have executed anything of it. What makes the
 * difference is what the first server says last.
 */
@Timeout(30)
class StatementRetryTests {

    private static final String SQL = "select name";

    /** How the first session ends, the statement being prepared there already or not. */
    private enum Loss {
        WHILE_IT_IS_PREPARED(true, Outcome.NOT_SENT, client -> {
            client.expect('P');
            client.fin();
        }),
        WHILE_IT_IS_PREPARED_BY_RESET(true, Outcome.NOT_SENT, client -> {
            client.expect('P');
            client.rst();
        }),
        WHILE_IT_IS_PREPARED_WITH_A_FAREWELL(true, Outcome.NOT_SENT, client -> {
            client.skipTo('S');
            client.send(farewell("57P01"));
            client.fin();
        }),
        FAREWELL_IN_PLACE_OF_THE_FIRST_ANSWER(true, Outcome.ROLLED_BACK, client -> {
            prepare(client);
            client.skipTo('S');
            client.send(farewell("57P01"));
            client.fin();
        }),
        FAREWELL_FOR_IDLENESS(true, Outcome.ROLLED_BACK, client -> {
            prepare(client);
            client.skipTo('S');
            client.send(farewell("57P05"));
            client.fin();
        }),
        FAREWELL_OF_A_CRASH(false, Outcome.UNKNOWN, client -> {
            prepare(client);
            client.skipTo('S');
            client.send(farewell("57P02"));
            client.fin();
        }),
        FAREWELL_AFTER_THE_BIND(false, Outcome.UNKNOWN, client -> {
            prepare(client);
            client.skipTo('S');
            client.send(bindComplete(), farewell("57P01"));
            client.fin();
        }),
        END_WITHOUT_A_WORD(false, Outcome.UNKNOWN, client -> {
            prepare(client);
            client.skipTo('S');
            client.fin();
        }),
        RESET_WITHOUT_A_WORD(false, Outcome.UNKNOWN, client -> {
            prepare(client);
            client.skipTo('S');
            client.rst();
        }),
        END_AFTER_THE_COMMAND(false, Outcome.UNKNOWN, client -> {
            prepare(client);
            client.skipTo('S');
            client.send(bindComplete(), dataRow("one"), commandComplete("SELECT 1"));
            client.fin();
        });

        private final boolean again;
        private final Outcome outcome;
        private final ScriptedServer.Script script;

        Loss(boolean again, Outcome outcome, ScriptedServer.Script script) {
            this.again = again;
            this.outcome = outcome;
            this.script = script;
        }
    }

    private static byte[] farewell(String sqlState) {
        return errorResponse("FATAL", sqlState, "terminating connection");
    }

    private static void prepare(ScriptedClient client) throws IOException {
        client.skipTo('S');
        client.send(parseComplete(), parameterDescription(), rowDescription("name"), readyForQuery('I'));
    }

    /** Takes a new session for each attempt. */
    private static final class Sessions extends SessionOperations implements AutoCloseable {

        private final ScriptedServer server;
        private final boolean others;
        private final List<Session> taken = new ArrayList<>();
        private int released;

        Sessions(ScriptedServer server, boolean others) {
            this.server = server;
            this.others = others;
        }

        @Override
        protected Session acquire(Deadline deadline) {
            taken.add(Session.open(server.options().build(), new TypeRegistry()));
            return taken.get(taken.size() - 1);
        }

        @Override
        protected void release(Session session) {
            assertThat(session).isSameAs(taken.get(released++));
        }

        @Override
        protected Duration defaultTimeout() {
            return Duration.ofSeconds(10);
        }

        @Override
        protected boolean offersOtherSessions() {
            return others;
        }

        @Override
        public void close() {
            assertThat(released).as("each session is given back once").isEqualTo(taken.size());
            taken.forEach(Session::close);
        }
    }

    @ParameterizedTest
    @EnumSource
    void fetchIsRunElsewhereOnlyWhereNothingCanHaveBeenExecuted(Loss loss) throws IOException {
        assertAttempts(
                loss.script,
                loss.again,
                loss.outcome,
                sessions -> assertThat(sessions.fetchOne(SQL).getString(0)).isEqualTo("one"));
    }

    @ParameterizedTest
    @EnumSource
    void soIsOneThatMapsItsRows(Loss loss) throws IOException {
        List<String> mapped = new ArrayList<>();
        assertAttempts(loss.script, loss.again, loss.outcome, sessions -> {
            mapped.clear();
            sessions.fetch(io.github.pgpure.Query.of(SQL), row -> mapped.add(row.getString(0)));
            assertThat(mapped).containsExactly("one");
        });
    }

    @Test
    void simpleStatementThatWasSentIsNeverRunElsewhere() throws IOException {
        for (String sqlState : List.of("57P01", "57P02", "57P05")) {
            assertAttempts(
                    client -> {
                        client.expect('Q');
                        client.send(farewell(sqlState));
                        client.fin();
                    },
                    false,
                    Outcome.UNKNOWN,
                    sessions -> sessions.execute("delete from anything"));
        }
    }

    @Test
    void batchIsRunElsewhereOnlyBeforeItsFirstBind() throws IOException {
        List<Object[]> sets = List.of(new Object[0], new Object[0]);
        assertAttempts(
                client -> {
                    prepare(client);
                    client.skipTo('S');
                    client.send(farewell("57P01"));
                    client.fin();
                },
                true,
                Outcome.ROLLED_BACK,
                sessions -> assertThat(sessions.executeBatch(SQL, sets)).hasSize(2));
        assertAttempts(
                client -> {
                    prepare(client);
                    client.skipTo('S');
                    client.send(bindComplete(), farewell("57P01"));
                    client.fin();
                },
                false,
                Outcome.UNKNOWN,
                sessions -> sessions.executeBatch(SQL, sets));
    }

    @Test
    void copyThatWasSentIsNotBegunElsewhere() throws IOException {
        assertAttempts(
                client -> {
                    client.expect('Q');
                    client.send(message('G', new byte[] {0, 0, 0}));
                    client.expect('d');
                    client.send(farewell("57P01"));
                    client.fin();
                },
                false,
                Outcome.UNKNOWN,
                sessions -> sessions.copyIn("copy anything from stdin", new ByteArrayInputStream(new byte[1_000])));
    }

    @Test
    void errorThatLeavesTheSessionAliveIsNoReason() throws IOException {
        assertAttempts(
                client -> {
                    client.skipTo('S');
                    client.send(errorResponse("ERROR", "57P01", "an error only"), readyForQuery('I'));
                    client.awaitClose();
                },
                false,
                Outcome.ROLLED_BACK,
                sessions -> sessions.fetch(SQL));
    }

    @Test
    void noMoreThanTenSessionsAreTried() throws IOException {
        ScriptedServer.Script login = client -> {
            client.welcome();
            Loss.WHILE_IT_IS_PREPARED.script.run(client);
        };
        try (var server = ScriptedServer.start(login);
                var sessions = new Sessions(server, true)) {
            var failure = catchThrowableOfType(PgException.class, () -> sessions.fetch(SQL));
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
            assertThat(sessions.taken).hasSize(10);
        }
    }

    @Test
    void whoHasOneSessionOnlyGetsTheError() throws IOException {
        try (var server = server(Loss.WHILE_IT_IS_PREPARED.script);
                var sessions = new Sessions(server, false)) {
            var failure = catchThrowableOfType(PgException.class, () -> sessions.fetch(SQL));
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
            assertThat(sessions.taken).hasSize(1);
        }
    }

    private static void assertAttempts(
            ScriptedServer.Script loss, boolean again, Outcome outcome, Consumer<Sessions> statement)
            throws IOException {
        try (var server = server(loss);
                var sessions = new Sessions(server, true)) {
            if (again) {
                statement.accept(sessions);
                assertThat(sessions.taken).hasSize(2);
            } else {
                var failure = catchThrowableOfType(PgException.class, () -> statement.accept(sessions));
                assertThat(failure).as("a failure").isNotNull();
                assertThat(failure.outcome()).isEqualTo(outcome);
                assertThat(sessions.taken).hasSize(1);
            }
        }
        // What the caller would be told who has no other session is the same thing.
        try (var server = server(loss);
                var sessions = new Sessions(server, false)) {
            var failure = catchThrowableOfType(PgException.class, () -> statement.accept(sessions));
            assertThat(failure).as("a failure").isNotNull();
            assertThat(failure.outcome()).isEqualTo(outcome);
        }
    }

    /** The first session ends like this; all others serve. */
    private static ScriptedServer server(ScriptedServer.Script loss) throws IOException {
        return ScriptedServer.startInTurn(
                client -> {
                    client.welcome();
                    loss.run(client);
                },
                client -> {
                    client.welcome();
                    client.serve();
                });
    }
}
