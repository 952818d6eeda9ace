package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgpure.ChannelBinding;
import io.github.pgpure.InvalidPasswordException;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.SslClientCert;
import io.github.pgpure.SslMode;
import io.github.pgpure.SslNegotiation;
import io.github.pgpure.test.PemFiles;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.PostgresServer.PasswordEncryption;
import io.github.pgpure.test.TestCertificate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each method of authentication over each way to a server, with each demand for channel binding. Runs against other versions of the server
 * with {@code -Dpgpure.test.postgres=16.15.0} and the like.
 */
class AuthenticationMatrixIT {

    /** What the server asks for, by the name of a role for which it does. */
    enum Method {
        SCRAM_SHA_256,
        MD5,
        PASSWORD,
        TRUST,
        CERT;

        String role() {
            return "m_" + name().toLowerCase(Locale.ROOT);
        }

        String rule() {
            String method = name().toLowerCase(Locale.ROOT).replace('_', '-');
            return (this == CERT ? "hostssl" : "host") + " all " + role() + " all " + method;
        }

        boolean hasPassword() {
            return this != TRUST && this != CERT;
        }
    }

    enum Way {
        PLAIN,
        TLS_1_2,
        TLS_1_3,
        DIRECT,
        UNIX_SOCKET;

        boolean isEncrypted() {
            return this != PLAIN && this != UNIX_SOCKET;
        }
    }

    @TempDir
    static Path directory;

    private static PostgresServer newest;
    private static PostgresServer onlyTls12;
    private static Path rootCert;
    private static SslClientCert clientCert;

    @BeforeAll
    static void start() {
        TestCertificate client = TestCertificate.selfSigned(Method.CERT.role(), "dns:client");
        Path clientFile = PemFiles.certificate(directory, "client.crt", client);
        clientCert = new SslClientCert(clientFile, PemFiles.key(directory, "client.key", client), null);
        newest = server(clientFile);
        System.out.println("Authentication matrix with PostgreSQL " + newest.version());
        onlyTls12 = server(clientFile, "ssl_max_protocol_version=TLSv1.2");
        TestCertificate certificate = newest.enableTls();
        onlyTls12.enableTls(certificate);
        rootCert = PemFiles.certificate(directory, "root.crt", certificate);
    }

    private static PostgresServer server(Path clientAuthority, String... settings) {
        PostgresServer server = PostgresServer.start(settings);
        for (Method method : Method.values()) {
            var encryption = method == Method.MD5 ? PasswordEncryption.MD5 : PasswordEncryption.SCRAM_SHA_256;
            server.createRole(encryption, method.role(), "pw of " + method.role());
        }
        server.execute("alter system set ssl_ca_file = '" + clientAuthority + "'");
        String[] rules = Stream.concat(
                        Stream.of("local all m_password password"),
                        Stream.concat(
                                Stream.of(Method.values()).map(Method::rule), Stream.of("host all m_cert all reject")))
                .toArray(String[]::new);
        server.withHba(rules); // kept for as long as the server lives
        return server;
    }

    @AfterAll
    static void stop() {
        newest.close();
        onlyTls12.close();
    }

    static Stream<Arguments> matrix() {
        return Stream.of(Method.values())
                .flatMap(method -> Stream.of(Way.values())
                        .filter(way -> way != Way.UNIX_SOCKET || method == Method.PASSWORD || method == Method.TRUST)
                        .flatMap(way ->
                                Stream.of(ChannelBinding.values()).map(binding -> Arguments.of(method, way, binding))));
    }

