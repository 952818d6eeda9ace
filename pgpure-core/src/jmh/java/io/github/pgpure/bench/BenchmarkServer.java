package io.github.pgpure.bench;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.PostgresServer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The server that is measured: that of the environment variable {@code PGPURE_BENCH_URL} (a libpq URI, whose role may create databases), or
 * an embedded one of its own. The tables are in a database of their own.
 */
final class BenchmarkServer implements AutoCloseable {

    private static final String DATABASE = "pgpure_bench";

    private static final String[] SETTINGS = {
        "autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "jit=off", "shared_buffers=512MB", "max_connections=500"
    };

    private final Optional<PostgresServer> embedded;
    private final PgConnectOptions options;
    private boolean grown;

    private BenchmarkServer(Optional<PostgresServer> embedded, PgConnectOptions options) {
        this.embedded = embedded;
        this.options = options.toBuilder().database(DATABASE).build();
    }

    static BenchmarkServer start() {
        String url = System.getenv("PGPURE_BENCH_URL");
        BenchmarkServer server;
        PgConnectOptions options;
        if (url != null && !url.isEmpty()) {
            options = PgConnectOptions.parse(url);
            server = new BenchmarkServer(Optional.empty(), options);
        } else {
            PostgresServer own = PostgresServer.start(SETTINGS);
            own.enableTls();
            options = PgConnectOptions.parse(own.uri());
            server = new BenchmarkServer(Optional.of(own), options);
        }
        try (PgConnection connection = PgConnection.open(options)) {
            connection.execute("drop database if exists " + DATABASE + " with (force)");
            connection.execute("create database " + DATABASE);
        }
        server.execute(BenchmarkTables.CREATE);
        return server;
    }

    ServerAddress address(boolean tls) {
        return new ServerAddress(
                options.hosts().get(0).name(),
                options.hosts().get(0).port(),
                DATABASE,
                options.username(),
                options.password() == null ? "" : options.password(),
                tls);
    }

    /** Leaves the tables as the scenario wants them. */
    void prepare(Scenario scenario) {
        if (scenario.query().contains("from growing") && !grown) {
            execute(BenchmarkTables.CREATE_GROWING);
            grown = true;
        }
        execute(List.of("vacuum worldtx"));
    }

    String description() {
        try (PgConnection connection = PgConnection.open(options)) {
            String version =
                    connection.fetchOne("show server_version").getString(0).split(" ", 2)[0];
            return version + (embedded.isPresent() ? ", " + String.join(" ", SETTINGS) + " fsync=off" : "");
        }
    }

    private void execute(List<String> statements) {
        try (PgConnection connection = PgConnection.open(options)) {
            statements.forEach(connection::execute);
        }
    }

    /**
     * Binds the server's processes, those to come, to a core, as the scenario wants it.
     *
     * @return undoes it
     * @throws IOException when that cannot be done here; its message says why
     */
    Cores pin(Scenario.Pin pin) throws IOException {
        return switch (pin) {
            case FREE -> Cores.any();
            case SAME_CORE -> Cores.bound(postmaster(), 0, 0);
            case APART -> Cores.bound(postmaster(), 0, 1);
        };
    }

    private long postmaster() {
        try (PgConnection connection = PgConnection.open(options)) {
            return Long.parseLong(connection
                    .fetchOne("select split_part(pg_read_file('postmaster.pid'), chr(10), 1)")
                    .getString(0)
                    .strip());
        }
    }

    @Override
    public void close() {
        embedded.ifPresent(PostgresServer::close);
    }
}
