package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.ConversionException;
import io.github.pgpure.ForeignKeyViolationException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.UniqueViolationException;
import io.github.pgpure.test.PostgresServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Large batches of inserts, several rows of which go out as one statement where nobody can tell. */
class BatchInsertIT {

    private final PgConnection connection =
            PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()).toBuilder()
                    .statementCacheSize(1)
                    .build());

    @BeforeEach
    void createTable() {
        connection.execute("create temp table \"Many rows\" (id int primary key, v numeric, t text)");
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private static List<Object[]> sets(int count) {
        List<Object[]> sets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sets.add(new Object[] {i, i % 7 == 0 ? null : i * 1.5, "row " + i});
        }
        return sets;
    }

    private void assertStored(int count) {
        var row = connection.fetchOne("select count(*)::int n, coalesce(sum(id), 0)::bigint s, count(v)::int v,"
                + " count(*) filter (where t = 'row ' || id)::int t from \"Many rows\"");
        assertThat(row.getInt("n")).isEqualTo(count);
        assertThat(row.getLong("s")).isEqualTo((long) count * (count - 1) / 2);
        assertThat(row.getInt("v")).isEqualTo(count - (count + 6) / 7);
        assertThat(row.getInt("t")).isEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 511, 512, 513, 640, 1_000, 10_000})
    void everySetIsARow(int count) {
        long[] counts =
                connection.executeBatch("insert into \"Many rows\" (id, v, t) values ($1, $2, $3)", sets(count));
        assertThat(counts).hasSize(count).containsOnly(1);
        assertStored(count);
        connection.execute("truncate \"Many rows\"");
        assertThat(connection.executeBatch("INSERT INTO \"Many rows\" VALUES ($1,$2,$3)", sets(count)))
                .hasSize(count)
                .containsOnly(1);
        assertStored(count);
    }

    @Test
    void rowsOfAPlainTableGoOutTogether() {
        connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets(1_280));
        // Rows that one statement inserts share its command id.
        assertThat(connection
                        .fetchOne("select count(distinct cmin::text)::int from \"Many rows\"")
                        .getInt(0))
                .isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create trigger t before insert on \"Many rows\" for each row execute function pg_temp.noop() | 1000",
                "create trigger t after insert on \"Many rows\" for each statement execute function pg_temp.noop() | 1000",
                "create rule r as on insert to \"Many rows\" where new.id < 0 do instead nothing | 1000",
            })
    void aTriggerOrARuleSeesEachRowByItself(String sql, int distinct) {
        connection.execute(
                "create function pg_temp.noop() returns trigger language plpgsql as 'begin return new; end'");
        connection.execute(sql);
        connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets(1_000));
        assertStored(1_000);
        assertThat(connection
                        .fetchOne("select count(distinct cmin::text)::int from \"Many rows\"")
                        .getInt(0))
                .isEqualTo(distinct);
    }

    /** They could look at the table, and a row must see those before it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alter table \"Many rows\" add n bigint default pg_temp.rows_so_far()",
                "alter table \"Many rows\" add check (pg_temp.rows_so_far() >= 0)",
                "alter table \"Many rows\" add parent int default 0 references \"Many rows\"",
                "alter table \"Many rows\" enable row level security",
            })
    void whatMayLookAtTheRowsBeforeSeesEachByItself(String sql) {
        connection.execute("create function pg_temp.rows_so_far() returns bigint language plpgsql as"
                + " 'begin return (select count(*) from \"Many rows\"); end'");
        connection.execute("insert into \"Many rows\" values (0, null, 'row 0')");
        connection.execute(sql);
        connection.executeBatch(
                "insert into \"Many rows\" (id, v, t) values ($1, $2, $3)",
                sets(1_001).subList(1, 1_001));
        assertStored(1_001);
        assertThat(connection
                        .fetchOne("select count(distinct cmin::text)::int from \"Many rows\" where id > 0")
                        .getInt(0))
                .isEqualTo(1_000);
    }

    @Test
    void theServersOwnFunctionsInDefaultsDoNotLook() {
        connection.execute("alter table \"Many rows\" add at timestamptz default now(), add n serial,"
                + " add constraint short check (length(t) < 100), add u uuid default gen_random_uuid()");
        connection.executeBatch("insert into \"Many rows\" (id, v, t) values ($1, $2, $3)", sets(1_280));
        assertStored(1_280);
        assertThat(connection
                        .fetchOne("select count(distinct cmin::text)::int, max(n)::int from \"Many rows\"")
                        .getInt(0))
                .isEqualTo(10);
    }

    @Test
    void aRowThatRefersToALaterOneIsRefused() {
        connection.execute("create temp table tree (id int primary key, parent int references tree)");
        List<Object[]> sets = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            sets.add(new Object[] {i, i == 999 ? null : i + 1});
        }
        assertThatThrownBy(() -> connection.executeBatch("insert into tree values ($1, $2)", sets))
                .isInstanceOf(ForeignKeyViolationException.class);
    }

    @Test
    void aTriggerThatSkipsRowsIsCountedRightly() {
        connection.execute("create function pg_temp.odd() returns trigger language plpgsql as"
                + " 'begin if new.id % 2 = 0 then return null; end if; return new; end'");
        connection.execute(
                "create trigger t before insert on \"Many rows\" for each row execute function pg_temp.odd()");
        long[] counts = connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets(1_000));
        assertThat(counts).hasSize(1_000);
        assertThat(Arrays.stream(counts).sum()).isEqualTo(500);
        assertThat(counts[0]).isZero();
        assertThat(counts[1]).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 700, 1_023})
    void oneBadRowUndoesAll(int bad) {
        List<Object[]> sets = sets(1_024);
        sets.set(bad, new Object[] {1, null, "twice"});
        assertThatThrownBy(() -> connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets))
                .isInstanceOf(UniqueViolationException.class);
        assertStored(0);
        connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets(1_024));
        assertStored(1_024);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 700, 1_023})
    void aValueThatDoesNotFitIsNamedByItsSet(int bad) {
        List<Object[]> sets = sets(1_024);
        sets.set(bad, new Object[] {new Object(), null, "wrong"});
        assertThatThrownBy(() -> connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("parameter set " + bad + ": parameter $1 of type int4");
        sets.set(bad, new Object[] {bad});
        assertThatThrownBy(() -> connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "parameter set " + bad + ": the statement has 3 parameters, but 1 value was given");
        assertStored(0);
    }

    @Test
    void insideATransactionToo() {
        try (var transaction = connection.begin(TransactionOptions.defaults())) {
            transaction.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets(1_024));
            transaction.rollback();
        }
        assertStored(0);
        try (var transaction = connection.begin(TransactionOptions.defaults())) {
            transaction.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets(1_024));
            transaction.commit();
        }
        assertStored(1_024);
    }

    @Test
    void aTableThatWasChangedIsInsertedIntoAsItIsNow() {
        connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets(1_024));
        connection.execute("truncate \"Many rows\"; alter table \"Many rows\" alter v type float8");
        connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets(1_024));
        assertStored(1_024);
        connection.execute("deallocate all; truncate \"Many rows\"");
        connection.executeBatch("insert into \"Many rows\" values ($1, $2, $3)", sets(1_024));
        assertStored(1_024);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into \"Many rows\" values ($1, $2, $3) on conflict do nothing",
                "insert into \"Many rows\" values ($1, $2, $3) returning id",
                "insert into \"Many rows\" (t, v, id) values ($3, $2, $1)",
                "insert into \"Many rows\" values ($1, $2::numeric, $3)",
                "with x as (select 1) insert into \"Many rows\" values ($1, $2, $3)"
            })
    void otherStatementsStayAsTheyAre(String sql) {
        assertThat(connection.executeBatch(sql, sets(1_000))).hasSize(1_000).containsOnly(1);
        assertStored(1_000);
        assertThat(connection
                        .fetchOne("select count(distinct cmin::text)::int from \"Many rows\"")
                        .getInt(0))
                .isEqualTo(1_000);
    }
}
