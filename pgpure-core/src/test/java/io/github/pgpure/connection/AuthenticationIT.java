package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.InvalidPasswordException;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.SqlState;
import io.github.pgpure.SslMode;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.PostgresServer.PasswordEncryption;
import io.github.pgpure.test.PostgresServer.Undo;
import io.github.pgpure.test.TestCertificate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logging in to a real server, by each method it can ask for. */
class AuthenticationIT {

    private static final String PASSWORD = "sésame 'open\" ☃ 4711";

    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        server.createRole(PasswordEncryption.SCRAM_SHA_256, "scram_role", PASSWORD);
        server.createRole(PasswordEncryption.MD5, "md5_role", PASSWORD);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "scram-sha-256, scram_role",
        "md5, md5_role",
        "md5, scram_role", // the server asks for SCRAM where the password is stored so
        "password, scram_role",
        "password, md5_role",
        "trust, scram_role"
    })
    void logsInByEachMethod(String method, String role) {
        try (Undo undo = server.withHba("host all " + role + " all " + method);
                var connection = PgConnection.open(options(role, PASSWORD).build())) {
            assertThat(connection.fetchOne("select current_user").getString(0)).isEqualTo(role);
        }
    }

    @ParameterizedTest
    @CsvSource({"scram-sha-256, scram_role", "md5, md5_role", "password, scram_role"})
    void wrongPasswordIsAnErrorOfItsOwn(String method, String role) {
        try (Undo undo = server.withHba("host all " + role + " all " + method)) {
            assertThatExceptionOfType(InvalidPasswordException.class)
                    .isThrownBy(
                            () -> PgConnection.open(options(role, "wrong-SeCr").build()))
                    .withMessageContaining(role)
                    .satisfies(e -> assertThat(e.toString()).doesNotContain("SeCr"));
        }
    }

    @ParameterizedTest
    @NullAndEmptySource
    void missingPasswordSaysWhatToConfigure(String none) {
        assertThatExceptionOfType(PgAuthenticationException.class)
                .isThrownBy(() -> PgConnection.open(options("scram_role", none).build()))
                .withMessageContaining("none is configured");
    }

    @Test
    void passwordIsNotAskedForUnderTrust() {
        try (Undo undo = server.withHba("host all scram_role all trust");
                var connection = PgConnection.open(options("scram_role", null).build())) {
            assertThat(connection.ready()).isTrue();
        }
    }

    @Test
    void rejectedHostIsReportedAsTheServerSaysIt() {
        try (Undo undo = server.withHba("host all scram_role all reject")) {
            assertThatThrownBy(() ->
                            PgConnection.open(options("scram_role", PASSWORD).build()))
                    .isInstanceOfSatisfying(
                            PgServerException.class,
                            e -> assertThat(e.sqlState()).isEqualTo(SqlState.INVALID_AUTHORIZATION_SPECIFICATION));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"password", "scram-sha-256"})
    void unknownRoleIsRefused(String method) {
        try (Undo undo = server.withHba("host all nobody all " + method)) {
            assertThatThrownBy(
                            () -> PgConnection.open(options("nobody", PASSWORD).build()))
                    .isInstanceOf(InvalidPasswordException.class);
        }
    }

    @Test
    void unknownDatabaseIsReported() {
        assertThatThrownBy(() -> PgConnection.open(
                        options("scram_role", PASSWORD).database("nowhere").build()))
                .isInstanceOfSatisfying(
                        PgServerException.class,
                        e -> assertThat(e.sqlState()).isEqualTo(SqlState.INVALID_CATALOG_NAME));
    }

    /** The server checks what the client bound to; that the client binds where it can is for AuthenticationTests. */
    @Test
    void bindsToTheChannelOverTls() {
        TestCertificate certificate = server.enableTls();
        try (Undo undo = server.withHba("hostssl all scram_role all scram-sha-256", "host all all all reject");
                var connection = PgConnection.open(options("scram_role", PASSWORD)
                        .sslContext(certificate.clientContext())
                        .sslMode(SslMode.VERIFY_CA)
                        .build())) {
            assertThat(connection
                            .fetchOne("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
                            .getBoolean(0))
                    .isTrue();
        } finally {
            server.disableTls();
        }
    }

    private static PgConnectOptions.Builder options(String role, String password) {
        return PgConnectOptions.builder()
                .host(server.host())
                .port(server.port())
                .database(server.database())
                .username(role)
                .password(password)
                .allowCleartextPassword(true)
                .sslMode(SslMode.DISABLE);
    }
}
