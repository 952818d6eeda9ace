package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.pool.PgPool;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/bulk.md. */
@Timeout(60)
class BulkIT {

    private static GuideDatabase database;
    private static PgPool pool;

    record Sale(long id, String item, BigDecimal price) {}

    @BeforeAll
    static void open() {
        database = new GuideDatabase(
                "guide_bulk_it",
                "create table sale (id bigint primary key, item text not null, price numeric not null)");
        pool = database.pool();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void fill() {
        pool.execute("truncate sale; insert into sale select n, 'lamp', 9.50 from generate_series(1, 3000) n");
    }

    @Test
    void stream() {
        BigDecimal total = BigDecimal.ZERO;
        // tag::stream[]
        try (RowStream rows = pool.stream("select * from sale order by id")) {
            for (Row row : rows) {
                total = total.add(row.as(Sale.class).price());
            }
        }
        // end::stream[]
        assertThat(total).isEqualByComparingTo("28500");
    }

    @Test
    void copyFiles(@TempDir Path directory) throws Exception {
        Path csv = directory.resolve("sales.csv");
        // tag::copy-out[]
        try (OutputStream file = Files.newOutputStream(csv)) {
            pool.copyOut("copy (select * from sale where id <= 10) to stdout (format csv, header)", file);
        }
        // end::copy-out[]
        pool.execute("truncate sale");
        // tag::copy-in[]
        try (InputStream file = Files.newInputStream(csv)) {
            long rows = pool.copyIn("copy sale from stdin (format csv, header)", file);
            assertThat(rows).isEqualTo(10);
        }
        // end::copy-in[]
    }

    @Test
    void copyValues() {
        // tag::copy-rows[]
        Stream<Object[]> sales = LongStream.rangeClosed(10_001, 30_000)
                .mapToObj(id -> new Object[] {id, "candle", new BigDecimal("2.25")});
        long copied = pool.copyIn("sale", List.of("id", "item", "price"), sales::iterator);
        // end::copy-rows[]
        assertThat(copied).isEqualTo(20_000);
    }

    @Test
    void upsertThroughATemporaryTable() {
        Iterable<Object[]> prices = List.of(
                new Object[] {1L, "lamp", new BigDecimal("8")}, new Object[] {9000L, "lens", new BigDecimal("70")});
        // tag::upsert[]
        long changed = pool.inTransaction(transaction -> {
            transaction.execute("create temporary table incoming (like sale) on commit drop");
            transaction.copyIn("incoming", List.of("id", "item", "price"), prices);
            return transaction.execute("""
                    insert into sale select * from incoming
                    on conflict (id) do update set price = excluded.price""");
        });
        // end::upsert[]
        assertThat(changed).isEqualTo(2);
    }

    @Test
    void batch() {
        // tag::batch[]
        long[] counts = pool.executeBatch(
                "update sale set price = $2 where id = $1",
                List.of(new Object[] {1, new BigDecimal("12")}, new Object[] {2, new BigDecimal("13")}));
        // end::batch[]
        assertThat(counts).containsExactly(1, 1);
    }

    @Test
    void pipeline() {
        // tag::pipeline[]
        try (PgConnection connection = pool.checkoutConnection()) {
            List<CompletableFuture<Rows>> answers = connection.pipeline(pipeline -> List.of(
                    pipeline.fetch("select count(*) from sale where item = $1", "lamp"),
                    pipeline.fetch("select max(price) from sale where item = $1", "lamp")));
            long count = answers.get(0).join().get(0).getLong(0);
            BigDecimal dearest = answers.get(1).join().get(0).getBigDecimal(0);
            assertThat(dearest.longValue() * count).isPositive();
        }
        // end::pipeline[]
    }
}
