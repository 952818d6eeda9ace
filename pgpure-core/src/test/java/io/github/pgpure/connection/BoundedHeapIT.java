package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.test.JavaProcess;
import io.github.pgpure.test.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Results and batches that are larger than the heap, in JVMs whose heap is small.
 *
 * <p>{@code -Dpgpure.test.rows=10000000} and {@code -Dpgpure.test.sets=1000000} make the long runs.
 */
class BoundedHeapIT {

    private static final int ROWS = Integer.getInteger("pgpure.test.rows", 1_000_000);
    private static final int SETS = Integer.getInteger("pgpure.test.sets", 100_000);
    private static final long LIMIT_SECONDS = 1_800;

    @Test
    void streamNeedsNoMoreThanAFewRows() throws Exception {
        runs(StreamRows.class, "-Xmx64m", ROWS);
    }

    @Test
    void batchNeedsLittleMoreThanItsParameters() throws Exception {
        runs(InsertBatch.class, "-Xmx256m", SETS);
    }

    private static void runs(Class<?> main, String heap, int count) throws Exception {
        Path log = Path.of("target", "bounded-heap", main.getSimpleName() + ".txt");
        int exit = JavaProcess.run(
                log,
                LIMIT_SECONDS,
                List.of(heap, "-XX:+ExitOnOutOfMemoryError"),
                main.getName(),
                List.of(PostgresServer.shared().uri(), String.valueOf(count)));
        String output = Files.readString(log);
        System.out.println(heap + ": " + output.strip());
        assertThat(exit).as(output).isZero();
        assertThat(output).contains("right");
    }

    private static void report(String what, long count, long begin) {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        System.out.printf(
                "%d %s in %d ms, all of them right; heap %d MB of %d MB at the end%n",
                count,
                what,
                (System.nanoTime() - begin) / 1_000_000,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                runtime.maxMemory() >> 20);
    }

    /** Reads rows of about 100 bytes, in autocommit. */
    static final class StreamRows {

        public static void main(String[] args) {
            int count = Integer.parseInt(args[1]);
            long begin = System.nanoTime();
            long seen = 0;
            try (PgConnection connection = PgConnection.open(args[0]);
                    RowStream rows = connection.stream(
                            "select n, repeat('x', 80) || n from generate_series(1, $1) as n", count)) {
                for (Row row : rows) {
                    seen++;
                    String text = row.getString(1);
                    if (row.getInt(0) != seen || text.length() < 81 || !text.endsWith(String.valueOf(seen))) {
                        throw new AssertionError("row " + seen);
                    }
                }
            }
            if (seen != count) {
                throw new AssertionError(seen + " rows");
            }
            report("rows", seen, begin);
        }
    }

    /** Inserts rows of a number and a text. */
    static final class InsertBatch {

        public static void main(String[] args) {
            int count = Integer.parseInt(args[1]);
            List<Object[]> sets = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                sets.add(new Object[] {i, "value " + i});
            }
            long begin = System.nanoTime();
            try (PgConnection connection = PgConnection.open(args[0])) {
                connection.execute("create temporary table t (id int, name text)");
                long[] counts = connection.executeBatch("insert into t values ($1, $2)", sets);
                for (long one : counts) {
                    if (one != 1) {
                        throw new AssertionError("an insert of " + one + " rows");
                    }
                }
                Row row = connection.fetchOne(
                        "select count(*), count(distinct id), count(*) filter (where name <> 'value ' || id) from t");
                if (counts.length != count
                        || row.getLong(0) != count
                        || row.getLong(1) != count
                        || row.getLong(2) != 0) {
                    throw new AssertionError(counts.length + " counts, " + row.toMap());
                }
            }
            report("parameter sets", count, begin);
        }
    }
}
