package io.github.pgpure.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.test.PostgresServer.PasswordEncryption;
import io.github.pgpure.test.PostgresServer.Undo;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** The fixture itself does what its users rely on, looked at through another driver. */
class PostgresServerIT {

    @Test
    void sharedServerIsOneAndAsksForItsPassword() throws SQLException {
        PostgresServer server = PostgresServer.shared();
        assertThat(PostgresServer.shared()).isSameAs(server);
        assertThat(server.version()).matches("\\d+\\.\\d+.*|\\d+(beta|rc|devel).*");
        ServerUri parsed = ServerUri.parse(server.uri());
        assertThat(parsed.host()).isEqualTo(server.host());
        assertThat(parsed.port()).isEqualTo(server.port());
        assertThat(parsed.database()).isEqualTo(server.database());
        assertThat(parsed.username()).isEqualTo(server.username());
        assertThat(parsed.password()).isEqualTo(server.password());
    }

    @Test
    void embeddedServerAcceptsItsPasswordAndRefusesAnother() throws SQLException {
        PostgresServer server = PostgresServer.embedded();
        login(server, server.username(), server.password(), Map.of());
        assertThatThrownBy(() -> login(server, server.username(), "wrong", Map.of()))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }

    @Test
    void databasesAndRolesComeAndGo() throws SQLException {
        PostgresServer server = PostgresServer.shared();
        String name = server.createDatabase("fixture \"quoted\" database");
        try (Connection connection = server.adminConnection(name)) {
            assertThat(connection.getCatalog()).isEqualTo(name);
        }
        server.dropDatabase(name);
        server.createRole("fixture role", "it's", "connection limit 3");
        server.createRole("fixture role", "it's", "connection limit 4");
        assertThat(server.query("select rolconnlimit from pg_roles where rolname = 'fixture role'"))
                .isEqualTo("4");
        server.dropRole("fixture role");
    }

    @Test
    void hbaRulesHoldUntilUndone() throws SQLException {
        PostgresServer server = PostgresServer.embedded();
        server.createRole(PasswordEncryption.MD5, "fixture_md5", "secret");
        assertThatThrownBy(() -> login(server, "fixture_md5", "secret", Map.of()))
                .isInstanceOf(SQLException.class);
        try (Undo undo = server.withHba("host all fixture_md5 all md5")) {
            login(server, "fixture_md5", "secret", Map.of());
        }
        assertThatThrownBy(() -> login(server, "fixture_md5", "secret", Map.of()))
                .isInstanceOf(SQLException.class);
        server.dropRole("fixture_md5");
    }

    @Test
    void tlsIsSwitchedOnAndOff() throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            TestCertificate certificate = server.enableTls();
            var pem = Files.createTempFile("fixture", ".crt");
            Files.writeString(pem, certificate.certificatePem());
            login(
                    server,
                    server.username(),
                    server.password(),
                    Map.of("sslmode", "verify-full", "sslrootcert", pem.toString()));
            Files.delete(pem);
            server.disableTls();
            assertThatThrownBy(() -> login(server, server.username(), server.password(), Map.of("sslmode", "require")))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void ownServerKeepsPortAndDataThroughStopAndKill() throws SQLException {
        try (PostgresServer server = PostgresServer.start("max_connections=20")) {
            int port = server.port();
            assertThat(server.query("show max_connections")).isEqualTo("20");
            server.execute("create table kept (id int)", "insert into kept values (7)", "checkpoint");
            server.stop();
            assertThatThrownBy(() -> server.query("select 1")).hasStackTraceContaining("refused");
            server.startAgain();
            assertThat(server.port()).isEqualTo(port);
            assertThat(server.query("select id from kept")).isEqualTo("7");

            try (Connection connection = server.adminConnection(server.database())) {
                server.kill();
                assertThat(connection.isValid(5)).isFalse();
            }
            server.startAgain();
            assertThat(server.query("select id from kept")).isEqualTo("7");
            assertThat(server.unixSocketDirectory())
                    .hasValueSatisfying(directory ->
                            assertThat(directory.resolve(".s.PGSQL." + port)).exists());
        }
    }

    @Test
    void sharedServerCannotBeStopped() {
        assertThatThrownBy(() -> PostgresServer.embedded().stop()).hasMessageContaining("PostgresServer.start()");
    }

    private static void login(PostgresServer server, String user, String password, Map<String, String> properties)
            throws SQLException {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {server.host()});
        dataSource.setPortNumbers(new int[] {server.port()});
        dataSource.setDatabaseName(server.database());
        for (Map.Entry<String, String> property : properties.entrySet()) {
            dataSource.setProperty(property.getKey(), property.getValue());
        }
        try (Connection connection = dataSource.getConnection(user, password)) {
            assertThat(connection.getMetaData().getUserName()).isEqualTo(user);
        }
    }
}
