package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.ConversionException;
import io.github.pgpure.CopyOptions;
import io.github.pgpure.CopyProgress;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.Row;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.TypeName;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ThreadKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** COPY of Java values in and out, of files, and what is told of its progress. */
@Timeout(60)
class TypedCopyIT {

    private static final List<String> COLUMNS = List.of("id", "created_at", "tags", "price");

    private PgConnection connection;

    @TempDir
    Path directory;

    record Item(int id, Instant createdAt, List<String> tags, BigDecimal price) {}

    enum Mood {
        HAPPY,
        SAD
    }

    record Person(String name, Mood mood) {}

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
        connection.execute(
                "create temp table item (id int, created_at timestamptz, tags text[], price numeric, extra text)");
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    private static Item item(int id) {
        return new Item(id, Instant.ofEpochSecond(id), List.of("a", "b" + id), new BigDecimal(id + ".50"));
    }

    private static List<Item> items(int count) {
        return IntStream.range(0, count).mapToObj(TypedCopyIT::item).toList();
    }

    private long count() {
        return connection.fetchOne("select count(*) from item").getLong(0);
    }

    @Test
    void recordsGoInAndComeOut() {
        List<Item> items = items(20_000);
        assertThat(connection.copyIn("item", COLUMNS, Item.class, items)).isEqualTo(20_000);
        List<Item> found = new ArrayList<>();
        assertThat(connection.copyOut("item", COLUMNS, Item.class, found::add)).isEqualTo(20_000);
        assertThat(found).isEqualTo(items);
        assertThat(connection.inTransaction()).isFalse();
    }

    @Test
    void plainValuesAndMappedRowsComeOut() {
        connection.copyIn(
                "item",
                List.of("id", "extra"),
                List.of(new Object[] {1, "one"}, new Object[] {2, null}, new Object[] {3, ""}));
        List<Object[]> arrays = new ArrayList<>();
        connection.copyOut("item", List.of("extra", "id"), Row::toArray, arrays::add);
        assertThat(arrays).containsExactly(new Object[] {"one", 1}, new Object[] {null, 2}, new Object[] {"", 3});
        List<String> mapped = new ArrayList<>();
        connection.copyOut(
                "(select id, upper(extra) as shout from item where id < 3 order by id) as found",
                List.of("id", "shout"),
                row -> row.getInt("id") + row.getString("shout"),
                mapped::add);
        assertThat(mapped).containsExactly("1ONE", "2null");
    }