    @ParameterizedTest(name = "{0} {1} channel_binding={2}")
    @MethodSource("matrix")
    void everyMethodByEveryWay(Method method, Way way, ChannelBinding binding) {
        PostgresServer server = way == Way.TLS_1_2 ? onlyTls12 : newest;
        if (way == Way.DIRECT) {
            assumeThat(Integer.parseInt(server.version().split("\\.")[0]))
                    .as("direct TLS needs PostgreSQL 17")
                    .isGreaterThanOrEqualTo(17);
        }
        PgConnectOptions.Builder options = options(server, method, way).channelBinding(binding);
        if (binding == ChannelBinding.REQUIRE && way == Way.PLAIN) {
            assertThatIllegalArgumentException().isThrownBy(options::build).withMessageContaining("needs TLS");
        } else if (binding == ChannelBinding.REQUIRE && !(method == Method.SCRAM_SHA_256 && way.isEncrypted())) {
            assertThatThrownBy(() -> PgConnection.open(options.build()))
                    .isInstanceOf(PgAuthenticationException.class)
                    .hasMessageContaining("channel_binding=require");
        } else if (method == Method.CERT && !way.isEncrypted()) {
            assertThatThrownBy(() -> PgConnection.open(options.build()))
                    .isInstanceOfSatisfying(
                            PgServerException.class,
                            e -> assertThat(e.sqlState()).isEqualTo("28000"));
        } else {
            if (method == Method.PASSWORD && way == Way.PLAIN) {
                assertThatThrownBy(() -> PgConnection.open(options.build()))
                        .isInstanceOf(PgAuthenticationException.class)
                        .hasMessageContaining("allow_cleartext_password=true");
                options.allowCleartextPassword(true);
            }
            assertWorks(options.build(), method, way);
            assertRefusesWithoutProof(options, method);
        }
    }

    private static void assertWorks(PgConnectOptions options, Method method, Way way) {
        try (PgConnection connection = PgConnection.open(options)) {
            var row = connection.fetchOne(
                    "select current_user::text, ssl, coalesce(version, '') from pg_stat_ssl where pid = pg_backend_pid()");
            assertThat(row.getString(0)).isEqualTo(method.role());
            assertThat(row.getBoolean(1)).isEqualTo(way.isEncrypted());
            assertThat(row.getString(2))
                    .isEqualTo(
                            switch (way) {
                                case PLAIN, UNIX_SOCKET -> "";
                                case TLS_1_2 -> "TLSv1.2";
                                case TLS_1_3, DIRECT -> "TLSv1.3";
                            });
            assertThatThrownBy(() ->
                            connection.fetch(Query.of("select pg_sleep(30)").timeout(Duration.ofMillis(50))))
                    .as("a cancel goes the same way")
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
    }

    private static void assertRefusesWithoutProof(PgConnectOptions.Builder options, Method method) {
        if (method.hasPassword()) {
            assertThatThrownBy(() -> PgConnection.open(options.password("wrong").build()))
                    .isInstanceOfSatisfying(
                            InvalidPasswordException.class,
                            e -> assertThat(e.sqlState()).isEqualTo("28P01"));
            assertThatThrownBy(() -> PgConnection.open(options.password(null).build()))
                    .isInstanceOf(PgAuthenticationException.class)
                    .hasMessageContaining("none is configured");
        } else if (method == Method.CERT) {
            // With TLS 1.3 the client's handshake is over before the server looks for the certificate.
            assertThatThrownBy(
                            () -> PgConnection.open(options.sslClientCert(null).build()))
                    .isInstanceOfAny(PgServerException.class, PgConnectionException.class);
        }
    }

    private static PgConnectOptions.Builder options(PostgresServer server, Method method, Way way) {
        PgConnectOptions.Builder options = PgConnectOptions.builder()
                .host("localhost")
                .port(server.port())
                .database(server.database())
                .username(method.role());
        if (method.hasPassword()) {
            options.password("pw of " + method.role());
        }
        if (way == Way.UNIX_SOCKET) {
            assumeThat(server.unixSocketDirectory()).isPresent();
            return options.unixSocket(server.unixSocketDirectory().orElseThrow());
        }
        if (way == Way.PLAIN) {
            return options.sslMode(SslMode.DISABLE);
        }
        if (way == Way.DIRECT) {
            options.sslNegotiation(SslNegotiation.DIRECT);
        }
        if (method == Method.CERT) {
            options.sslClientCert(clientCert);
        }
        return options.sslRootCert(rootCert);
    }
}
