package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.IsolationLevel;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.ReadOnlyTransactionException;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.SqlState;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.UniqueViolationException;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions and savepoints on one connection to a real server. */
class TransactionIT {

    private PgConnection connection;

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
        connection.execute("create temp table ledger (id int primary key, amount int)");
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    @Test
    void commitKeepsAndCloseWithoutCommitUndoes() {
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into ledger values ($1, $2)", 1, 10);
            assertThat(connection.inTransaction()).isTrue();
            tx.commit();
        }
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into ledger values ($1, $2)", 2, 20);
        }
        assertThat(connection.inTransaction()).isFalse();
        assertThat(ids()).isEqualTo("1");
    }

    @Test
    void beginTravelsWithTheFirstStatement() {
        try (PgTransaction tx = connection.begin()) {
            assertThat(connection.inTransaction()).isTrue();
            // A transaction that nothing was asked of costs nothing.
            tx.commit();
        }
        assertThat(connection.inTransaction()).isFalse();
        // Prepared beforehand, so that BEGIN and the statement share one exchange.
        connection.fetch("select pg_current_xact_id()::text, $1::int", 0);
        try (PgTransaction tx = connection.begin()) {
            String first =
                    tx.fetchOne("select pg_current_xact_id()::text, $1::int", 1).getString(0);
            String second =
                    tx.fetchOne("select pg_current_xact_id()::text, $1::int", 2).getString(0);
            assertThat(second).isEqualTo(first);
            tx.commit();
        }
    }

    @Test
    void optionsReachTheServer() {
        TransactionOptions options = TransactionOptions.defaults()
                .isolation(IsolationLevel.SERIALIZABLE)
                .readOnly(true)
                .deferrable(true);
        try (PgTransaction tx = connection.begin(options)) {
            Row row = tx.fetchOne("select current_setting('transaction_isolation') as isolation,"
                    + " current_setting('transaction_read_only') as read_only,"
                    + " current_setting('transaction_deferrable') as deferrable");
            assertThat(row.getString("isolation")).isEqualTo("serializable");
            assertThat(row.getString("read_only")).isEqualTo("on");
            assertThat(row.getString("deferrable")).isEqualTo("on");
            assertThatThrownBy(() -> tx.execute("insert into pg_temp.ledger values (1, 1); create table nope ()"))
                    .isInstanceOf(ReadOnlyTransactionException.class);
        }
    }

    @Test
    void commitAfterASwallowedErrorIsAnError() {
        PgTransaction tx = connection.begin();
        tx.execute("insert into ledger values (1, 10)");
        assertThatThrownBy(() -> tx.execute("insert into ledger values ($1, 10)", 1))
                .isInstanceOf(UniqueViolationException.class);
        assertThat(tx.active()).isFalse();
        assertThatThrownBy(tx::commit)
                .isInstanceOfSatisfying(
                        PgServerException.class,
                        e -> assertThat(e.sqlState()).isEqualTo(SqlState.IN_FAILED_SQL_TRANSACTION));
        tx.close();
        assertThat(connection.inTransaction()).isFalse();
        assertThat(ids()).isEmpty();
    }

    @Test
    void deferredConstraintFailsTheCommit() {
        connection.execute("create temp table late (id int unique deferrable initially deferred)");
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into late values (1), (1)");
            assertThatThrownBy(tx::commit).isInstanceOf(UniqueViolationException.class);
            assertThatThrownBy(() -> tx.fetch("select 1"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("failed to commit");
        }
        assertThat(connection.inTransaction()).isFalse();
    }

    @Test
    void savepointsNest() {
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into ledger values (1, 1)");
            try (PgTransaction outer = tx.savepoint()) {
                outer.execute("insert into ledger values (2, 2)");
                try (PgTransaction inner = outer.savepoint()) {
                    inner.execute("insert into ledger values (3, 3)");
                    assertThatThrownBy(() -> inner.execute("insert into ledger values (3, 3)"))
                            .isInstanceOf(UniqueViolationException.class);
                    inner.rollback();
                }
                outer.execute("insert into ledger values (4, 4)");
                outer.commit();
            }
            try (PgTransaction undone = tx.savepoint()) {
                undone.execute("insert into ledger values (5, 5)");
            }
            tx.commit();
        }
        assertThat(ids()).isEqualTo("1,2,4");
    }

    @Test
    void savepointThatCannotBeUndoneSinceAStreamIsOpenIsNeverCommitted() {
        PgTransaction tx = connection.begin();
        tx.execute("insert into ledger values (1, 0)");
        PgTransaction savepoint = tx.savepoint();
        savepoint.execute("insert into ledger values (2, 0)");
        var rows = savepoint.stream("select generate_series(1, 100000)");
        rows.iterator().next();
        assertThatThrownBy(savepoint::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("close its stream first");
        rows.close();
        assertThatThrownBy(tx::commit)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("could not be rolled back to a savepoint");
        tx.close();
        assertThat(connection.inTransaction()).isFalse();
        assertThat(connection.fetchOne("select count(*) from ledger").getInt(0)).isZero();
    }

    @Test
    void aSecondTransactionIsRefused() {
        try (PgTransaction tx = connection.begin()) {
            assertThatThrownBy(connection::begin)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("savepoint()");
            tx.execute("insert into ledger values (1, 1)");
            tx.commit();
            assertThatThrownBy(() -> tx.execute("select 1"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was committed");
        }
        assertThat(ids()).isEqualTo("1");
    }

    @Test
    void transactionEndedBySqlIsNoticed() {
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into ledger values (1, 1)");
            tx.execute("commit");
            assertThatThrownBy(() -> tx.execute("insert into ledger values (2, 2)"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not open on the server");
        }
        assertThat(ids()).isEqualTo("1");
    }

    @Test
    void timeoutOfTheTransactionBoundsEachStatementAndRollsBack() {
        try (PgTransaction tx = connection.begin(TransactionOptions.defaults().timeout(Duration.ofSeconds(2)))) {
            tx.execute("insert into ledger values (1, 1)");
            assertThatThrownBy(() -> tx.execute("select pg_sleep($1)", 30.0))
                    .isInstanceOf(QueryTimeoutException.class)
                    .hasMessageContaining("rolled back");
            assertThatThrownBy(() -> tx.execute("insert into ledger values (2, 2)"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was rolled back");
        }
        assertThat(ids()).isEmpty();
        assertThat(connection.inTransaction()).isFalse();
    }

    @Test
    void deadlineInsideATransactionRollsItBack() {
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into ledger values (1, 1)");
            assertThatThrownBy(() -> tx.fetch(Query.of("select pg_sleep(30)").timeout(Duration.ofSeconds(1))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThatThrownBy(tx::commit).isInstanceOf(IllegalStateException.class);
        }
        assertThat(ids()).isEmpty();
    }

    @Test
    void streamInATransaction() {
        try (PgTransaction tx = connection.begin()) {
            try (RowStream rows = tx.stream("select generate_series(1, 10000)")) {
                assertThat(rows.iterator().next().getInt(0)).isEqualTo(1);
            }
            tx.execute("insert into ledger values (1, 1)");
            tx.commit();
        }
        assertThat(ids()).isEqualTo("1");
    }

    @Test
    void batchAndPipelineInATransaction() {
        try (PgTransaction tx = connection.begin()) {
            tx.pipeline(pipeline -> {
                pipeline.execute("insert into ledger values ($1, 0)", 1);
                pipeline.execute("insert into ledger values ($1, 0)", 2);
                return null;
            });
            tx.executeBatch("insert into ledger values ($1, 0)", java.util.List.of(new Object[] {3}, new Object[] {4}));
            tx.rollback();
        }
        assertThat(ids()).isEmpty();
        try (PgTransaction tx = connection.begin()) {
            var bad = tx.pipeline(pipeline -> {
                pipeline.execute("insert into ledger values ($1, 0)", 1);
                pipeline.execute("insert into ledger values ($1, 0)", 1);
                return pipeline.execute("insert into ledger values ($1, 0)", 2);
            });
            assertThat(bad).isCompletedExceptionally();
            assertThatThrownBy(tx::commit).isInstanceOf(PgServerException.class);
        }
        assertThat(ids()).isEmpty();
    }

    private static final String LEDGER = "insert into ledger values ($1, 0)";

    /** One value too many: it is refused before it is sent, and only its own future says so. */
    private static void cannotBeSent(Pipeline pipeline) {
        pipeline.execute(LEDGER, 9, "too many");
    }

    @Test
    void pipelineOfWhichAPartCouldNotBeSentIsNotCommitted() {
        for (boolean used : new boolean[] {false, true}) {
            for (boolean first : new boolean[] {false, true}) {
                try (PgTransaction tx = connection.begin()) {
                    if (used) {
                        tx.execute(LEDGER, 5);
                    }
                    List<CompletableFuture<Long>> before = new ArrayList<>();
                    var after = tx.pipeline(pipeline -> {
                        if (!first) {
                            before.add(pipeline.execute(LEDGER, 1));
                        }
                        cannotBeSent(pipeline);
                        return pipeline.execute(LEDGER, 2);
                    });
                    assertThat(before).allSatisfy(answer -> assertThat(answer).isCompletedWithValue(1L));
                    assertThat(after).isCompletedExceptionally();
                    assertThatThrownBy(tx::commit)
                            .isInstanceOf(PgServerException.class)
                            .hasMessageContaining("rolled back instead of committed");
                }
                assertThat(ids()).isEmpty();
            }
        }
    }

    @Test
    void norByALaterPipeline() {
        try (PgTransaction tx = connection.begin()) {
            tx.pipeline(pipeline -> {
                cannotBeSent(pipeline);
                return pipeline.execute(LEDGER, 1);
            });
            var commit = tx.pipeline(Pipeline::commit);
            assertThatThrownBy(commit::join).hasMessageContaining("rolled back instead of committed");
        }
        assertThat(ids()).isEmpty();
    }

    @Test
    void pipelineOfASavepointIsUndoneWithIt() {
        try (PgTransaction tx = connection.begin()) {
            tx.execute(LEDGER, 1);
            PgTransaction savepoint = tx.savepoint();
            savepoint.pipeline(pipeline -> {
                cannotBeSent(pipeline);
                return pipeline.execute(LEDGER, 2);
            });
            assertThatThrownBy(savepoint::commit).isInstanceOf(PgException.class);
            savepoint.rollback();
            tx.execute(LEDGER, 3);
            tx.commit();
        }
        assertThat(ids()).isEqualTo("1,3");
    }

    @Test
    @Timeout(30)
    void answerCannotBeWaitedForWhileAnotherOneIsHandedOut() {
        var inner = connection.pipeline(pipeline -> {
            var one = pipeline.fetch("select 1");
            var two = pipeline.fetch("select 2");
            return one.thenApply(rows -> two.join());
        });
        assertThatThrownBy(inner::join)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("thenCombine");
        var combined = connection.pipeline(pipeline -> pipeline.fetch("select 1")
                .thenCombine(
                        pipeline.fetch("select 2"),
                        (one, two) -> one.get(0).getInt(0) + two.get(0).getInt(0)));
        assertThat(combined.join()).isEqualTo(3);
    }

    @Test
    void aWholeTransactionInOneExchange() {
        for (int i = 1; i <= 2; i++) { // the second time everything is prepared
            int id = i;
            try (PgTransaction tx = connection.begin()) {
                var row = tx.pipeline(pipeline -> {
                    pipeline.execute("insert into ledger values ($1, 0)", id);
                    var sum = pipeline.fetch("select sum(id) from ledger");
                    pipeline.commit();
                    assertThatThrownBy(() -> pipeline.execute("select 1")).isInstanceOf(IllegalStateException.class);
                    return sum;
                });
                assertThat(row.join().get(0).getInt(0)).isEqualTo(id == 1 ? 1 : 3);
                assertThatThrownBy(() -> tx.execute("select 1"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("was committed");
            }
        }
        try (PgTransaction tx = connection.begin()) {
            var commit = tx.pipeline(pipeline -> {
                pipeline.execute("insert into ledger values ($1, 0)", 3);
                pipeline.execute("insert into ledger values ($1, 0)", 3);
                return pipeline.commit();
            });
            assertThat(commit).isCompletedExceptionally();
        }
        assertThat(connection.inTransaction()).isFalse();
        assertThat(ids()).isEqualTo("1,2");
        assertThatThrownBy(() -> connection.pipeline(Pipeline::commit)).isInstanceOf(IllegalStateException.class);
    }

    private String ids() {
        return connection
                .fetchOne("select coalesce(string_agg(id::text, ',' order by id), '') from ledger")
                .getString(0);
    }
}
