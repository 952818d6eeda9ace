package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.ConversionException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataRetrievalFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.EmptyResultDataAccessException;
import org.springframework.dao.IncorrectResultSizeDataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TypeMismatchDataAccessException;
import org.springframework.transaction.support.TransactionTemplate;

/** The fluent statements. */
class PgStatementIT {

    private static final String DATABASE = "pgpure_statement";
    private static final PostgresServer server = PostgresServer.shared();

    private static PgPool pool;
    private static PgTemplate pg;

    record Item(long id, String itemName) {}

    @BeforeAll
    static void openPool() {
        server.createDatabase(DATABASE);
        pool = PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder().maxConnections(2).build());
        pg = new PgTemplate(pool);
        pg.execute("create table item (id bigint generated always as identity primary key, item_name text unique)");
    }

    @AfterAll
    static void closePool() {
        pool.close();
        server.dropDatabase(DATABASE);
    }

    @BeforeEach
    void fill() {
        pg.execute("truncate item restart identity");
        pg.execute("insert into item (item_name) values ('one'), ('two')");
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(pool.stats().activeConnections()).isZero();
    }

    @Test
    void mapsRowsToRecords() {
        PgMappedQuery<Item> byId =
                pg.sql("select * from item where id = :id").param("id", 1).query(Item.class);

        assertThat(byId.single()).isEqualTo(new Item(1, "one"));
        assertThat(byId.optional()).contains(new Item(1, "one"));
        assertThat(byId.list()).containsExactly(new Item(1, "one"));
        try (Stream<Item> items = pg.sql("select * from item order by id").query(Item.class).stream()) {
            assertThat(items.map(Item::itemName)).containsExactly("one", "two");
        }
    }

    @Test
    void mapsTheOneColumnAndByMapper() {
        assertThat(pg.sql("select count(*) from item").query(Long.class).single())
                .isEqualTo(2);
        assertThat(pg.sql("select item_name from item order by id")
                        .query(row -> row.getString(0) + "!")
                        .list())
                .containsExactly("one!", "two!");
        assertThat(pg.sql("select item_name from item order by id").query().list())
                .extracting(row -> row.getString("item_name"))
                .containsExactly("one", "two");
        assertThat(pg.sql("select 1 from item").query(Integer.class).set()).containsExactly(1);
    }

    @Test
    void bindsByPositionNameListAndMap() {
        assertThat(pg.sql("select $1::int + $2::int")
                        .param(1)
                        .param(2)
                        .query(Integer.class)
                        .single())
                .isEqualTo(3);
        assertThat(pg.sql("select $1::int + $2::int")
                        .params(3, 4)
                        .query(Integer.class)
                        .single())
                .isEqualTo(7);
        assertThat(pg.sql("select :a::int + :b::int")
                        .params(Map.of("a", 5, "b", 6))
                        .query(Integer.class)
                        .single())
                .isEqualTo(11);
        assertThatThrownBy(() -> pg.sql("select :a, $1").param("a", 1).param(2))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void isImmutable() {
        PgStatement statement = pg.sql("select $1::int");

        assertThat(statement.param(1).query(Integer.class).single()).isEqualTo(1);
        assertThat(statement.param(2).query(Integer.class).single()).isEqualTo(2);
        assertThat(statement.param("very-secret").toString()).doesNotContain("very-secret");
    }

    @Test
    void saysWhenThereIsNotOneRow() {
        assertThatThrownBy(() ->
                        pg.sql("select 1 where false").query(Integer.class).single())
                .isInstanceOf(EmptyResultDataAccessException.class);
        assertThat(pg.sql("select 1 where false").query(Integer.class).optional())
                .isEmpty();
        assertThatThrownBy(() -> pg.sql("select * from item").query(Item.class).single())
                .isInstanceOf(IncorrectResultSizeDataAccessException.class)
                .hasMessageContaining("2 rows");
        assertThatThrownBy(() -> pg.sql("select * from item").query(Item.class).optional())
                .isInstanceOf(IncorrectResultSizeDataAccessException.class);
    }

    @Test
    void errorsOfTheMappingAreSpringsToo() {
        assertThatThrownBy(() -> pg.sql("select 'x' as id, 'y' as item_name")
                        .query(Item.class)
                        .list())
                .isInstanceOf(TypeMismatchDataAccessException.class)
                .hasCauseInstanceOf(ConversionException.class);
        assertThatThrownBy(() -> {
                    try (Stream<Item> items = pg.sql("select 'x' as id, 'y' as item_name").query(Item.class).stream()) {
                        items.forEach(item -> {});
                    }
                })
                .isInstanceOf(DataAccessException.class);
    }

    @Test
    void updatesAndCounts() {
        assertThat(pg.sql("update item set item_name = item_name || :suffix")
                        .param("suffix", "!")
                        .update())
                .isEqualTo(2);
        assertThatThrownBy(() -> pg.sql("insert into item (item_name) values ($1)")
                        .param("one!")
                        .update())
                .isInstanceOf(DuplicateKeyException.class);
    }

    @Test
    void returnsGeneratedKeys() {
        var keys = new PgKeyHolder();

        assertThat(pg.sql("insert into item (item_name) values (:name)")
                        .param("name", "three")
                        .update(keys, "id"))
                .isOne();
        assertThat(keys.key(Long.class)).isEqualTo(3);
        assertThatThrownBy(() -> keys.key(String.class)).isInstanceOf(DataRetrievalFailureException.class);

        pg.sql("insert into item (item_name) values ($1), ($2)")
                .params("four", "five")
                .update(keys);
        assertThat(keys.keyList()).extracting(key -> key.get("item_name")).containsExactly("four", "five");
        assertThatThrownBy(() -> keys.key(Long.class)).isInstanceOf(InvalidDataAccessApiUsageException.class);
    }

    @Test
    void returnsGeneratedKeysOfAStatementThatEndsWithAComment() {
        var keys = new PgKeyHolder();

        assertThat(pg.sql("insert into item (item_name) values ('three') -- the third")
                        .update(keys, "id"))
                .isOne();

        assertThat(keys.key(Long.class)).isEqualTo(3);
    }

    @Test
    void limitsRowsAndTime() {
        assertThat(pg.sql("select * from item").maxRows(1).query(Item.class).list())
                .hasSize(1);
        assertThatThrownBy(() -> pg.sql("select pg_sleep(30)")
                        .timeout(Duration.ofMillis(200))
                        .update())
                .isInstanceOf(QueryTimeoutException.class);
    }

    @Test
    void joinsTheTransaction() {
        new TransactionTemplate(new PgTransactionManager(pool)).executeWithoutResult(status -> {
            pg.sql("delete from item").update();
            assertThat(pg.sql("select count(*) from item").query(Long.class).single())
                    .isZero();
            status.setRollbackOnly();
        });

        assertThat(pg.sql("select count(*) from item").query(Long.class).single())
                .isEqualTo(2);
    }
}
