package io.github.pgpure.docs.guide;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;

/** A database for the examples of one page, with a pool to it. */
final class GuideDatabase implements AutoCloseable {

    private final PostgresServer server = PostgresServer.shared();
    private final String name;
    private final PgPool pool;

    GuideDatabase(String name, String schema) {
        this.name = name;
        server.createDatabase(name);
        pool = PgPool.open(
                options(), PgPoolOptions.builder().maxConnections(4).minIdle(1).build());
        pool.execute(schema);
    }

    PgPool pool() {
        return pool;
    }

    String uri() {
        return server.uri(name);
    }

    PgConnectOptions options() {
        return PgConnectOptions.parse(uri());
    }

    /** How many backends run a statement like this one. */
    long running(String pattern) {
        return Long.parseLong(server.query("select count(*) from pg_stat_activity where datname = '" + name
                + "' and state = 'active' and query like '" + pattern + "'"));
    }

    @Override
    public void close() {
        pool.close();
        server.dropDatabase(name);
    }
}
