package io.github.pgpure.docs.guide.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Query;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.PgTransactionManager;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** The left and the right side of docs/migrating.md do the same. */
@Timeout(60)
class ComparisonIT {

    private static final String DATABASE = "comparison_it";

    private static DriverManagerDataSource dataSource;
    private static JdbcTemplate jdbcTemplate;
    private static JdbcClient jdbc;
    private static PgPool pool;
    private static PgTemplate pg;

    private final JsonMapper json = JsonMapper.shared();

    record Book(long id, String title) {}

    record Edition(int year, String publisher) {}

    @BeforeAll
    static void open() {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(DATABASE);
        PgConnectOptions options = PgConnectOptions.parse(server.uri(DATABASE));
        pool = PgPool.open(options);
        pg = new PgTemplate(pool);
        pool.execute("""
                create table book (
                    id bigint generated always as identity primary key,
                    title text not null, tags text[], edition jsonb);
                insert into book (title) values ('Sketch of the Analytical Engine'), ('Leaves of Grass')""");
        dataSource = new DriverManagerDataSource(
                "jdbc:postgresql://%s:%d/%s"
                        .formatted(
                                options.hosts().get(0).name(),
                                options.hosts().get(0).port(),
                                DATABASE),
                server.username(),
                server.password());
        jdbcTemplate = new JdbcTemplate(dataSource);
        jdbc = JdbcClient.create(jdbcTemplate);
    }

    @AfterAll
    static void close() {
        pool.close();
        PostgresServer.shared().dropDatabase(DATABASE);
    }

    @Test
    void namedParameters() {
        // tag::jdbc-client[]
        List<Book> books =
                jdbc.sql("""
                        select id, title from book
                        where title like :title""").param("title", "%Engine%").query(Book.class).list();
        // end::jdbc-client[]
        List<Book> expected = books;
        books = pgNamedParameters();
        assertThat(books).hasSize(1).isEqualTo(expected);
    }

    private List<Book> pgNamedParameters() {
        // tag::pg-client[]
        List<Book> books =
                pg.sql("""
                        select id, title from book
                        where title like :title""").param("title", "%Engine%").query(Book.class).list();
        // end::pg-client[]
        return books;
    }

    @Test
    void template() {
        // tag::jdbc-template[]
        Book book = jdbcTemplate.queryForObject(
                "select id, title from book where id = ?",
                (rs, rowNum) -> new Book(rs.getLong("id"), rs.getString("title")),
                1);
        // end::jdbc-template[]
        assertThat(pgTemplate()).isEqualTo(book);
    }

    private Book pgTemplate() {
        // tag::pg-template[]
        Book book = pg.fetchOne("select id, title from book where id = $1", 1).as(Book.class);
        // end::pg-template[]
        return book;
    }

    @Test
    void generatedKey() {
        // tag::jdbc-key[]
        KeyHolder keys = new GeneratedKeyHolder();
        jdbc.sql("insert into book (title) values (:title)")
                .param("title", "Notes")
                .update(keys, "id");
        long id = keys.getKeyAs(Long.class);
        // end::jdbc-key[]
        assertThat(pgGeneratedKey()).isGreaterThan(id);
    }

    private long pgGeneratedKey() {
        // tag::pg-key[]
        long id = pg.fetchOne("insert into book (title) values ($1) returning id", "Notes")
                .getLong("id");
        // end::pg-key[]
        return id;
    }

    @Test
    void inList() {
        // tag::jdbc-in[]
        List<Book> books = jdbc.sql("select id, title from book where id in (:ids)")
                .param("ids", List.of(1, 2))
                .query(Book.class)
                .list();
        // end::jdbc-in[]
        assertThat(pgInList()).containsExactlyInAnyOrderElementsOf(books);
    }

    private List<Book> pgInList() {
        // tag::pg-in[]
        List<Book> books = pg.sql("select id, title from book where id = any(:ids)")
                .param("ids", List.of(1, 2))
                .query(Book.class)
                .list();
        // end::pg-in[]
        return books;
    }

