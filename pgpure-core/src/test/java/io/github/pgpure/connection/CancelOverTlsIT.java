package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.SslMode;
import io.github.pgpure.SslNegotiation;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.RecordingProxy;
import io.github.pgpure.test.TestCertificate;
import io.github.pgpure.test.ThreadKind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The key of a cancel request lets anybody stop the session's statements, so it travels as encrypted as they do: seen from between the client and a real
 * server.
 */
@Timeout(60)
class CancelOverTlsIT {

    private static final byte[] SSL_REQUEST =
            ByteBuffer.allocate(8).putInt(8).putInt(80877103).array();
    private static final byte[] CANCEL_REQUEST_CODE =
            ByteBuffer.allocate(4).putInt(80877102).array();
    private static final int CLIENT_HELLO = 22;

    private static PostgresServer server;
    private static TestCertificate certificate;

    private RecordingProxy proxy;
    private PgConnection observer;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        certificate = server.enableTls();
        server.createRole("careful", "a password");
        server.withHba("hostssl all careful all scram-sha-256", "host all careful all reject"); // for good
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() {
        proxy = new RecordingProxy(server.port());
        observer = PgConnection.open(server.uri());
    }

    @AfterEach
    void disconnect() {
        observer.close();
        proxy.close();
    }

    static Stream<Arguments> waysToEncrypt() {
        return Stream.of(
                Arguments.of(SslMode.PREFER, SslNegotiation.POSTGRES),
                Arguments.of(SslMode.REQUIRE, SslNegotiation.POSTGRES),
                Arguments.of(SslMode.VERIFY_FULL, SslNegotiation.POSTGRES),
                Arguments.of(SslMode.REQUIRE, SslNegotiation.DIRECT),
                Arguments.of(SslMode.VERIFY_FULL, SslNegotiation.DIRECT));
    }

    @ParameterizedTest
    @MethodSource("waysToEncrypt")
    void deadlineCancelsOnTheServerAndTheRequestIsEncryptedAsTheSessionIs(SslMode mode, SslNegotiation negotiation) {
        try (PgConnection connection = PgConnection.open(options(mode, negotiation))) {
            int pid = connection.backendPid();
            assertThatThrownBy(() ->
                            connection.fetch(Query.of("select pg_sleep(71)").timeout(Duration.ofMillis(150))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(connection.fetchOne("select pg_backend_pid()").getInt(0)).isEqualTo(pid);
            assertThat(running("select pg_sleep(71)")).isZero();
        }
        List<byte[]> connections = proxy.recorded();
        assertThat(connections).as("the session and a cancel request").hasSizeGreaterThanOrEqualTo(2);
        connections.forEach(sent -> assertEncrypted(sent, negotiation));
    }

    @ParameterizedTest
    @MethodSource("waysToEncrypt")
    void soIsTheRequestOfAnInterrupt(SslMode mode, SslNegotiation negotiation) throws Exception {
        var failure = new CompletableFuture<Throwable>();
        try (PgConnection connection = PgConnection.open(options(mode, negotiation))) {
            Thread caller = ThreadKind.PLATFORM.start(() -> {
                try {
                    connection.fetch("select pg_sleep(72)");
                } catch (Throwable e) {
                    failure.complete(e);
                }
            });
            Awaitility.await().until(() -> running("select pg_sleep(72)") == 1);
            caller.interrupt();
            assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(QueryCancelledException.class);
            caller.join(5_000);
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
            assertThat(running("select pg_sleep(72)")).isZero();
        }
        assertThat(proxy.recorded()).hasSizeGreaterThanOrEqualTo(2);
        proxy.recorded().forEach(sent -> assertEncrypted(sent, negotiation));
    }

    /** Somebody between could otherwise have the key by answering that there is no TLS. */
    @ParameterizedTest
    @MethodSource("waysToEncrypt")
    void whereEncryptionIsRefusedTheRequestIsNotSent(SslMode mode, SslNegotiation negotiation) {
        try (PgConnection connection = PgConnection.open(options(mode, negotiation))) {
            proxy.refuseTls();
            var failure = catchThrowableOfType(
                    QueryTimeoutException.class,
                    () -> connection.fetch(Query.of("select pg_sleep(73)").timeout(Duration.ofMillis(150))));
            assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
            Awaitility.await().until(connection::dead);
        }
        List<byte[]> connections = proxy.recorded();
        assertThat(connections).hasSize(2);
        byte[] refused = connections.get(1);
        assertThat(contains(refused, CANCEL_REQUEST_CODE)).isFalse();
        if (negotiation == SslNegotiation.POSTGRES) {
            assertThat(refused).isEqualTo(SSL_REQUEST);
        } else {
            assertThat(refused[0]).isEqualTo((byte) CLIENT_HELLO);
        }
        observer.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'careful'");
    }

    /** That the proxy would have seen it. */
    @Test
    void plainSessionSendsItPlain() {
        PgConnectOptions plain = PgConnectOptions.parse(server.uri()).toBuilder()
                .host("localhost")
                .port(proxy.port())
                .sslMode(SslMode.DISABLE)
                .build();
        try (PgConnection connection = PgConnection.open(plain)) {
            assertThatThrownBy(() ->
                            connection.fetch(Query.of("select pg_sleep(74)").timeout(Duration.ofMillis(150))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
        assertThat(proxy.recorded()).anyMatch(sent -> contains(sent, CANCEL_REQUEST_CODE));
    }

    private static PgConnectOptions options(SslMode mode, SslNegotiation negotiation, int port) {
        return PgConnectOptions.builder()
                .host("localhost")
                .port(port)
                .database(server.database())
                .username("careful")
                .password("a password")
                .sslMode(mode)
                .sslNegotiation(negotiation)
                .sslContext(certificate.clientContext())
                .build();
    }

    private PgConnectOptions options(SslMode mode, SslNegotiation negotiation) {
        return options(mode, negotiation, proxy.port());
    }

    /** Nothing but an SSLRequest, unless TLS begins at once, and records of TLS. */
    private static void assertEncrypted(byte[] sent, SslNegotiation negotiation) {
        int at = 0;
        if (negotiation == SslNegotiation.POSTGRES) {
            assertThat(Arrays.copyOf(sent, 8)).isEqualTo(SSL_REQUEST);
            at = 8;
        }
        assertThat(sent[at]).isEqualTo((byte) CLIENT_HELLO);
        ByteBuffer rest = ByteBuffer.wrap(sent, at, sent.length - at);
        while (rest.remaining() >= 5) {
            assertThat(rest.get()).as("the type of a record").isBetween((byte) 20, (byte) 23);
            assertThat(rest.get()).as("the version of TLS").isEqualTo((byte) 3);
            rest.get();
            int length = rest.getShort() & 0xffff;
            rest.position(rest.position() + Math.min(length, rest.remaining()));
        }
        assertThat(contains(sent, CANCEL_REQUEST_CODE)).isFalse();
    }

    private static boolean contains(byte[] all, byte[] part) {
        for (int i = 0; i + part.length <= all.length; i++) {
            if (Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    private long running(String sql) {
        return observer.fetchOne("select count(*) from pg_stat_activity where state = 'active' and query = $1", sql)
                .getLong(0);
    }
}
