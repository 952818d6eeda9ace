package io.github.pgpure.test;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;

/** One embedded PostgreSQL: its directories, its processes, its configuration files. */
final class EmbeddedServer {

    static final String ADMIN = "postgres";
    static final String USERNAME = "pgpure";
    static final String PASSWORD = "pgpure test secret";
    static final String DATABASE = "pgpure_test";

    /** The library's default of 10 s is too short for a busy machine. */
    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private static final String WORKING_DIRECTORY_KEY = "ot.epg.working-dir";

    static {
        // By default the library keeps its binaries in one place for all users, where only the first of them can write.
        if (System.getProperty(WORKING_DIRECTORY_KEY) == null) {
            Path directory =
                    Path.of(System.getProperty("java.io.tmpdir"), "embedded-pg-" + System.getProperty("user.name"));
            System.setProperty(WORKING_DIRECTORY_KEY, directory.toString());
        }
    }

    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

    private final Path dataDirectory;
    private final @Nullable Path socketDirectory;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private @Nullable EmbeddedPostgres running;
    private @Nullable TestCertificate certificate;
    private int port;

    private EmbeddedServer(String... settings) throws IOException {
        // The library's own parent directory: it removes there what a killed JVM has left behind.
        this.dataDirectory = Path.of(System.getProperty(WORKING_DIRECTORY_KEY), "pgpure-" + UUID.randomUUID());
        this.socketDirectory = WINDOWS ? null : Files.createTempDirectory("pgs");
        this.settings.put("max_connections", "200");
        this.settings.put("fsync", "off");
        this.settings.put("synchronous_commit", "off");
        this.settings.put("full_page_writes", "off");
        this.settings.put("listen_addresses", "localhost");
        this.settings.put("password_encryption", "scram-sha-256");
        if (socketDirectory != null) {
            this.settings.put("unix_socket_directories", socketDirectory.toString());
        }
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            this.settings.put(parts[0], parts[1]);
        }
    }

    static EmbeddedServer create(String... settings) {
        try {
            EmbeddedServer server = new EmbeddedServer(settings);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop embedded PostgreSQL"));
            server.start();
            server.createRoleAndDatabase();
            server.writeHba();
            server.reloadHba();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized void start() {
        if (running != null) {
            throw new IllegalStateException("The server runs already");
        }
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(dataDirectory)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(START_LIMIT)
                .setLocaleConfig("locale", "C")
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .setPort(port);
        settings.forEach(builder::setServerConfig);
        try {
            Files.createDirectories(dataDirectory.getParent());
            running = builder.start();
            port = running.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException("The embedded PostgreSQL did not start; its log: " + readLog(), e);
        }
    }

    synchronized void stop() {
        if (running != null) {
            try {
                running.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            running = null;
        }
    }

    synchronized void kill() {
        if (running == null) {
            throw new IllegalStateException("The server does not run");
        }
        ProcessHandle postmaster = ProcessHandle.of(postmasterPid()).orElseThrow();
        List<ProcessHandle> backends = postmaster.descendants().toList();
        // The postmaster first: it would answer the death of a backend with a tidy restart.
        postmaster.destroyForcibly();
        backends.forEach(ProcessHandle::destroyForcibly);
        Poll.until("the killed server to be gone", () -> !accepts());
        // Closes the library's view; its pg_ctl finds nothing to stop and says so in its own log.
        try {
            running.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        running = null;
    }

    synchronized void close() {
        try {
            stop();
        } finally {
            FileUtils.deleteQuietly(dataDirectory.toFile());
            FileUtils.deleteQuietly(log().toFile());
            if (socketDirectory != null) {
                FileUtils.deleteQuietly(socketDirectory.toFile());
            }
        }
    }

    int port() {
        return port;
    }

    Optional<Path> unixSocketDirectory() {
        return Optional.ofNullable(socketDirectory);
    }

    Path log() {
        // Beside the data directory, which must be empty for initdb.
        return dataDirectory.resolveSibling(dataDirectory.getFileName() + ".log");
    }

    /** The test's own rules come before the general ones, and behind those by which the fixture gets in. */
    void writeHba(String... own) {
        List<String> lines = new ArrayList<>();
        lines.add("host all " + ADMIN + " 127.0.0.1/32 trust");
        lines.add("host all " + ADMIN + " ::1/128 trust");
        lines.addAll(List.of(own));
        if (!WINDOWS) {
            lines.add("local all all trust");
        }
        lines.add("host all all all scram-sha-256");
        write(dataDirectory.resolve("pg_hba.conf"), String.join("\n", lines) + "\n");
    }

    synchronized TestCertificate certificate() {
        if (certificate == null) {
            certificate = TestCertificate.selfSigned("localhost", "dns:localhost", "ip:127.0.0.1", "ip:::1");
        }
        return certificate;
    }

    void writeCertificate(TestCertificate certificate) {
        Path key = dataDirectory.resolve("server.key");
        write(key, certificate.privateKeyPem());
        if (!WINDOWS) {
            // The server refuses a key that others can read.
            key.toFile().setReadable(false, false);
            key.toFile().setReadable(true, true);
        }
        write(dataDirectory.resolve("server.crt"), certificate.certificatePem());
    }

    private void createRoleAndDatabase() {
        admin(
                "create role " + USERNAME + " superuser login password '" + PASSWORD + "'",
                "create database " + DATABASE + " owner " + USERNAME);
    }

    private void reloadHba() {
        // Nobody has connected yet, so there is no need to wait until the postmaster has read it.
        admin("select pg_reload_conf()");
    }

    private void admin(String... statements) {
        EmbeddedPostgres server = running;
        if (server == null) {
            throw new IllegalStateException("The server does not run");
        }
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The embedded PostgreSQL could not be set up", e);
        }
    }

    private long postmasterPid() {
        try {
            return Long.parseLong(Files.readAllLines(dataDirectory.resolve("postmaster.pid"))
                    .get(0)
                    .trim());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private String readLog() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            return "(none)";
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
