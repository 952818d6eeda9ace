package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.Query;
import io.github.pgpure.RowStream;
import io.github.pgpure.test.PostgresServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a procedure has committed stays when it fails, so its error must not be called one without effect, after which running it again would be safe. */
@Timeout(60)
class CommittingCommandIT {

    /** Ends what sleeps for 30 s, and leaves time for what comes before it. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    /** For what is not to be ended, where the connection has a limit. */
    private static final Duration LONG = Duration.ofSeconds(20);

    private PgConnection connection;

    @BeforeEach
    void connect() {
        connection = open(Duration.ZERO);
    }

    private static PgConnection open(Duration queryTimeout) {
        var connection =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()).toBuilder()
                        .queryTimeout(queryTimeout)
                        .build());
        connection.execute(Query.of("""
                create temp table done (step int);
                create procedure pg_temp.half(step int, seconds float8) language plpgsql as $$
                begin
                    insert into done values (step);
                    commit;
                    perform pg_sleep(seconds);
                    raise 'the second half failed';
                end $$""").timeout(LONG));
        return connection;
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    @Test
    void failureOfAProcedureMayHaveHadAnEffect() {
        assertOutcome(Outcome.UNKNOWN, () -> connection.execute("call pg_temp.half(1, 0)"));
        assertOutcome(Outcome.UNKNOWN, () -> connection.execute("call pg_temp.half($1, 0)", 2));
        assertOutcome(Outcome.UNKNOWN, () -> connection.fetch(" -- by step\n /* three */ CALL pg_temp.half($1, 0)", 3));
        assertOutcome(Outcome.UNKNOWN, () -> {
            try (RowStream rows = connection.stream("call pg_temp.half($1, 0)", 4)) {
                rows.iterator().hasNext();
            }
        });
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.executeBatch("call pg_temp.half($1, 0)", List.<Object[]>of(new Object[] {5})));
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection
                        .pipeline(pipeline -> pipeline.execute("call pg_temp.half($1, 0)", 6))
                        .join());
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.execute("do $$ begin insert into done values (7); commit; raise 'failed'; end $$"));
        assertThat(connection.fetch(Query.of("select step from done order by 1"), row -> row.getInt(0)))
                .containsExactly(1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void soMayItsCancellation() {
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.execute(Query.of("call pg_temp.half(1, 30)").timeout(LIMIT)));
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.execute(
                        Query.of("call pg_temp.half($1, 30)").bind(2).timeout(LIMIT)));
        assertThat(connection.fetchOne("select count(*) from done").getInt(0)).isEqualTo(2);
    }

    @Test
    void whatWasCommittedStaysAlsoWhereATransactionWasBegunAfterIt() {
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.execute(Query.of("insert into done values (1); commit; begin; select pg_sleep(30)")
                        .timeout(LIMIT)));
        connection.close();
        connection = open(LIMIT);
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.pipeline(pipeline -> {
                    pipeline.execute("insert into done values ($1)", 2);
                    pipeline.execute("begin");
                    return pipeline.fetch("select pg_sleep($1)", 30.0);
                }));
        assertThat(connection
                        .fetchOne(Query.of("select step from done").timeout(LONG))
                        .getInt(0))
                .isEqualTo(2);
    }

    /** The constraint is checked by the Sync that ends the stream, long after the procedure has committed its first half. */
    @Test
    void endOfAStreamMayHaveHadAnEffect() {
        connection.execute("""
                create temp table one (i int, constraint once unique (i) deferrable initially deferred);
                create procedure pg_temp.twice() language plpgsql as $$
                begin
                    insert into one values (1);
                    commit;
                    insert into one values (1);
                end $$""");
        assertOutcome(Outcome.UNKNOWN, () -> {
            try (RowStream rows = connection.stream("call pg_temp.twice()")) {
                rows.stream().count();
            }
        });
        assertThat(connection.fetchOne("select count(*) from one").getInt(0)).isEqualTo(1);
    }

    @Test
    void copyAmongSeveralCommandsMayHaveHadAnEffect() {
        var none = new ByteArrayInputStream(new byte[0]);
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.copyIn("insert into done values (1); copy done from stdin; commit; select 1/0", none));
        var failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("no more");
            }
        };
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.copyIn("insert into done values (2); commit; copy done from stdin", failing));
        assertOutcome(
                Outcome.ROLLED_BACK,
                () -> connection.copyIn("insert into done values (3); copy done from stdin", failing));
        assertThat(connection.fetch(Query.of("select step from done order by 1"), row -> row.getInt(0)))
                .containsExactly(1, 2);
    }

    /** Nobody has asked for its data, but the command has run to its end. */
    @Test
    void copyThatWasRunAsAQueryMayHaveHadAnEffect() {
        connection.execute("insert into done values (1), (2)");
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.execute("copy (delete from done where step = 1 returning step) to stdout"));
        assertOutcome(
                Outcome.UNKNOWN, () -> connection.execute("insert into done values (3); commit; copy done from stdin"));
        assertOutcome(
                Outcome.ROLLED_BACK, () -> connection.execute("insert into done values (4); copy done from stdin"));
        assertThat(connection.fetch(Query.of("select step from done order by 1"), row -> row.getInt(0)))
                .containsExactly(2, 3);
    }

    @Test
    void copyWhoseSinkFailsMayHaveHadAnEffect() {
        connection.execute("insert into done values (1), (2)");
        String takeOut = "copy (delete from done returning step) to stdout";
        var full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("full");
            }
        };
        try (PgTransaction tx = connection.begin()) {
            assertOutcome(Outcome.ROLLED_BACK, () -> tx.copyOut(takeOut, full));
        }
        assertThat(connection.fetchOne("select count(*) from done").getInt(0)).isEqualTo(2);
        assertOutcome(Outcome.UNKNOWN, () -> connection.copyOut(takeOut, full));
        assertOutcome(Outcome.NOT_SENT, () -> connection.copyOut(takeOut, Path.of("/no/such/folder/file")));
    }

    @Test
    void whatWasCommittedBeforeThePartThatIsCancelledStays() {
        connection.close();
        connection = open(LIMIT);
        var timedOut = new AtomicReference<CompletableFuture<?>>();
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.pipeline(pipeline -> {
                    pipeline.execute("insert into done values ($1)", 1);
                    timedOut.set(pipeline.execute("call pg_temp.half($1, 30)", 2));
                    return null;
                }));
        assertOutcome(Outcome.UNKNOWN, () -> timedOut.get().join());
        assertOutcome(
                Outcome.UNKNOWN,
                () -> connection.execute(Query.of("insert into done values (3); commit;"
                                + " select repeat('x', 100) from generate_series(1, 10000); select pg_sleep(30)")
                        .timeout(LIMIT)));
        assertThat(connection.fetch(Query.of("select step from done order by 1").timeout(LONG), row -> row.getInt(0)))
                .containsExactly(1, 2, 3);
    }

    @Test
    void emptyStatementsAndLinesThatEndOtherwiseComeBeforeIt() {
        assertOutcome(Outcome.UNKNOWN, () -> connection.execute(";call pg_temp.half(1, 0)"));
        assertOutcome(Outcome.UNKNOWN, () -> connection.execute("-- a comment\rcall pg_temp.half(2, 0)"));
        assertOutcome(Outcome.UNKNOWN, () -> connection.execute("/* a /* b */ c */ CALL pg_temp.half(3, 0)"));
        assertOutcome(Outcome.UNKNOWN, () -> connection.execute("/* a /* b */ c */ call pg_temp.half($1, 0)", 4));
        assertThat(connection.fetchOne("select count(*) from done").getInt(0)).isEqualTo(4);
    }

    @Test
    void whatIsDoneConcurrentlyIsLeftHalfDone() {
        connection.execute("insert into done values (1), (1)");
        assertOutcome(
                Outcome.UNKNOWN, () -> connection.execute("create unique index concurrently done_once on done (step)"));
    }

    @Test
    void whatHasNotBegunOrCannotCommitHasHadNone() {
        assertOutcome(Outcome.ROLLED_BACK, () -> connection.execute("call pg_temp.no_such_procedure($1)", 1));
        assertOutcome(Outcome.ROLLED_BACK, () -> connection.execute("select 1 / $1", 0));
        assertOutcome(Outcome.ROLLED_BACK, () -> connection.execute("create temp table done (step int)"));
        try (PgTransaction tx = connection.begin()) {
            assertOutcome(Outcome.ROLLED_BACK, () -> tx.execute("call pg_temp.half($1, 0)", 1));
        }
        try (PgTransaction tx = connection.begin()) {
            assertOutcome(Outcome.ROLLED_BACK, () -> tx.execute("call pg_temp.half(1, 0)"));
        }
        assertThat(connection.fetchOne("select count(*) from done").getInt(0)).isZero();
    }

    private static void assertOutcome(Outcome outcome, Runnable statement) {
        Throwable failure = catchThrowableOfType(RuntimeException.class, statement::run);
        if (failure instanceof CompletionException) {
            failure = failure.getCause();
        }
        assertThat(failure).isInstanceOf(PgException.class);
        assertThat(((PgException) failure).outcome()).as(failure.getMessage()).isEqualTo(outcome);
    }
}
