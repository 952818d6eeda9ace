package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.PostgresServer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A commit on a session that was lost never says that it has worked, whatever was swallowed before, and says what is known. */
@Timeout(60)
class CommitAfterLossIT {

    /** What ends the session. */
    enum Loss {
        TERMINATED,
        FIN,
        RST
    }

    private final PostgresServer server = PostgresServer.shared();
    private FaultProxy link;
    private PgConnection connection;

    @BeforeEach
    void connect() {
        link = new FaultProxy(server.host(), server.port());
        connection = PgConnection.open(PgConnectOptions.parse(server.uri()).toBuilder()
                .host("127.0.0.1")
                .port(link.port())
                .build());
        try (PgConnection admin = PgConnection.open(server.uri())) {
            admin.execute("create table commit_after_loss (id int)");
        }
    }

    @AfterEach
    void disconnect() {
        connection.close();
        link.close();
        try (PgConnection admin = PgConnection.open(server.uri())) {
            admin.execute("drop table commit_after_loss");
        }
    }

    private void lose(Loss loss) {
        switch (loss) {
            case TERMINATED -> server.query("select pg_terminate_backend(" + connection.backendPid() + ", 10000)");
            case FIN -> link.cutWithFin();
            case RST -> link.cutWithRst();
        }
    }

    private void nothingIsThere() {
        Awaitility.await()
                .until(() -> server.query(
                                "select count(*) from pg_stat_activity where pid = " + connection.backendPid())
                        .equals("0"));
        assertThat(server.query("select count(*) from commit_after_loss")).isEqualTo("0");
    }

    private static void failsWith(ThrowingCallable call, Outcome... outcomes) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PgException.class, e -> assertThat(e.outcome()).isIn((Object[]) outcomes));
    }

    @ParameterizedTest
    @EnumSource
    void lostBetweenAStatementAndTheCommit(Loss loss) {
        PgTransaction transaction = connection.begin();
        transaction.execute("insert into commit_after_loss values (1)");
        lose(loss);
        // A reset is noticed when COMMIT is written, the others are when its answer is read.
        failsWith(transaction::commit, loss == Loss.RST ? Outcome.values() : new Outcome[] {Outcome.UNKNOWN});
        assertThatThrownBy(transaction::commit).isInstanceOf(IllegalStateException.class);
        transaction.close();
        nothingIsThere();
    }

    @Test
    void lostByTheStatementThatBeginTravelledWith() {
        PgTransaction transaction = connection.begin();
        failsWith(
                () -> transaction.execute(
                        "insert into commit_after_loss select 1 from pg_terminate_backend(pg_backend_pid())"),
                Outcome.values());
        failsWith(transaction::commit, Outcome.NOT_SENT);
        transaction.close();
        nothingIsThere();
    }

    @ParameterizedTest
    @EnumSource
    void lostBeforeTheStatementThatBeginTravelledWith(Loss loss) {
        PgTransaction transaction = connection.begin();
        lose(loss);
        failsWith(() -> transaction.execute("insert into commit_after_loss values (1)"), Outcome.values());
        failsWith(transaction::commit, Outcome.NOT_SENT);
        transaction.close();
        nothingIsThere();
    }

    @Test
    void closedByItsPoolBeforeBeginWasSent() {
        PgTransaction transaction = connection.begin();
        ((SessionConnection) connection).session().abort("its pool was closed");
        failsWith(() -> transaction.execute("insert into commit_after_loss values (1)"), Outcome.NOT_SENT);
        failsWith(transaction::commit, Outcome.NOT_SENT);
        transaction.close();
        nothingIsThere();
    }

    @Test
    void lostBeforeItBegan() {
        lose(Loss.TERMINATED);
        failsWith(() -> connection.fetch("select 1"), Outcome.values());
        PgTransaction transaction = connection.begin();
        failsWith(() -> transaction.execute("insert into commit_after_loss values (1)"), Outcome.NOT_SENT);
        failsWith(transaction::commit, Outcome.NOT_SENT);
        transaction.close();
        nothingIsThere();
    }
}
