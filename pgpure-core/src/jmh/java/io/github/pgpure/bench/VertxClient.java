package io.github.pgpure.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.RowStream;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The PostgreSQL client of Vert.x: native transport where there is one, statement cache on, pipelining where it can. Variants: {@code
 * batch} (a batch of selects), {@code pipelined} (transactions).
 */
public final class VertxClient implements AsyncPeerClient {

    /** As many statements may be under way on one connection. */
    private static final int PIPELINING = 256;

    private static final int FETCH_SIZE = 1000;

    private Vertx vertx;
    private Pool pool;
    /** Pipelines the statements of many callers on each connection, which a pool does not. */
    private SqlClient pipelining;

    private boolean batch;
    private boolean pipelinedTransactions;

    @Override
    public void open(int connections, String variant, ServerAddress server) {
        batch = variant.equals("batch");
        pipelinedTransactions = variant.equals("pipelined");
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        PgConnectOptions connect = new PgConnectOptions()
                .setHost(server.host())
                .setPort(server.port())
                .setDatabase(server.database())
                .setUser(server.username())
                .setPassword(server.password())
                .setCachePreparedStatements(true)
                .setPipeliningLimit(PIPELINING)
                .setSslMode(server.tls() ? SslMode.REQUIRE : SslMode.DISABLE);
        if (server.tls()) {
            connect.setSslOptions(new ClientSSLOptions().setTrustAll(true).setHostnameVerificationAlgorithm(""));
        }
        PoolOptions options = new PoolOptions().setMaxSize(connections);
        pool = PgBuilder.pool()
                .with(options)
                .connectingTo(connect)
                .using(vertx)
                .build();
        pipelining = PgBuilder.client()
                .with(options)
                .connectingTo(connect)
                .using(vertx)
                .build();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get();
    }

    private static int value(RowSet<Row> rows) {
        return rows.iterator().next().getInteger(0);
    }

    @Override
    public void select(int id, Callback callback) {
        answer(pipelining.preparedQuery(SELECT + "$1").execute(Tuple.of(id)), callback);
    }

    private static void answer(Future<RowSet<Row>> rows, Callback callback) {
        rows.onComplete((answer, failure) -> callback.done(failure == null ? value(answer) : 0, failure));
    }

    @Override
    public long selectMany(int[] ids) throws Exception {
        long sum = 0;
        if (batch) {
            List<Tuple> sets = new ArrayList<>(ids.length);
            for (int id : ids) {
                sets.add(Tuple.of(id));
            }
            RowSet<Row> rows = await(pipelining.preparedQuery(SELECT + "$1").executeBatch(sets));
            for (; rows != null; rows = rows.next()) {
                sum += value(rows);
            }
            return sum;
        }
        List<Future<RowSet<Row>>> answers = new ArrayList<>(ids.length);
        for (int id : ids) {
            answers.add(pipelining.preparedQuery(SELECT + "$1").execute(Tuple.of(id)));
        }
        await(Future.all(answers));
        for (Future<RowSet<Row>> answer : answers) {
            sum += value(answer.result());
        }
        return sum;
    }

    @Override
    public long fetchWide(String sql) throws Exception {
        long sum = 0;
        long sink = 0;
        for (Row row : await(pool.preparedQuery(sql).execute())) {
            // jsonb is parsed whether one wants it or not.
            Object j = row.getValue(7);
            sum += row.getLong(0);
            sink += row.getString(1).length()
                    + row.getBigDecimal(2).scale()
                    + row.getOffsetDateTime(3).getNano()
                    + (row.getBoolean(4) ? 1 : 0)
                    + row.getDouble(5).intValue()
                    + row.getUUID(6).version()
                    + (j == null ? 0 : 1);
        }
        Workload.consume(sink);
        return sum;
    }

    @Override
    public long stream(String sql) throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        long[] sums = new long[2];
        SqlConnection connection = await(pool.getConnection());
        try {
            var transaction = await(connection.begin());
            PreparedStatement statement = await(connection.prepare(sql));
            RowStream<Row> rows = statement.createStream(FETCH_SIZE);
            rows.exceptionHandler(ended::completeExceptionally);
            rows.endHandler(ended::complete);
            rows.handler(row -> {
                sums[0] += row.getInteger(0);
                sums[1] += row.getInteger(1);
            });
            ended.get();
            await(transaction.commit());
        } finally {
            await(connection.close());
        }
        Workload.consume(sums[1]);
        return sums[0];
    }

    @Override
    public void insertBatch(int rows) throws Exception {
        List<Tuple> sets = new ArrayList<>(rows);
        for (int i = 1; i <= rows; i++) {
            Line line = Line.of(i);
            sets.add(Tuple.of(line.id(), line.v(), line.t()));
        }
        await(pool.withTransaction(
                connection -> connection.preparedQuery(INSERT + "($1, $2, $3)").executeBatch(sets)));
    }

    @Override
    public void checkout() throws Exception {
        await(pool.getConnection().compose(SqlConnection::close));
    }

    @Override
    public void transaction(int id, int value, Callback callback) {
        Tuple updated = Tuple.of(value, id);
        Tuple selected = Tuple.of(id);
        answer(
                pipelinedTransactions
                        ? pool.withConnection(connection -> {
                            connection.preparedQuery("begin").execute();
                            connection
                                    .preparedQuery(PeerClient.update("$1", "$2"))
                                    .execute(updated);
                            Future<RowSet<Row>> rows = connection
                                    .preparedQuery(TRANSACTION_SELECT + "$1")
                                    .execute(selected);
                            return connection.preparedQuery("commit").execute().compose(done -> rows);
                        })
                        : pool.withTransaction(connection -> connection
                                .preparedQuery(PeerClient.update("$1", "$2"))
                                .execute(updated)
                                .compose(done -> connection
                                        .preparedQuery(TRANSACTION_SELECT + "$1")
                                        .execute(selected))),
                callback);
    }

    @Override
    public void execute(String sql) throws Exception {
        await(pool.query(sql).execute());
    }

    @Override
    public void close() throws Exception {
        await(pool.close());
        await(pipelining.close());
        await(vertx.close());
    }
}
