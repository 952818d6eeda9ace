package io.github.pgpure.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.CopyOptions;
import io.github.pgpure.IsolationLevel;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgOperations;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.UniqueViolationException;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.TypeName;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.Subscription;
import io.github.pgpure.test.PostgresServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The README's tour, run. */
@Timeout(60)
class TourIT {

    private static final String DATABASE = "tour_it";

    private static PgPool pool;
    private static PgOperations pg;

    // tag::types[]
    enum Genre {
        POETRY,
        SCIENCE
    }

    record Book(long id, String title, Genre genre, List<String> authors) {}
    // end::types[]

    @BeforeAll
    static void open() {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(DATABASE);
        pool = PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder().maxConnections(4).build());
        pg = pool;
        pool.execute("""
                create type genre as enum ('poetry', 'science');
                create table books (
                    id bigint generated always as identity primary key,
                    title text not null unique, genre genre not null, authors text[] not null);
                insert into books (title, genre, authors) values
                    ('Sketch of the Analytical Engine', 'science', '{Menabrea,Lovelace}'),
                    ('Leaves of Grass', 'poetry', '{Whitman}')""");
        pool.addConverterWithArray(EnumConverter.of(TypeName.of("genre"), Genre.class));
    }

    @AfterAll
    static void close() {
        pool.close();
        PostgresServer.shared().dropDatabase(DATABASE);
    }

    @Test
    void queries() {
        // tag::query[]
        Rows rows = pg.fetch("select title, genre from books where genre = $1", Genre.SCIENCE);
        Row first = rows.get(0);
        String title = first.getString("title");
        Genre genre = first.get("genre", Genre.class);

        long count = pg.fetchOne("select count(*) from books").getLong(0);
        Optional<Row> none = pg.fetchOneOrNone("select title from books where id = $1", -1);
        long changed = pg.execute("update books set title = upper(title) where id = $1", -1);
        // end::query[]
        assertThat(title).isEqualTo("Sketch of the Analytical Engine");
        assertThat(genre).isEqualTo(Genre.SCIENCE);
        assertThat(count).isGreaterThanOrEqualTo(2);
        assertThat(none).isEmpty();
        assertThat(changed).isZero();
    }

    @Test
    void namesAndRecords() {
        // tag::named[]
        List<Book> books = pg.fetch(Query.of("""
                        select id, title, genre, authors from books
                        where genre = any(:genres) and :author = any(authors)""")
                        .bind("genres", List.of(Genre.POETRY, Genre.SCIENCE))
                        .bind("author", "Lovelace"))
                .as(Book.class);
        // end::named[]
        assertThat(books).hasSize(1);
        assertThat(books.get(0).authors()).containsExactly("Menabrea", "Lovelace");
    }

    record Edition(int year, String publisher) {}

    @Test
    void arraysAndJson() {
        pg.execute("create table editions (title text, tags text[], edition jsonb)");
        // tag::json[]
        pg.execute(
                "insert into editions (title, tags, edition) values ($1, $2, $3)",
                "Opticks",
                List.of("light", "colour"),
                new Edition(1704, "Smith & Walford"));
        Row row = pg.fetchOne("select tags, edition from editions where edition @> $1", Map.of("year", 1704));
        String[] tags = row.get("tags", String[].class);
        Edition edition = row.get("edition", Edition.class);
        // end::json[]
        assertThat(tags).containsExactly("light", "colour");
        assertThat(edition).isEqualTo(new Edition(1704, "Smith & Walford"));
    }

    @Test
    void transactions() {
        // tag::transaction[]
        TransactionOptions options = TransactionOptions.defaults()
                .isolation(IsolationLevel.SERIALIZABLE)
                .timeout(Duration.ofSeconds(5));
        long id = pool.inTransaction(options, transaction -> {
            Row row = transaction.fetchOne(
                    "insert into books (title, genre, authors) values ($1, $2, $3) returning id",
                    "Notes",
                    Genre.SCIENCE,
                    List.of("Lovelace"));
            try (PgTransaction savepoint = transaction.savepoint()) {
                savepoint.execute("insert into books (title, genre, authors) values ('Notes', 'science', '{}')");
                savepoint.commit();
            } catch (UniqueViolationException e) {
                // Undone up to the savepoint; the transaction goes on.
            }
            return row.getLong("id");
        });
        // end::transaction[]
        assertThat(pg.fetchOne("select title from books where id = $1", id).getString(0))
                .isEqualTo("Notes");
        pg.execute("delete from books where id = $1", id);
    }

    @Test
    void deadline() {
        assertThatThrownBy(() -> {
                    // tag::deadline[]
                    pg.fetch(Query.of("select pg_sleep(60)").timeout(Duration.ofMillis(200)));
                    // end::deadline[]
                })
                .isInstanceOf(QueryTimeoutException.class);
    }

    @Test
    void cancellation() throws InterruptedException {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        // tag::cancel[]
        Future<Rows> report = executor.submit(() -> pool.fetch("select pg_sleep(60)"));
        // … the user has gone away:
        report.cancel(true);
        // end::cancel[]
        assertThatThrownBy(report::get).isInstanceOf(CancellationException.class);
        executor.shutdown();
        assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        await().until(() -> PostgresServer.shared()
                .query("select count(*) from pg_stat_activity where state = 'active' and datname = '" + DATABASE + "'")
                .equals("0"));
    }

    @Test
    void streaming() {
        long sum = 0;
        // tag::stream[]
        try (RowStream rows = pg.stream("select n from generate_series(1, 1000000) as n")) {
            for (Row row : rows) {
                sum += row.getInt("n");
            }
        }
        // end::stream[]
        assertThat(sum).isEqualTo(500_000_500_000L);
    }

    @Test
    void copying() {
        String csv = "The Waste Land,poetry,{Eliot}\n";
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        // tag::copy[]
        InputStream source = new ByteArrayInputStream(csv.getBytes(UTF_8));
        long copied = pg.copyIn("copy books (title, genre, authors) from stdin (format csv)", source);
        pg.copyOut("copy (select title from books order by title) to stdout", sink);
        // end::copy[]
        assertThat(copied).isEqualTo(1);
        assertThat(sink.toString(UTF_8)).contains("The Waste Land\n");
        pg.execute("delete from books where title = 'The Waste Land'");
    }

    @Test
    void copyingRows() {
        var progress = new AtomicLong();
        // tag::copy-rows[]
        record Title(String title, Genre genre, List<String> authors) {}
        List<String> columns = List.of("title", "genre", "authors");
        pg.copyIn("books", columns, Title.class, List.of(new Title("Faust", Genre.POETRY, List.of("Goethe"))));
        List<Title> titles = new ArrayList<>();
        CopyOptions options = CopyOptions.defaults().onProgress((rows, bytes) -> progress.set(rows));
        pg.copyOut("(select * from books where genre = 'poetry') as poems", columns, Title.class, titles::add, options);
        // end::copy-rows[]
        assertThat(titles).contains(new Title("Faust", Genre.POETRY, List.of("Goethe")));
        assertThat(progress).hasValue(titles.size());
        pg.execute("delete from books where title = 'Faust'");
    }

    @Test
    void batching() {
        // tag::batch[]
        long[] counts = pg.executeBatch(
                "insert into books (title, genre, authors) values ($1, $2, $3)",
                List.of(
                        new Object[] {"Sonnets", Genre.POETRY, List.of("Shakespeare")},
                        new Object[] {"Opticks", Genre.SCIENCE, List.of("Newton")}));
        // end::batch[]
        assertThat(counts).containsExactly(1, 1);
        assertThat(pg.execute("delete from books where title in ('Sonnets', 'Opticks')"))
                .isEqualTo(2);
    }

    @Test
    void listening() throws InterruptedException {
        // tag::listen[]
        BlockingQueue<String> news = new LinkedBlockingQueue<>();
        Subscription subscription = pool.listen("books", message -> news.add(message.payload()));
        pg.execute("select pg_notify('books', $1)", "a new book");
        String payload = news.poll(5, TimeUnit.SECONDS);
        subscription.close();
        // end::listen[]
        assertThat(payload).isEqualTo("a new book");
    }
}
