package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.RowStream;
import io.github.pgpure.test.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without statements that the server keeps: behind a proxy that pools transactions, and without a cache. */
class UnnamedStatementsIT {

    private PgConnection connection;

    @AfterEach
    void disconnect() {
        if (connection != null) {
            connection.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256})
    void everythingWorksAndNothingIsKeptOnTheServer(int cacheSize) {
        connect(cacheSize);
        connection.execute("create temp table unnamed (id int primary key, name text)");
        for (int i = 0; i < 3; i++) {
            assertThat(connection.execute("insert into unnamed values ($1, $2)", i, "name " + i))
                    .isEqualTo(1);
            assertThat(connection
                            .fetchOne("select name from unnamed where id = $1", i)
                            .getString(0))
                    .isEqualTo("name " + i);
        }
        assertThat(connection.executeBatch(
                        "insert into unnamed values ($1, $2)",
                        List.of(new Object[] {10, "x"}, new Object[] {11, null})))
                .containsExactly(1, 1);
        try (RowStream rows = connection.stream("select i from generate_series(1, $1) i", 1_000)) {
            assertThat(rows.stream().mapToInt(row -> row.getInt(0)).sum()).isEqualTo(500_500);
        }
        var piped = connection.pipeline(pipeline -> {
            var list = new ArrayList<java.util.concurrent.CompletableFuture<Long>>();
            for (int i = 20; i < 25; i++) {
                list.add(pipeline.execute("insert into unnamed values ($1, $2)", i, "piped"));
            }
            return list;
        });
        assertThat(piped).allSatisfy(future -> assertThat(future.join()).isEqualTo(1));
        try (PgTransaction tx = connection.begin()) {
            tx.execute("delete from unnamed where id >= $1", 10);
            tx.commit();
        }
        assertThat(connection.fetchOne("select count(*) from unnamed").getInt(0))
                .isEqualTo(3);
        assertThat(connection
                        .fetchOne("select count(*) from pg_prepared_statements where name <> ''")
                        .getInt(0))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256})
    void changedResultsAreNeverReadWrongly(int cacheSize) {
        connect(cacheSize);
        connection.execute("create temp table shape (a int)");
        connection.execute("insert into shape values (1)");
        assertThat(connection.fetchOne("select * from shape").get(0)).isEqualTo(1);
        connection.execute("alter table shape alter a type text using 'text ' || a");
        assertThat(connection.fetchOne("select * from shape").get(0)).isEqualTo("text 1");
        connection.execute("alter table shape add b int default 7");
        assertThat(connection.fetchOne("select * from shape").getInt("b")).isEqualTo(7);
        connection.execute("alter table shape drop a");
        assertThat(connection.fetchOne("select * from shape").get(0)).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256})
    void errorsLeaveTheConnectionUsable(int cacheSize) {
        connect(cacheSize);
        assertThatThrownBy(() -> connection.fetch("select 1 / $1::int", 0)).isInstanceOf(PgServerException.class);
        assertThatThrownBy(() -> connection.fetch("selec $1", 0)).isInstanceOf(PgServerException.class);
        assertThat(connection.fetchOne("select 1 / $1::int", 1).getInt(0)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256})
    void changeToATypeNotSeenBeforeFailsAtMostOnce(int cacheSize) {
        connect(cacheSize);
        connection.execute("create temp table shape (a int)");
        connection.execute("insert into shape values (1)");
        String sql = "select * from shape where $1";
        assertThat(connection.fetchOne(sql, true).get(0)).isEqualTo(1);
        connection.execute("create type pg_temp.unseen as enum ('one')");
        connection.execute("alter table shape alter a type pg_temp.unseen using 'one'");
        if (cacheSize > 0) {
            assertThatThrownBy(() -> connection.fetchOne(sql, true)).hasMessageContaining("run it again");
        }
        assertThat(connection.fetchOne(sql, true).get(0)).isEqualTo("one");
        connection.execute("create type pg_temp.unseen_too as enum ('two')");
        connection.execute("alter table shape alter a type pg_temp.unseen_too using 'two'");
        if (cacheSize > 0) {
            assertThatThrownBy(() -> connection.pipeline(
                            pipeline -> pipeline.fetch(sql, true).join()))
                    .hasMessageContaining("run it again");
        }
        try (RowStream rows = connection.stream(sql, true)) {
            assertThat(rows.iterator().next().get(0)).isEqualTo("two");
        }
    }

    private void connect(int cacheSize) {
        connection =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()).toBuilder()
                        .statementCacheSize(cacheSize)
                        .transactionPooling(true)
                        .build());
    }
}
