package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.ConversionException;
import io.github.pgpure.MissingRowException;
import io.github.pgpure.NotNullViolationException;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.SyntaxErrorException;
import io.github.pgpure.UniqueViolationException;
import io.github.pgpure.test.PostgresServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One connection to a real server. */
class PgConnectionIT {

    private PgConnection connection;

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    @Test
    void fetchesRowsWithParameters() {
        Rows rows = connection.fetch("select i, 'row ' || i as name from generate_series(1, $1) i", 3);
        assertThat(rows).hasSize(3);
        assertThat(rows.get(1).getInt("i")).isEqualTo(2);
        assertThat(rows.get(2).getString("name")).isEqualTo("row 3");
        assertThat(rows.columns().get(1).name()).isEqualTo("name");
    }

    @Test
    void takesNamedParameters() {
        Row row = connection.fetchOne(Query.of("select :a::int + :b::int as sum, :a::int as a")
                .bind("a", 2)
                .bind("b", 40));
        assertThat(row.getInt("sum")).isEqualTo(42);
        assertThat(row.getInt("a")).isEqualTo(2);
    }

    @Test
    void sameStatementIsPreparedOnce() {
        for (int i = 0; i < 5; i++) {
            connection.fetch("select $1::int as cached_once", i);
        }
        assertThat(connection
                        .fetchOne("select count(*) from pg_prepared_statements where statement like '%cached_once'")
                        .getLong(0))
                .isEqualTo(1);
    }

    @Test
    void executeReturnsRowCountAndZeroWithoutOne() {
        assertThat(connection.execute("create temp table counted (id int)")).isZero();
        assertThat(connection.execute("insert into counted select generate_series(1, 5)"))
                .isEqualTo(5);
        assertThat(connection.execute("update counted set id = id + $1 where id > $2", 10, 3))
                .isEqualTo(2);
        assertThat(connection.execute("select 1; select 1 union select 2")).isEqualTo(2);
        assertThat(connection.execute("")).isZero();
    }

    @Test
    void missingRowIsAnErrorWhereOneIsWanted() {
        assertThatThrownBy(() -> connection.fetchOne("select 1 where false"))
                .isInstanceOf(MissingRowException.class)
                .hasMessageContaining("fetchOneOrNone");
        assertThat(connection.fetchOneOrNone("select 1 where false")).isEmpty();
        assertThat(connection.fetchOne("select generate_series(1, 3)").getInt(0))
                .isEqualTo(1);
    }

    @Test
    void errorThenNextQuery() {
        assertThatThrownBy(() -> connection.fetch("selec 1")).isInstanceOfSatisfying(SyntaxErrorException.class, e -> {
            assertThat(e.sqlState()).isEqualTo("42601");
            assertThat(e.position()).isEqualTo(1);
            assertThat(e.isRecoverable()).isTrue();
            assertThat(e.outcome()).isEqualTo(Outcome.ROLLED_BACK);
        });
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        assertThatThrownBy(() -> connection.fetch("select 1 / (3 - i) from generate_series(1, 5) i"))
                .isInstanceOf(PgServerException.class);
        assertThat(connection.fetchOne("select 2").getInt(0)).isEqualTo(2);
        assertThatThrownBy(() -> connection.execute("select 1; select 1/0; select 2"))
                .isInstanceOf(PgServerException.class);
        assertThat(connection.ready()).isTrue();
    }

    @Test
    void constraintViolationsHaveTheirClassesAndFields() {
        connection.execute("create temp table person (id int primary key, name text not null)");
        connection.execute("insert into person values ($1, $2)", 1, "Ada");
        assertThatThrownBy(() -> connection.execute("insert into person values ($1, $2)", 1, "Bob"))
                .isInstanceOfSatisfying(UniqueViolationException.class, e -> {
                    assertThat(e.constraint()).isEqualTo("person_pkey");
                    assertThat(e.table()).isEqualTo("person");
                    assertThat(e.detail()).contains("(id)=(1)");
                    assertThat(e.getMessage()).doesNotContain("(id)=(1)");
                });
        assertThatThrownBy(() -> connection.execute("insert into person values ($1, $2)", 2, null))
                .isInstanceOfSatisfying(
                        NotNullViolationException.class,
                        e -> assertThat(e.column()).isEqualTo("name"));
    }

