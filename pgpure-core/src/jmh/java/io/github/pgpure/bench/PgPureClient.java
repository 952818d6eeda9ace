package io.github.pgpure.bench;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.SslMode;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.pool.PgPool;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** pgpure with its default options. Variants: {@code pipelined} and {@code whole} (transactions), {@code no lanes}. */
public final class PgPureClient implements PeerClient {

    private PgPool pool;
    private boolean pipelined;
    private boolean whole;

    @Override
    public void open(int connections, String variant, ServerAddress server) {
        pipelined = variant.equals("pipelined");
        whole = variant.equals("whole");
        pool = PgPool.open(
                PgConnectOptions.builder()
                        .host(server.host())
                        .port(server.port())
                        .database(server.database())
                        .username(server.username())
                        .password(server.password())
                        .sslMode(server.tls() ? SslMode.REQUIRE : SslMode.DISABLE)
                        .build(),
                PgPoolOptions.builder()
                        .maxConnections(connections)
                        .sharedLanes(!variant.equals("no lanes"))
                        .build());
    }

    @Override
    public int select(int id) {
        return pool.fetchOne(SELECT + "$1", id).getInt(0);
    }

    @Override
    public long selectMany(int[] ids) {
        long sum = 0;
        try (PgConnection connection = pool.checkoutConnection()) {
            List<CompletableFuture<Rows>> answers = new ArrayList<>(ids.length);
            connection.pipeline(pipeline -> {
                for (int id : ids) {
                    answers.add(pipeline.fetch(SELECT + "$1", id));
                }
                return null;
            });
            for (CompletableFuture<Rows> answer : answers) {
                sum += answer.join().get(0).getInt(0);
            }
        }
        return sum;
    }

    @Override
    public long fetchWide(String sql) {
        long[] sums = new long[2];
        pool.fetch(Query.of(sql), row -> {
            Long i = row.getLong(0);
            String t = row.getString(1);
            BigDecimal n = row.getBigDecimal(2);
            OffsetDateTime ts = row.getOffsetDateTime(3);
            Boolean b = row.getBoolean(4);
            Double f = row.getDouble(5);
            UUID u = row.getUuid(6);
            String j = row.getString(7);
            sums[0] += i;
            sums[1] += t.length() + n.scale() + ts.getNano() + (b ? 1 : 0) + f.intValue() + u.version() + length(j);
            return i;
        });
        Workload.consume(sums[1]);
        return sums[0];
    }

    private static int length(String text) {
        return text == null ? 0 : text.length();
    }

    @Override
    public long stream(String sql) {
        long sum = 0;
        long sink = 0;
        try (RowStream rows = pool.stream(sql)) {
            for (Row row : rows) {
                sum += row.getInt(0);
                sink += row.getInt(1);
            }
        }
        Workload.consume(sink);
        return sum;
    }

    @Override
    public void insertBatch(int rows) {
        List<Object[]> sets = new ArrayList<>(rows);
        for (int i = 1; i <= rows; i++) {
            Line line = Line.of(i);
            sets.add(new Object[] {line.id(), line.v(), line.t()});
        }
        pool.executeBatch(INSERT + "($1, $2, $3)", sets);
    }

    @Override
    public long copyIn(byte[] text) {
        return pool.copyIn(COPY, new ByteArrayInputStream(text));
    }

    @Override
    public long copyRows(int rows) {
        Iterable<Line> lines = () -> IntStream.rangeClosed(1, rows).mapToObj(Line::of).iterator();
        return pool.copyIn("copyt", List.of("id", "v", "t"), Line.class, lines);
    }

    @Override
    public void checkout() {
        pool.checkoutConnection().close();
    }

    @Override
    public int transaction(int id, int value) {
        if (pipelined) {
            return pipelinedTransaction(id, value);
        }
        if (whole) {
            CompletableFuture<Rows> selected = pool.pipelineInTransaction(pipeline -> {
                pipeline.execute(PeerClient.update("$1", "$2"), value, id);
                return pipeline.fetch(TRANSACTION_SELECT + "$1", id);
            });
            return selected.join().get(0).getInt(0);
        }
        return pool.inTransaction(transaction -> {
            transaction.execute(PeerClient.update("$1", "$2"), value, id);
            return transaction.fetchOne(TRANSACTION_SELECT + "$1", id).getInt(0);
        });
    }

    /** {@code inTransaction} would commit by itself, which is a round trip of its own. */
    private int pipelinedTransaction(int id, int value) {
        try (PgTransaction transaction = pool.checkoutInTransaction()) {
            return transaction.pipeline(pipeline -> {
                pipeline.execute(PeerClient.update("$1", "$2"), value, id);
                CompletableFuture<Rows> selected = pipeline.fetch(TRANSACTION_SELECT + "$1", id);
                pipeline.commit().join();
                return selected.join().get(0).getInt(0);
            });
        }
    }

    @Override
    public void execute(String sql) {
        pool.execute(sql);
    }

    @Override
    public void close() {
        pool.close();
    }
}