    @Test
    void arrayAndJson() {
        String title = "Opticks";
        List<String> tags = List.of("light", "colour");
        Edition edition = new Edition(1704, "Smith & Walford");
        // tag::jdbc-types[]
        jdbcTemplate.update(connection -> {
            var insert = connection.prepareStatement("insert into book (title, tags, edition) values (?, ?, ?::jsonb)");
            insert.setString(1, title);
            insert.setArray(2, connection.createArrayOf("text", tags.toArray()));
            insert.setString(3, json.writeValueAsString(edition));
            return insert;
        });
        // end::jdbc-types[]
        // tag::pg-types[]
        pg.execute("insert into book (title, tags, edition) values ($1, $2, $3)", title, tags, edition);
        // end::pg-types[]
        assertThat(pg.fetch("select distinct tags, edition from book where title = $1", title))
                .hasSize(1)
                .allSatisfy(row -> assertThat(row.get("edition", Edition.class)).isEqualTo(edition));
    }

    @Test
    void batch() {
        List<Object[]> titles = List.of(new Object[] {"A"}, new Object[] {"B"});
        // tag::jdbc-batch[]
        int[] counts = jdbcTemplate.batchUpdate("insert into book (title) values (?)", titles);
        // end::jdbc-batch[]
        assertThat(counts).containsExactly(1, 1);
        assertThat(pgBatch(titles)).containsExactly(1, 1);
    }

    private long[] pgBatch(List<Object[]> titles) {
        // tag::pg-batch[]
        long[] counts = pg.executeBatch("insert into book (title) values ($1)", titles);
        // end::pg-batch[]
        return counts;
    }

    @Test
    void streams() {
        var transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        List<Integer> left = new ArrayList<>();
        // tag::jdbc-stream[]
        jdbcTemplate.setFetchSize(1000);
        transactions.executeWithoutResult(status -> {
            try (Stream<Integer> numbers = jdbcTemplate.queryForStream(
                    "select n from generate_series(1, 5000) as n", (rs, rowNum) -> rs.getInt("n"))) {
                numbers.forEach(left::add);
            }
        });
        // end::jdbc-stream[]
        List<Integer> right = new ArrayList<>();
        // tag::pg-stream[]
        try (RowStream rows = pg.stream("select n from generate_series(1, 5000) as n")) {
            for (Row row : rows) {
                right.add(row.getInt("n"));
            }
        }
        // end::pg-stream[]
        assertThat(right).hasSize(5000).isEqualTo(left);
    }

    @Test
    void timeout() {
        // tag::jdbc-timeout[]
        jdbcTemplate.setQueryTimeout(2); // whole seconds, for every statement of this template
        // end::jdbc-timeout[]
        // tag::pg-timeout[]
        pg.fetch(Query.of("select title from book").timeout(Duration.ofMillis(1500)));
        // end::pg-timeout[]
    }

    @Test
    void programmaticTransaction() {
        var transactions = new TransactionTemplate(new PgTransactionManager(pool));
        // tag::transaction[]
        transactions.executeWithoutResult(status -> {
            pg.execute("update book set title = upper(title) where id = $1", 1);
            status.setRollbackOnly();
        });
        // end::transaction[]
        assertThat(pgTemplate().title()).isEqualTo("Sketch of the Analytical Engine");
    }

    @Test
    void manyAtOnce() throws Exception {
        ExecutorService executor =
                ThreadKind.available().reduce((a, b) -> b).orElseThrow().executor();
        // tag::pg-concurrent[]
        List<Future<Book>> futures = new ArrayList<>();
        for (long id : List.of(1L, 2L)) {
            futures.add(executor.submit(() ->
                    pg.fetchOne("select id, title from book where id = $1", id).as(Book.class)));
        }
        List<Book> books = new ArrayList<>();
        for (Future<Book> future : futures) {
            books.add(future.get());
        }
        // end::pg-concurrent[]
        executor.shutdown();
        assertThat(books).extracting(Book::id).containsExactly(1L, 2L);
    }
}
