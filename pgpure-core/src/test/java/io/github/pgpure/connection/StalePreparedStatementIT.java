package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.SqlState;
import io.github.pgpure.test.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A statement that the server has forgotten, or would answer otherwise than it has said, is prepared again; and run again only where nothing of it
 * was executed: each run takes a number from a sequence, which no rollback gives back.
 */
@Timeout(60)
class StalePreparedStatementIT {

    /** Nothing in the answer to this says that the session's statements are gone. */
    private static final String DEALLOCATE = "do $$ begin execute 'deallocate all'; end $$";

    private static final String COUNTED = "select nextval('runs'), $1::int";
    private static final String INSERT = "insert into stale values (nextval('runs'), $1)";

    private PgConnection connection;

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
        connection.execute("create temp sequence runs; create temp table stale (run int, value int)");
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    @Test
    void forgottenStatementIsPreparedAgainByEachWayToRunIt() {
        int runs = 0;
        assertRun(connection.fetchOne(COUNTED, 1).getLong(0), ++runs);
        connection.execute(DEALLOCATE);
        assertRun(connection.fetchOne(COUNTED, 1).getLong(0), ++runs);
        connection.execute(DEALLOCATE);
        assertThat(connection.execute(COUNTED, 1)).isEqualTo(1);
        ++runs;
        connection.execute(DEALLOCATE);
        assertThat(connection.fetch(Query.of(COUNTED).bind(1), row -> row.getLong(0)))
                .containsExactly((long) ++runs);
        connection.execute(DEALLOCATE);
        try (RowStream rows = connection.stream(COUNTED, 1)) {
            assertRun(rows.iterator().next().getLong(0), ++runs);
        }
        connection.execute(INSERT, 0);
        ++runs;
        connection.execute(DEALLOCATE);
        assertThat(connection.executeBatch(INSERT, List.of(new Object[] {1}, new Object[] {2})))
                .containsExactly(1, 1);
        runs += 2;
        assertRun(connection.fetchOne(COUNTED, 1).getLong(0), ++runs);
        connection.execute(DEALLOCATE);
        List<CompletableFuture<Rows>> piped = new ArrayList<>();
        connection.pipeline(pipeline -> {
            piped.add(pipeline.fetch(COUNTED, 1));
            piped.add(pipeline.fetch(COUNTED + " + 1", 1));
            return null;
        });
        assertRun(piped.get(0).join().get(0).getLong(0), ++runs);
        assertRun(piped.get(1).join().get(0).getLong(0), ++runs);
    }

