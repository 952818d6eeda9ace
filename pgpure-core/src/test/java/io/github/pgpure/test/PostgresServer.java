package io.github.pgpure.test;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A real PostgreSQL for tests.
 *
 * <p>{@link #shared()} is what nearly every test wants: one server for the whole JVM, chosen once in this order:
 *
 * <ol>
 *   <li>the server named by the system property or environment variable {@code PGPURE_TEST_URL}, a libpq URI whose
 *       role is a superuser;
 *   <li>a container, where a Docker engine answers;
 *   <li>an embedded PostgreSQL 18.
 * </ol>
 *
 * <p>Whatever the server is, the role of {@link #username()} is a superuser that logs in with {@link #password()}.
 * Tests that change how the server itself behaves (authentication rules, TLS, death) use {@link #embedded()} or
 * {@link #start(String...)}, which are embedded everywhere. All administration done here goes through pgjdbc, so that
 * the fixture never depends on the code under test.
 *
 * <p>Thread-safe. Shared servers stop when the JVM exits; closing them does nothing.
 */
public final class PostgresServer implements AutoCloseable {

    private final String description;
    private final String host;
    private final int port;
    private final String database;
    private final String username;
    private final String password;
    private final String uriParameters;
    private final @Nullable EmbeddedServer embedded;
    private final boolean closeable;

    PostgresServer(ServerUri uri, String description) {
        this.description = description;
        this.host = uri.host();
        this.port = uri.port();
        this.database = uri.database();
        this.username = uri.username();
        this.password = uri.password();
        this.uriParameters = uri.parameters();
        this.embedded = null;
        this.closeable = false;
    }

    PostgresServer(EmbeddedServer embedded, boolean closeable) {
        this.description = "embedded";
        this.host = "localhost";
        this.port = embedded.port();
        this.database = EmbeddedServer.DATABASE;
        this.username = EmbeddedServer.USERNAME;
        this.password = EmbeddedServer.PASSWORD;
        this.uriParameters = "";
        this.embedded = embedded;
        this.closeable = closeable;
    }

    /** The server that all tests of this JVM share. Leave it as it was found: databases and roles of your own only. */
    public static PostgresServer shared() {
        return SharedServers.any();
    }

    /** An embedded server that all tests of this JVM share; the same as {@link #shared()} where that is embedded. */
    public static PostgresServer embedded() {
        return SharedServers.embedded();
    }

    /**
     * Starts an embedded server of the test's own, to be closed by it.
     *
     * @param settings server settings as {@code name=value}, values without blanks, over the fixture's own
     */
    public static PostgresServer start(String... settings) {
        return new PostgresServer(EmbeddedServer.create(settings), true);
    }

    public String host() {
        return host;
    }

    public int port() {
        return port;
    }

    public String database() {
        return database;
    }

    public String username() {
        return username;
    }

    public String password() {
        return password;
    }

    /** The libpq URI of {@link #database()}, with user and password. */
    public String uri() {
        return uri(database);
    }

    public String uri(String database) {
        return uri(database, username, password);
    }

    /** A libpq URI; pass an empty password to leave it out. */
    public String uri(String database, String username, String password) {
        String user = encode(username) + (password.isEmpty() ? "" : ":" + encode(password));
        String address = host.contains(":") ? "[" + host + "]" : host;
        return "postgresql://" + user + "@" + address + ":" + port + "/" + encode(database) + uriParameters;
    }

    /** The directory of the server's Unix socket; empty where the server has none that this JVM could reach. */
    public Optional<Path> unixSocketDirectory() {
        return embedded == null ? Optional.empty() : embedded.unixSocketDirectory();
    }

    /** The server's version as it reports it, {@code 18.1} for example. */
    public String version() {
        return query("show server_version").split(" ", 2)[0];
    }

    /** Creates an empty database, after dropping one of the same name. Returns the name. */
    public String createDatabase(String name) {
        dropDatabase(name);
        execute("create database " + quote(name));
        return name;
    }

    public void dropDatabase(String name) {
        execute("drop database if exists " + quote(name) + " with (force)");
    }

    /**
     * Creates a role that can log in, or gives an existing one this password and these options.
     *
     * @param options as CREATE ROLE has them, for example {@code superuser} or {@code connection limit 1}
     */
    public void createRole(String name, String password, String... options) {
        createRole(PasswordEncryption.SCRAM_SHA_256, name, password, options);
    }

    public void createRole(PasswordEncryption encryption, String name, String password, String... options) {
        String exists = query("select count(*) from pg_roles where rolname = " + literal(name));
        execute(
                "set password_encryption = '" + encryption.setting() + "'",
                (exists.equals("0") ? "create role " : "alter role ") + quote(name) + " login password "
                        + literal(password) + " " + String.join(" ", options));
    }

    public void dropRole(String name) {
        execute("drop role if exists " + quote(name));
    }

    /** Runs statements one after another on one administration connection to {@link #database()}. */
    public void execute(String... statements) {
        try (Connection connection = adminConnection(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("The fixture's statement failed: " + e.getMessage(), e);
        }
    }

    /** The first column of the first row as text, by an administration connection to {@link #database()}. */
    public String query(String sql) {
        try (Connection connection = adminConnection(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next()) {
                throw new IllegalStateException("No row: " + sql);
            }
            return String.valueOf(rows.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException("The fixture's query failed: " + e.getMessage(), e);
        }
    }

    /** A JDBC connection as a superuser, to look at the server from outside of the code under test. */
    public Connection adminConnection(String database) throws SQLException {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {host});
        dataSource.setPortNumbers(new int[] {port});
        dataSource.setDatabaseName(database);
        dataSource.setUser(embedded == null ? username : EmbeddedServer.ADMIN);
        dataSource.setPassword(embedded == null ? password : "");
        dataSource.setApplicationName("pgpure-fixture");
        return dataSource.getConnection();
    }

    /**
     * Puts authentication rules before the fixture's own until the result is closed. Those are: {@code scram-sha-256}
     * over TCP, {@code trust} on the Unix socket. Embedded servers only.
     *
     * @param lines as in pg_hba.conf, for example {@code host all alice all md5}
     */
    public Undo withHba(String... lines) {
        EmbeddedServer server = requireEmbedded();
        server.writeHba(lines);
        reload();
        return () -> {
            server.writeHba();
            reload();
        };
    }

    /** Switches TLS on with a certificate made for {@code localhost} and 127.0.0.1. Embedded servers only. */
    public TestCertificate enableTls() {
        TestCertificate certificate = requireEmbedded().certificate();
        enableTls(certificate);
        return certificate;
    }

    /** Switches TLS on with this certificate. Embedded servers only. */
    public void enableTls(TestCertificate certificate) {
        requireEmbedded().writeCertificate(certificate);
        execute("alter system set ssl = on");
        reload();
    }

    public void disableTls() {
        requireEmbedded();
        execute("alter system reset ssl");
        reload();
    }

    /** Stops the server as an administrator would ({@code fast}); it can be started again. Embedded servers only. */
    public void stop() {
        requireOwn().stop();
    }

    /** Kills every process of the server; it can be started again. Embedded servers only. */
    public void kill() {
        requireOwn().kill();
    }

    /** Starts the stopped or killed server again, on the same port with the same data. Embedded servers only. */
    public void startAgain() {
        requireOwn().start();
    }

    /** The server's own log. Embedded servers only. */
    public Path log() {
        return requireEmbedded().log();
    }

    public boolean isEmbedded() {
        return embedded != null;
    }

    /** Stops a server that was started by {@link #start(String...)} and deletes its data. Others stay. */
    @Override
    public void close() {
        if (closeable) {
            requireEmbedded().close();
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "PostgreSQL %s (%s, %s:%d) with JDK %s (%s) on %s %s",
                version(),
                description,
                host,
                port,
                Runtime.version(),
                System.getProperty("java.vendor"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"));
    }

    /** Makes the server read its configuration, and returns when new connections are under it. */
    private void reload() {
        String before = query("select pg_conf_load_time()::text");
        execute("select pg_reload_conf()");
        // The postmaster gets the signal later than this call returns; only what it forks afterwards shows the new
        // time.
        Poll.until(
                "the server to reload its configuration",
                () -> !query("select pg_conf_load_time()::text").equals(before));
    }

    private EmbeddedServer requireEmbedded() {
        if (embedded == null) {
            throw new IllegalStateException(
                    "This server is not the fixture's to change (" + description + "): use PostgresServer.embedded()");
        }
        return embedded;
    }

    private EmbeddedServer requireOwn() {
        if (!closeable) {
            throw new IllegalStateException("A shared server must not go away: use PostgresServer.start()");
        }
        return requireEmbedded();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }

    /** How the server stores a role's password, and so which methods can check it. */
    public enum PasswordEncryption {
        SCRAM_SHA_256,
        MD5;

        String setting() {
            return this == MD5 ? "md5" : "scram-sha-256";
        }
    }

    /** Takes a change back. */
    @FunctionalInterface
    public interface Undo extends AutoCloseable {
        @Override
        void close();
    }
}
