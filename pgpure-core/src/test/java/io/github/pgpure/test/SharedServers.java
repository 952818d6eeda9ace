package io.github.pgpure.test;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Chooses and keeps the servers that live as long as the JVM. */
final class SharedServers {

    private static final String URL_KEY = "PGPURE_TEST_URL";
    private static final String IMAGE = "postgres:18";

    private static @Nullable PostgresServer any;
    private static @Nullable PostgresServer embedded;

    private SharedServers() {}

    static synchronized PostgresServer any() {
        if (any == null) {
            any = choose();
            if (any != embedded) {
                announce(any);
            }
        }
        return any;
    }

    static synchronized PostgresServer embedded() {
        if (embedded == null) {
            if (any != null && any.isEmbedded()) {
                embedded = any;
            } else {
                embedded = new PostgresServer(EmbeddedServer.create(), false);
                announce(embedded);
            }
        }
        return embedded;
    }

    private static PostgresServer choose() {
        String url = System.getProperty(URL_KEY, System.getenv().getOrDefault(URL_KEY, ""));
        if (!url.isBlank()) {
            return new PostgresServer(ServerUri.parse(url), URL_KEY);
        }
        if (dockerMayBeThere() && DockerClientFactory.instance().isDockerAvailable()) {
            return container();
        }
        return embedded != null ? embedded : new PostgresServer(EmbeddedServer.create(), false);
    }

    /** Asking Testcontainers costs 0.6 s where there is no engine; this looks whether asking is worth it. */
    private static boolean dockerMayBeThere() {
        return System.getenv("DOCKER_HOST") != null
                || System.getenv("TESTCONTAINERS_HOST_OVERRIDE") != null
                || Files.exists(Path.of("/var/run/docker.sock"))
                || Files.exists(Path.of(System.getProperty("user.home"), ".docker", "run", "docker.sock"))
                || Files.exists(Path.of(System.getProperty("user.home"), ".testcontainers.properties"))
                || System.getProperty("os.name").startsWith("Windows");
    }

    @SuppressWarnings("resource") // Testcontainers removes the container when the JVM has gone.
    private static PostgresServer container() {
        PostgreSQLContainer container = new PostgreSQLContainer(IMAGE)
                .withUsername(EmbeddedServer.USERNAME)
                .withPassword(EmbeddedServer.PASSWORD)
                .withDatabaseName(EmbeddedServer.DATABASE)
                .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=200");
        container.start();
        ServerUri uri = new ServerUri(
                container.getHost(),
                container.getMappedPort(5432),
                container.getDatabaseName(),
                container.getUsername(),
                container.getPassword(),
                "");
        return new PostgresServer(uri, "container " + IMAGE);
    }

    private static void announce(PostgresServer server) {
        System.out.println("Tests use " + server);
    }
}
