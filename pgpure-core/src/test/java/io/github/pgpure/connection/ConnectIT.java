package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgHost;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.SslMode;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.TestCertificate;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ways to a server: TLS, Unix sockets, several hosts; {@link AuthenticationMatrixIT} has the rest. Uses embedded servers, since it changes their rules. */
class ConnectIT {

    private static PostgresServer server;
    private static TestCertificate certificate;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        certificate = server.enableTls();
        server.createRole("scram", "scram password");
        server.createRole("trusted", "not asked for");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void largeResultsAndBatchesOverTls() {
        try (var rules = server.withHba("hostssl all scram all scram-sha-256");
                PgConnection connection = PgConnection.open(options("scram")
                        .password("scram password")
                        .sslContext(certificate.clientContext())
                        .build())) {
            var rows = connection.fetch("select i, repeat('x', 100) from generate_series(1, $1) i", 50_000);
            assertThat(rows).hasSize(50_000);
            connection.execute("create temp table big (t text)");
            String large = "y".repeat(5_000_000);
            connection.execute("insert into big values ($1)", large);
            assertThat(connection.fetchOne("select t from big").getString(0)).isEqualTo(large);
        }
    }

    @Test
    void certificateOfAnotherHostOrAuthorityIsRefused() {
        try (var rules = server.withHba("host all trusted all trust")) {
            assertThatThrownBy(() -> PgConnection.open(
                            options("trusted").sslMode(SslMode.VERIFY_FULL).build()))
                    .as("not an authority of the JVM")
                    .isInstanceOf(PgConnectionException.class)
                    .hasMessageContaining("TLS");
            TestCertificate other = TestCertificate.selfSigned("localhost", "dns:localhost");
            assertThatThrownBy(() -> PgConnection.open(options("trusted")
                            .sslMode(SslMode.VERIFY_CA)
                            .sslContext(other.clientContext())
                            .build()))
                    .isInstanceOf(PgConnectionException.class);
        }
    }

    @Test
    void rulesThatRefuseOneWayAreTriedTheOther() {
        try (var rules = server.withHba("hostnossl all trusted all trust", "host all trusted all reject")) {
            try (PgConnection connection =
                    PgConnection.open(options("trusted").sslMode(SslMode.PREFER).build())) {
                assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
            }
            assertThatThrownBy(() -> PgConnection.open(
                            options("trusted").sslMode(SslMode.REQUIRE).build()))
                    .isInstanceOfSatisfying(
                            PgServerException.class,
                            e -> assertThat(e.sqlState()).isEqualTo("28000"));
        }
        try (var rules = server.withHba("hostssl all trusted all trust", "host all trusted all reject");
                PgConnection connection = PgConnection.open(
                        options("trusted").sslMode(SslMode.ALLOW).build())) {
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
    }

    @Test
    void userBehindAUnixSocketIsTheOneThatMustBe() throws Exception {
        assumeThat(server.unixSocketDirectory()).isPresent();
        var directory = server.unixSocketDirectory().orElseThrow();
        String user =
                Files.getOwner(directory.resolve(".s.PGSQL." + server.port())).getName();
        PgConnectOptions.Builder options = PgConnectOptions.builder()
                .unixSocket(directory)
                .port(server.port())
                .username(server.username())
                .database(server.database());
        PgConnection.open(options.requirePeer(user).build()).close();
        assertThatThrownBy(() ->
                        PgConnection.open(options.requirePeer("nobody-" + user).build()))
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("run by the user \"" + user + "\"");
    }

    @Test
    void closedConnectionsGiveTheirTlsBuffersBack() {
        try (var rules = server.withHba("hostssl all trusted all trust")) {
            BufferPoolMXBean direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .findFirst()
                    .orElseThrow();
            PgConnectOptions options =
                    options("trusted").sslMode(SslMode.REQUIRE).build();
            PgConnection.open(options).close();
            long before = direct.getCount();
            for (int i = 0; i < 30; i++) {
                PgConnection connection = PgConnection.open(options);
                connection.fetch("select repeat('x', 100000)");
                connection.close();
            }
            assertThat(direct.getCount()).isLessThanOrEqualTo(before + 10);
        }
    }

    @Test
    void unixSocket() {
        assumeThat(server.unixSocketDirectory()).isPresent();
        var directory = server.unixSocketDirectory().orElseThrow();
        try (PgConnection connection = PgConnection.open(PgConnectOptions.builder()
                .unixSocket(directory)
                .port(server.port())
                .username(server.username())
                .database(server.database())
                .build())) {
            assertThat(connection.fetchOne("select inet_client_addr() is null").getBoolean(0))
                    .isTrue();
            assertThatThrownBy(() ->
                            connection.fetch(Query.of("select pg_sleep(30)").timeout(Duration.ofMillis(100))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
    }

    @Test
    void unknownDatabaseAndRole() {
        assertThatThrownBy(() -> PgConnection.open(server.uri("no_such_database")))
                .isInstanceOfSatisfying(PgServerException.class, e -> {
                    assertThat(e.sqlState()).isEqualTo("3D000");
                    assertThat(e).hasMessageContaining("no_such_database");
                });
    }

    @Test
    void nobodyListens() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertThatThrownBy(() -> PgConnection.open(
                        PgConnectOptions.builder().host("localhost").port(port).build()))
                .isInstanceOfSatisfying(
                        PgConnectionException.class,
                        e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT))
                .hasMessageContaining("localhost:" + port)
                .hasMessageContaining("check that a PostgreSQL server is running");
        assertThatThrownBy(() -> PgConnection.open(
                        PgConnectOptions.builder().host("no-such-host.invalid").build()))
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("no-such-host.invalid");
    }

    @Test
    void aServerThatNeverAnswersCostsTheConnectTimeout() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            for (SslMode mode : List.of(SslMode.DISABLE, SslMode.REQUIRE)) {
                long start = System.nanoTime();
                assertThatThrownBy(() -> PgConnection.open(PgConnectOptions.builder()
                                .host("localhost")
                                .port(silent.getLocalPort())
                                .sslMode(mode)
                                .connectTimeout(Duration.ofMillis(300))
                                .build()))
                        .isInstanceOf(PgConnectionException.class)
                        .hasMessageContaining("300 ms");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
            }
        }
    }

    @Test
    void theFirstAcceptableHostIsTaken() throws Exception {
        int dead;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dead = socket.getLocalPort();
        }
        var hosts = List.of(new PgHost("localhost", dead), new PgHost("localhost", server.port()));
        PgConnectOptions primary = PgConnectOptions.parse(server.uri()).toBuilder()
                .hosts(hosts)
                .targetSessionAttrs(TargetSessionAttrs.PRIMARY)
                .build();
        try (PgConnection connection = PgConnection.open(primary)) {
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
        assertThatThrownBy(() -> PgConnection.open(primary.toBuilder()
                        .targetSessionAttrs(TargetSessionAttrs.STANDBY)
                        .build()))
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("target_session_attrs=standby");
        try (PgConnection connection = PgConnection.open(primary.toBuilder()
                .targetSessionAttrs(TargetSessionAttrs.PREFER_STANDBY)
                .build())) {
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
    }

    private static PgConnectOptions.Builder options(String user) {
        return PgConnectOptions.builder()
                .host("localhost")
                .port(server.port())
                .database(server.database())
                .username(user);
    }
}