    @Test
    void interruptIsSeenBetweenTheRowsThatComeOut() {
        connection.copyIn("item", COLUMNS, Item.class, items(200));
        var seen = new AtomicInteger();
        assertThatThrownBy(() -> connection.copyOut("item", List.of("id"), Integer.class, id -> {
                    if (seen.incrementAndGet() == 3) {
                        Thread.currentThread().interrupt();
                    }
                }))
                .isInstanceOf(QueryCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(seen).hasValue(3);
        assertThat(count()).isEqualTo(200);
    }

    @Test
    void interruptIsSeenBetweenTheRowsThatGoIn() {
        var given = new AtomicInteger();
        Iterable<Object[]> rows = () -> IntStream.range(0, 200)
                .mapToObj(i -> {
                    if (given.incrementAndGet() == 3) {
                        Thread.currentThread().interrupt();
                    }
                    return new Object[] {i};
                })
                .iterator();
        assertThatThrownBy(() -> connection.copyIn("item", List.of("id"), rows))
                .isInstanceOf(QueryCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(given).hasValueBetween(3, 4);
        assertThat(count()).isZero();
    }

    @Test
    void rowsStayValidAfterTheNextOne() {
        connection.copyIn("item", COLUMNS, Item.class, items(1_000));
        List<Row> rows = new ArrayList<>();
        connection.copyOut("item", COLUMNS, row -> row, rows::add);
        assertThat(rows.stream().map(row -> row.as(Item.class))).isEqualTo(items(1_000));
    }

    @Test
    void rowsLargerThanAPieceAndEmptyTables() {
        List<Integer> lengths = new ArrayList<>();
        assertThat(connection.copyOut("item", List.of("extra"), String.class, text -> lengths.add(text.length())))
                .isZero();
        connection.execute("insert into item (extra) select repeat('x', n) from unnest(array[0, 3000000, 5, 70000]) n");
        assertThat(connection.copyOut("item", List.of("extra"), String.class, text -> lengths.add(text.length())))
                .isEqualTo(4);
        assertThat(lengths).containsExactly(0, 3_000_000, 5, 70_000);
    }

    @Test
    void convertersAreApplied() {
        PostgresServer server = PostgresServer.shared();
        server.execute(
                "drop schema if exists typed_copy cascade",
                "create schema typed_copy",
                "create type typed_copy.mood as enum ('happy', 'sad')",
                "create table typed_copy.person (name text, mood typed_copy.mood)");
        try (PgPool pool = PgPool.open(PgConnectOptions.parse(server.uri()), PgPoolOptions.defaults())) {
            pool.addConverter(EnumConverter.of(TypeName.of("typed_copy.mood"), Mood.class));
            List<Person> people = List.of(new Person("Ada", Mood.HAPPY), new Person("Bob", Mood.SAD));
            pool.copyIn("typed_copy.person", List.of("name", "mood"), Person.class, people);
            List<Person> found = new ArrayList<>();
            pool.copyOut("typed_copy.person", List.of("name", "mood"), Person.class, found::add);
            assertThat(found).isEqualTo(people);
            List<Object[]> arrays = new ArrayList<>();
            pool.inTransaction(tx -> tx.copyOut("typed_copy.person", List.of("mood"), Row::toArray, arrays::add));
            assertThat(arrays).containsExactly(new Object[] {Mood.HAPPY}, new Object[] {Mood.SAD});
        } finally {
            server.execute("drop schema typed_copy cascade");
        }
    }

    @Test
    void alteredTableNeverGivesWrongValues() {
        connection.copyIn("item", List.of("id"), List.<Object[]>of(new Object[] {1}));
        connection.copyOut("item", List.of("id"), Integer.class, id -> {});
        // As wide as before: read or written by the old type it would be another number.
        connection.execute("alter table item alter id type float4");
        connection.copyIn("item", List.of("id"), List.<Object[]>of(new Object[] {2}));
        List<Object> found = new ArrayList<>();
        connection.copyOut("item", List.of("id"), row -> row.get(0), found::add);
        assertThat(found).containsExactly(1f, 2f);
    }

    @Test
    void insideATransactionItIsAPartOfIt() {
        try (PgTransaction tx = connection.begin(TransactionOptions.defaults())) {
            tx.copyIn("item", COLUMNS, Item.class, items(10));
            List<Item> found = new ArrayList<>();
            tx.copyOut("item", COLUMNS, Item.class, found::add);
            assertThat(found).hasSize(10);
            assertThat(connection.inTransaction()).isTrue();
            tx.rollback();
        }
        assertThat(count()).isZero();
    }

    @Test
    void whatFailsLeavesTheConnectionUsableAndNoTransactionOpen() {
        connection.copyIn("item", COLUMNS, Item.class, items(5_000));
        assertThatThrownBy(() -> connection.copyOut("nothing", List.of("id"), Row::toArray, row -> {}))
                .isInstanceOf(PgServerException.class);
        assertUsable();
        assertThatThrownBy(() -> connection.copyOut("item", List.of("extra"), Integer.class, row -> {
                    throw new AssertionError("a null must not get here");
                }))
                .isInstanceOf(AssertionError.class);
        assertUsable();
        assertThatThrownBy(() -> connection.copyOut("item", COLUMNS, Item.class, item -> {
                    throw new IllegalStateException("no room for " + item.id());
                }))
                .hasMessage("no room for 0");
        assertUsable();
        assertThatThrownBy(() -> connection.copyOut("item", COLUMNS, row -> row.getInt("nothing"), i -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertUsable();
        assertThatThrownBy(() -> connection.copyOut("item", COLUMNS, row -> row.getInt("tags"), i -> {}))
                .isInstanceOf(ConversionException.class);
        assertUsable();
        assertThatThrownBy(() -> connection.copyIn("item", List.of("id", "nothing"), Item.class, items(1)))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("nothing");
        assertUsable();
        Iterable<Item> failing = () -> {
            Iterator<Item> items = items(3_000).iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    if (!items.hasNext()) {
                        throw new IllegalStateException("no rows any more");
                    }
                    return true;
                }

                @Override
                public Item next() {
                    return items.next();
                }
            };
        };
        assertThatThrownBy(() -> connection.copyIn("item", COLUMNS, Item.class, failing))
                .hasMessage("no rows any more");
        assertUsable();
        connection.execute("alter table item add check (id < 2000) not valid");
        assertThatThrownBy(() -> connection.copyIn("item", COLUMNS, Item.class, items(3_000)))
                .isInstanceOf(PgServerException.class);
        assertUsable();
        assertThat(count()).isEqualTo(5_000);
    }

    private void assertUsable() {
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        assertThat(connection.inTransaction()).isFalse();
    }

    @Test
    void interruptDuringTypedCopyOut() throws Exception {
        var failure = new CompletableFuture<Throwable>();
        var flowing = new CountDownLatch(1_000);
        Thread caller = ThreadKind.PLATFORM.start(() -> {
            try {
                connection.copyOut(
                        "(select generate_series(1, 100000000) as n) as numbers",
                        List.of("n"),
                        Integer.class,
                        n -> flowing.countDown());
            } catch (Throwable e) {
                failure.complete(e);
            }
        });
        assertThat(flowing.await(10, TimeUnit.SECONDS)).isTrue();
        caller.interrupt();
        assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(QueryCancelledException.class);
        caller.join(5_000);
        assertUsable();
    }

    @Test
    void interruptDuringTypedCopyIn() throws Exception {
        var failure = new CompletableFuture<Throwable>();
        var flowing = new CountDownLatch(100_000);
        Iterable<Object[]> endless = () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Object[] next() {
                flowing.countDown();
                return new Object[] {1};
            }
        };
        Thread caller = ThreadKind.PLATFORM.start(() -> {
            try {
                connection.copyIn("item", List.of("id"), endless);
            } catch (Throwable e) {
                failure.complete(e);
            }
        });
        assertThat(flowing.await(10, TimeUnit.SECONDS)).isTrue();
        caller.interrupt();
        assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(QueryCancelledException.class);
        caller.join(5_000);
        assertUsable();
        assertThat(count()).isZero();
    }

    @Test
    void timeoutOfItsOwn() {
        assertThatThrownBy(() -> connection.copyOut(
                        "(select generate_series(1, 100000000) as n) as numbers",
                        List.of("n"),
                        Integer.class,
                        n -> {},
                        CopyOptions.defaults().timeout(Duration.ofMillis(100))))
                .isInstanceOf(QueryTimeoutException.class);
        assertUsable();
    }

    @Test
    void progressTellsRowsAndBytesAsTheyGo() {
        List<long[]> calls = new ArrayList<>();
        CopyOptions options = CopyOptions.defaults().onProgress((rows, bytes) -> calls.add(new long[] {rows, bytes}));
        connection.copyIn("item", COLUMNS, Item.class, items(10_000), options);
        assertGrowsTo(calls, 10_000);
        long bytesIn = calls.get(calls.size() - 1)[1];
        calls.clear();
        connection.copyOut("item", COLUMNS, Item.class, item -> {}, options);
        assertGrowsTo(calls, 10_000);
        assertThat(calls.get(calls.size() - 1)[1])
                .as("the same values in the same format")
                .isEqualTo(bytesIn);
        calls.clear();
        var written = new AtomicLong();
        connection.copyOut(
                "copy item to stdout",
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        written.incrementAndGet();
                    }
                },
                options);
        assertGrowsTo(calls, CopyProgress.UNKNOWN_ROWS);
        assertThat(calls.get(calls.size() - 1)[1]).isEqualTo(written.get());
        calls.clear();
        byte[] lines = "7\n".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
        connection.copyIn("copy item (id) from stdin", new ByteArrayInputStream(lines), options);
        assertGrowsTo(calls, CopyProgress.UNKNOWN_ROWS);
        assertThat(calls.get(calls.size() - 1)[1]).isEqualTo(lines.length);
    }

    private static void assertGrowsTo(List<long[]> calls, long rows) {
        assertThat(calls.size()).as("more than once").isGreaterThan(2);
        assertThat(calls.stream().mapToLong(call -> call[1])).isSorted().doesNotHaveDuplicates();
        assertThat(calls.get(calls.size() - 1)[0]).isEqualTo(rows);
    }

    @Test
    void progressThatThrowsGivesTheCopyUp() {
        CopyOptions options = CopyOptions.defaults().onProgress((rows, bytes) -> {
            throw new IllegalStateException("enough");
        });
        assertThatThrownBy(() -> connection.copyIn("item", COLUMNS, Item.class, items(10), options))
                .hasMessage("enough");
        assertUsable();
        assertThat(count()).isZero();
    }

    @Test
    void filesGoInAndComeOut() throws IOException {
        connection.copyIn("item", COLUMNS, Item.class, items(1_000));
        Path file = directory.resolve("items.csv");
        assertThat(connection.copyOut("copy item to stdout (format csv, header true)", file))
                .isEqualTo(1_000);
        assertThat(Files.readAllLines(file)).hasSize(1_001).startsWith("id,created_at,tags,price,extra");
        connection.execute("truncate item");
        assertThat(connection.copyIn("copy item from stdin (format csv, header true)", file))
                .isEqualTo(1_000);
        List<Item> found = new ArrayList<>();
        connection.copyOut("item", COLUMNS, Item.class, found::add);
        assertThat(found).isEqualTo(items(1_000));
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> connection.copyIn("copy item from stdin", missing))
                .isInstanceOf(PgException.class)
                .hasMessageContaining("missing");
        assertThatThrownBy(() -> connection.copyOut("copy item to stdout", missing.resolve("x")))
                .isInstanceOf(PgException.class);
        assertUsable();
    }
}