    @Test
    void wrongParametersAreExplained() {
        assertThatThrownBy(() -> connection.fetch("select $1::int + $2::int", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 parameters")
                .hasMessageContaining("1 value was given");
        assertThatThrownBy(() -> connection.fetch(
                        Query.of("select :id::int").bind("id", 1).bind("nmae", "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(":nmae")
                .hasMessageContaining(":id");
        assertThatThrownBy(() -> connection.fetch(
                        Query.of("select :id::int, :name::text").bind("id", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(":name has no value");
        assertThatThrownBy(() -> connection.fetch("select $1::int", "s3cret"))
                .isInstanceOfSatisfying(ConversionException.class, e -> {
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT);
                    assertThat(e).hasMessageContaining("$1").hasMessageContaining("int4");
                    assertThat(e.toString()).doesNotContain("s3cret");
                });
        assertThat(connection.fetchOne("select $1::int + $2::int", 1, 2).getInt(0))
                .isEqualTo(3);
    }

    @Test
    void unknownColumnIsExplained() {
        Row row = connection.fetchOne("select 1 as id, 'x' as name");
        assertThatThrownBy(() -> row.get("nmae"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nmae")
                .hasMessageContaining("id, name");
    }

    @Test
    void maxRowsStopsTheServer() {
        Rows rows = connection.fetch(
                Query.of("select i from generate_series(1, 1000000) i").maxRows(10));
        assertThat(rows).hasSize(10);
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void streamsManyRows() {
        long sum = 0;
        try (RowStream stream = connection.stream("select i, 'text ' || i from generate_series(1, $1) i", 100_000)) {
            for (Row row : stream) {
                sum += row.getInt(0);
            }
        }
        assertThat(sum).isEqualTo(100_000L * 100_001 / 2);
        assertThat(connection.ready()).isTrue();
    }

    @Test
    void streamClosedEarlyLeavesTheConnectionUsable() {
        for (int i = 0; i < 20; i++) {
            try (RowStream stream = connection.stream("select generate_series(1, 10000000)")) {
                assertThat(stream.iterator().next().getInt(0)).isEqualTo(1);
                assertThatThrownBy(() -> connection.fetch("select 1"))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("close its stream");
            }
            assertThat(connection.fetchOne("select $1::int", i).getInt(0)).isEqualTo(i);
        }
    }

    @Test
    void errorInTheMiddleOfAStream() {
        try (RowStream stream = connection.stream("select 1 / (500 - i) from generate_series(1, 1000) i")) {
            List<Integer> seen = new ArrayList<>();
            assertThatThrownBy(() -> stream.forEach(row -> seen.add(row.getInt(0))))
                    .isInstanceOf(PgServerException.class)
                    .hasMessageContaining("division by zero");
            assertThat(seen).isNotEmpty();
        }
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void batchRunsAllOrNothing() {
        connection.execute("create temp table batched (id int primary key, name text)");
        List<Object[]> sets = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            sets.add(new Object[] {i, "name " + i});
        }
        long[] counts = connection.executeBatch("insert into batched values ($1, $2)", sets);
        assertThat(counts).hasSize(5000).containsOnly(1L);
        sets.replaceAll(set -> new Object[] {(Integer) set[0] + 10_000, set[1]});
        sets.set(4990, new Object[] {1, "taken"});
        assertThatThrownBy(() -> connection.executeBatch("insert into batched values ($1, $2)", sets))
                .isInstanceOf(UniqueViolationException.class);
        sets.set(4990, new Object[] {"not a number", "x"});
        assertThatThrownBy(() -> connection.executeBatch("insert into batched values ($1, $2)", sets))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("parameter set 4990");
        assertThat(connection.fetchOne("select count(*) from batched").getLong(0))
                .isEqualTo(5000);
    }

    @Test
    void copiesInAndOut() {
        connection.execute("create temp table copied (id int, name text)");
        byte[] data = "1\tone\n2\ttwo\n3\t\\N\n".getBytes(StandardCharsets.UTF_8);
        assertThat(connection.copyIn("copy copied from stdin", new ByteArrayInputStream(data)))
                .isEqualTo(3);
        var sink = new ByteArrayOutputStream();
        assertThat(connection.copyOut("copy (select * from copied order by id) to stdout", sink))
                .isEqualTo(3);
        assertThat(sink.toByteArray()).isEqualTo(data);
        assertThatThrownBy(() -> connection.copyIn(
                        "copy copied from stdin", new ByteArrayInputStream("x\ty\n".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(PgServerException.class);
        assertThatThrownBy(() -> connection.copyIn("copy copied from stdin", new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("disk on fire");
                    }
                }))
                .hasRootCauseMessage("disk on fire");
        assertThatThrownBy(() -> connection.copyIn("select 1", InputStream.nullInputStream()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> connection.copyOut("copy copied from stdin", OutputStreamStub.INSTANCE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> connection.execute("copy copied from stdin")).hasMessageContaining("copyIn");
        assertThatThrownBy(() -> connection.fetch("copy copied from stdin")).hasMessageContaining("copyIn");
        assertThatThrownBy(() -> connection.fetch("copy copied to stdout")).hasMessageContaining("copyOut");
        assertThat(connection.fetchOne("select count(*) from copied").getLong(0))
                .isEqualTo(3);
    }

    @Test
    void copyIsRefusedWhereNoDataCanBeGivenAndTheConnectionIsKept() {
        connection.execute("create temp table copied (id int)");
        for (String sql : List.of(
                "copy copied from stdin", "/* in */ -- out\n COPY copied FROM\n STDIN", "copy copied to stdout")) {
            assertThatThrownBy(() -> connection.executeBatch(sql, List.of(new Object[0], new Object[0])))
                    .hasMessageContaining("copyIn");
            assertThatThrownBy(() -> {
                        try (var stream = connection.stream(sql)) {
                            stream.iterator().next();
                        }
                    })
                    .hasMessageContaining("copyIn");
            var answers = connection.pipeline(pipeline -> List.of(
                    pipeline.execute("insert into copied values (1)"),
                    pipeline.execute(sql),
                    pipeline.execute("insert into copied values (2)")));
            assertThat(answers.get(0)).isCompletedWithValue(1L);
            assertThat(answers.get(1)).isCompletedExceptionally();
            assertThat(answers.get(2)).isCompletedWithValue(1L);
        }
        assertThat(connection.dead()).isFalse();
    }

    @Test
    void severalStatementsWithParametersGetAdvice() {
        assertThatThrownBy(() -> connection.execute("select $1::int; select 2", 1))
                .isInstanceOf(io.github.pgpure.SyntaxErrorException.class)
                .hasMessageContaining("execute(String)");
        assertThatThrownBy(() -> connection.execute("selec $1", 1)).hasMessageNotContaining("execute(String)");
    }

    @Test
    void copiesJavaValuesIn() {
        connection.execute("create temp table valued (id int, \"the name\" text, at timestamptz, tags text[])");
        List<Object[]> rows = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            rows.add(new Object[] {i, "name " + i, java.time.Instant.ofEpochSecond(i), List.of("a", "b" + i)});
        }
        rows.add(new Object[] {-1, null, null, null});
        List<String> columns = List.of("id", "the name", "at", "tags");
        assertThat(connection.copyIn("valued", columns, rows)).isEqualTo(20_001);
        Row row = connection.fetchOne("select * from valued where id = $1", 19_999);
        assertThat(row.getString("the name")).isEqualTo("name 19999");
        assertThat(row.getInstant("at")).isEqualTo(java.time.Instant.ofEpochSecond(19_999));
        assertThat(row.get("tags")).isEqualTo(List.of("a", "b19999"));
        rows.set(15_000, new Object[] {"s3cret", "x", null, null});
        assertThatThrownBy(() -> connection.copyIn("valued", columns, rows))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("row 15001, column 'id'")
                .hasMessageNotContaining("s3cret");
        rows.set(15_000, new Object[] {1});
        assertThatThrownBy(() -> connection.copyIn("valued", columns, rows))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("row 15001 has 1 values for 4 columns");
        assertThatThrownBy(() -> connection.copyIn("valued", List.of("nothing"), rows))
                .isInstanceOf(PgServerException.class);
        assertThatThrownBy(() -> connection.copyIn("valued", List.of("id"), () -> {
                    throw new IllegalStateException("no rows today");
                }))
                .hasMessage("no rows today");
        assertThat(connection.fetchOne("select count(*) from valued").getInt(0)).isEqualTo(20_001);
    }

    @Test
    void whatTheConvertersRelyOnIsProtected() {
        assertThatThrownBy(() -> connection.execute("set client_encoding = 'LATIN1'"))
                .isInstanceOf(io.github.pgpure.PgConnectionException.class)
                .hasMessageContaining("client_encoding")
                .hasMessageContaining("UTF8");
        assertThat(connection.dead()).isTrue();
    }

    @Test
    void notificationsArriveOnAnyConnection() {
        connection.execute("listen \"a channel\"");
        connection.execute("notify \"a channel\", 'early'");
        List<String> payloads = new ArrayList<>();
        connection.awaitNotifications(Duration.ofSeconds(10), notification -> payloads.add(notification.payload()));
        assertThat(payloads).containsExactly("early");
        connection.awaitNotifications(Duration.ofMillis(50), notification -> payloads.add(notification.payload()));
        assertThat(payloads).hasSize(1);
        try (PgConnection other = PgConnection.open(PostgresServer.shared().uri())) {
            other.execute("notify \"a channel\", 'late'");
        }
        connection.awaitNotifications(Duration.ofSeconds(10), notification -> payloads.add(notification.payload()));
        assertThat(payloads).containsExactly("early", "late");
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void searchPathChangesNeverGiveWrongRows() {
        connection.execute("create schema if not exists path_a; create schema if not exists path_b;"
                + " drop table if exists path_a.t, path_b.t;"
                + " create table path_a.t as select 1 as v; create table path_b.t as select 'two'::text as v");
        connection.execute("set search_path = path_a");
        assertThat(connection.fetchOne("select v from t").get(0)).isEqualTo(1);
        connection.execute("set search_path = path_b");
        assertThat(connection.fetchOne("select v from t").get(0)).isEqualTo("two");
        connection.execute("set search_path = path_a");
        assertThat(connection.fetchOne("select v from t").get(0)).isEqualTo(1);
        connection.execute("drop schema path_a cascade; drop schema path_b cascade");
    }

    @Test
    void preparedStatementLivesUntilClosed() {
        try (PreparedStatement statement = connection.prepare("adder", "select $1::int + $2::int as sum")) {
            assertThat(statement.parameterTypes()).containsExactly(23, 23);
            assertThat(statement.columns().get(0).name()).isEqualTo("sum");
            assertThat(statement.fetchOne(1, 2).getInt("sum")).isEqualTo(3);
            assertThat(statement.fetchOne(3, 4).getInt("sum")).isEqualTo(7);
        }
        assertThat(connection.fetch("select 1 from pg_prepared_statements where name = 'adder'"))
                .isEmpty();
    }

    @Test
    void changedResultTypeOfACachedStatementIsFollowed() {
        connection.execute("create temp table shape (a int)");
        connection.execute("insert into shape values (1)");
        assertThat(connection.fetchOne("select * from shape").size()).isEqualTo(1);
        connection.execute("alter table shape add b text default 'x'");
        assertThat(connection.fetchOne("select * from shape").getString("b")).isEqualTo("x");
        connection.execute("deallocate all");
        assertThat(connection.fetchOne("select * from shape").getString("b")).isEqualTo("x");
        connection.execute("discard all");
        assertThat(connection.fetchOne("select $1::int", 1).getInt(0)).isEqualTo(1);
    }

    @Test
    void knowsTheServersParameters() {
        assertThat(connection.parameters()).containsKey("server_version");
        connection.execute("set time zone 'Europe/Berlin'");
        assertThat(connection.serverTimeZone().getId()).isEqualTo("Europe/Berlin");
        assertThat(connection.backendPid())
                .isEqualTo(connection.fetchOne("select pg_backend_pid()").getInt(0));
    }

    @Test
    void noticesReachTheHandler() {
        List<String> notices = new ArrayList<>();
        connection.onNotice(notice -> notices.add(notice.message()));
        connection.execute("do $$ begin raise notice 'hello %', 42; end $$");
        assertThat(notices).containsExactly("hello 42");
    }

    @Test
    void deadlineCancelsTheStatementAndTheConnectionLivesOn() {
        long start = System.nanoTime();
        assertThatThrownBy(
                        () -> connection.fetch(Query.of("select pg_sleep(30)").timeout(Duration.ofMillis(200))))
                .isInstanceOf(io.github.pgpure.QueryTimeoutException.class)
                .hasMessageContaining("200 ms");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void statementCacheMayBeTurnedOff() {
        try (PgConnection uncached =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()).toBuilder()
                        .statementCacheSize(0)
                        .build())) {
            for (int i = 0; i < 3; i++) {
                assertThat(uncached.fetchOne("select $1::int", i).getInt(0)).isEqualTo(i);
            }
            assertThat(uncached.fetchOne("select count(*) from pg_prepared_statements")
                            .getLong(0))
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void aFullStatementCacheClosesTheOldest() {
        try (PgConnection small =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()).toBuilder()
                        .statementCacheSize(3)
                        .build())) {
            for (int i = 0; i < 10; i++) {
                assertThat(small.fetchOne("select " + i).getInt(0)).isEqualTo(i);
            }
            assertThat(small.fetchOne("select count(*) from pg_prepared_statements")
                            .getLong(0))
                    .isLessThanOrEqualTo(4);
        }
    }

    private static final class OutputStreamStub extends java.io.OutputStream {
        static final OutputStreamStub INSTANCE = new OutputStreamStub();

        @Override
        public void write(int b) {}
    }
}