    @Test
    void largeBatchIsRunAgainAsAWhole() {
        List<Object[]> sets = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            sets.add(new Object[] {i, i});
        }
        String insert = "insert into stale values ($1, $2)";
        connection.executeBatch(insert, sets);
        connection.execute(DEALLOCATE);
        connection.executeBatch(insert, sets);
        assertThat(connection.fetchOne("select count(*) from stale").getLong(0)).isEqualTo(2_000);
        assertThat(connection
                        .fetchOne("select count(*) from stale group by run having count(*) <> 2 union all select 0")
                        .getLong(0))
                .as("a set that was inserted twice, or not at all")
                .isZero();
    }

    @Test
    void cacheIsEmptyAfterWhatSaysThatItEmptiesTheSession() {
        connection.fetchOne("select $1::int", 1);
        connection.execute("discard all");
        assertThat(connection.fetchOne("select $1::int", 2).getInt(0)).isEqualTo(2);
        connection.execute("deallocate all");
        assertThat(connection.fetchOne("select $1::int", 3).getInt(0)).isEqualTo(3);
        connection.execute("deallocate pgpure_" + lastName());
        assertThat(connection.fetchOne("select $1::int", 4).getInt(0)).isEqualTo(4);
    }

    private int lastName() {
        return connection
                .fetchOne("select max(substr(name, 8)::int) from pg_prepared_statements where statement like '%::int'")
                .getInt(0);
    }

    @Test
    void insideATransactionItIsAnErrorWithAdviceAndTheNextOneWorks() {
        connection.fetchOne(COUNTED, 1);
        try (PgTransaction tx = connection.begin()) {
            tx.execute(INSERT, 1);
            connection.execute(DEALLOCATE);
            var failure = catchThrowableOfType(PgServerException.class, () -> tx.fetchOne(COUNTED, 1));
            assertThat(failure.sqlState()).isEqualTo(SqlState.INVALID_SQL_STATEMENT_NAME);
            assertThat(failure)
                    .hasMessageContaining("run the transaction again")
                    .hasMessageContaining("DEALLOCATE ALL")
                    .hasMessageContaining("transactionPooling");
        }
        try (PgTransaction tx = connection.begin()) {
            assertRun(tx.fetchOne(COUNTED, 1).getLong(0), 3);
            tx.commit();
        }
        assertThat(connection.fetchOne("select count(*) from stale").getInt(0)).isZero();
    }

    @Test
    void changedResultInsideATransactionIsAnErrorWithAdviceAndTheNextOneWorks() {
        connection.fetch("select * from stale");
        try (PgTransaction tx = connection.begin()) {
            tx.execute("alter table stale add more int");
            var failure = catchThrowableOfType(PgServerException.class, () -> tx.fetch("select * from stale"));
            assertThat(failure.sqlState()).isEqualTo(SqlState.FEATURE_NOT_SUPPORTED);
            assertThat(failure).hasMessageContaining("run the transaction again");
        }
        connection.execute("alter table stale add more int; insert into stale values (1, 2, 3)");
        try (PgTransaction tx = connection.begin()) {
            assertThat(tx.fetchOne("select * from stale").getInt("more")).isEqualTo(3);
            tx.commit();
        }
    }

    @Test
    void errorsOfTheSameKindInsideAStatementGetNoAdvice() {
        assertThatThrownBy(() -> connection.execute("execute no_such_statement"))
                .isInstanceOf(PgServerException.class)
                .hasMessageNotContaining("transactionPooling");
    }

    @Test
    void procedureThatHasCommittedIsNotRunAgain() {
        connection.execute("""
                create procedure pg_temp.half(int) language plpgsql as $$
                begin
                    insert into stale values (nextval('runs'), $1);
                    commit;
                    raise 'not a statement of the client' using errcode = '26000';
                end $$""");
        assertThatThrownBy(() -> connection.execute("call pg_temp.half($1)", 1))
                .hasMessageContaining("not a statement of the client");
        assertThat(values()).containsExactly(1);
        assertThatThrownBy(() -> connection.executeBatch("call pg_temp.half($1)", List.<Object[]>of(new Object[] {2})))
                .hasMessageContaining("not a statement of the client");
        assertThat(values()).containsExactly(1, 2);
        assertThatThrownBy(() -> connection.stream("call pg_temp.half($1)", 3).close())
                .hasMessageContaining("not a statement of the client");
        assertThat(values()).containsExactly(1, 2, 3);
    }

    private List<Integer> values() {
        return connection.fetch(Query.of("select value from stale order by run"), row -> row.getInt(0));
    }

    @Test
    void statementThatFailsWhileItRunsIsRunOnceAndItsRowsAreMappedOnce() {
        connection.execute("""
                create function pg_temp.fails_at_three(i int) returns int language plpgsql as $$
                begin
                    if nextval('runs') = 3 then
                        raise 'cache lookup failed for type 4711' using errcode = 'XX000';
                    end if;
                    return i;
                end $$""");
        List<Integer> mapped = new ArrayList<>();
        var query = Query.of("select pg_temp.fails_at_three(i) from generate_series(1, $1) i")
                .bind(3);
        assertThatThrownBy(() -> connection.fetch(query, row -> mapped.add(row.getInt(0))))
                .isInstanceOf(PgServerException.class)
                .hasMessageContaining("4711");
        assertThat(connection.fetchOne("select last_value from runs").getLong(0))
                .isEqualTo(3);
        assertThat(mapped.size()).isLessThanOrEqualTo(2);
    }

    @Test
    void statementPreparedByNameIsPreparedAgainToo() {
        PreparedStatement counted = connection.prepare("counted", COUNTED);
        PreparedStatement all = connection.prepare("all_rows", "select * from stale");
        connection.execute(INSERT, 1);
        connection.execute(DEALLOCATE);
        assertRun(counted.fetchOne(1).getLong(0), 2);
        connection.execute("discard plans");
        connection.execute(DEALLOCATE);
        try (RowStream rows = counted.stream(1)) {
            assertRun(rows.iterator().next().getLong(0), 3);
        }
        assertThat(all.fetchOne().size()).isEqualTo(2);
        connection.execute("alter table stale add more int default 7");
        assertThat(all.fetchOne().getInt("more")).isEqualTo(7);
        assertThat(all.columns()).hasSize(3);
        try (PgTransaction tx = connection.begin()) {
            tx.execute(DEALLOCATE);
            assertThatThrownBy(() -> counted.execute(1)).hasMessageContaining("\"counted\" does not exist");
        }
        try (PgTransaction tx = connection.begin()) {
            assertRun(counted.fetchOne(1).getLong(0), 4);
            tx.commit();
        }
        counted.close();
        all.close();
        assertThat(connection
                        .fetchOne("select count(*) from pg_prepared_statements where name not like 'pgpure%'")
                        .getInt(0))
                .isZero();
    }

    @Test
    void withoutACacheNothingCanGetStale() {
        try (PgConnection uncached =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()).toBuilder()
                        .statementCacheSize(0)
                        .build())) {
            uncached.fetchOne("select $1::int", 1);
            uncached.execute(DEALLOCATE);
            assertThat(uncached.fetchOne("select $1::int", 2).getInt(0)).isEqualTo(2);
        }
    }

    private static void assertRun(long number, long expected) {
        assertThat(number).as("the number of the run").isEqualTo(expected);
    }
}
