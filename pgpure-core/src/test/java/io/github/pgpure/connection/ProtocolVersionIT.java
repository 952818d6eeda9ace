package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.authenticationOk;
import static io.github.pgpure.test.BackendMessages.concat;
import static io.github.pgpure.test.BackendMessages.cstring;
import static io.github.pgpure.test.BackendMessages.message;
import static io.github.pgpure.test.BackendMessages.readyForQuery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.ProtocolVersion;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ScriptedClient;
import io.github.pgpure.test.ScriptedServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol 3.2 and its longer cancel keys, and servers that do not know it. */
class ProtocolVersionIT {

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void realServerSpeaksItAndIsCancelledWithItsKey(ProtocolVersion version) {
        PostgresServer server = PostgresServer.embedded();
        boolean knowsIt = Integer.parseInt(server.version().split("\\.")[0]) >= 18;
        PgConnectOptions options = PgConnectOptions.parse(server.uri()).toBuilder()
                .maxProtocolVersion(version)
                .build();
        Session session = Session.open(options, new TypeRegistry());
        assertThat(session.cancelKeyLength()).isEqualTo(version == ProtocolVersion.V3_2 && knowsIt ? 32 : 4);
        try (PgConnection connection = session.connection(Session::close)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() ->
                                connection.fetch(Query.of("select pg_sleep(60)").timeout(Duration.ofMillis(50))))
                        .isInstanceOf(QueryTimeoutException.class);
                assertThat(connection.fetchOne("select 1").getInt(0))
                        .as("the key fits: the statement has ended")
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void serverThatMustSpeakItAndDoes() {
        PostgresServer server = PostgresServer.embedded();
        PgConnectOptions options = PgConnectOptions.parse(server.uri()).toBuilder()
                .minProtocolVersion(ProtocolVersion.V3_2)
                .build();
        if (Integer.parseInt(server.version().split("\\.")[0]) >= 18) {
            PgConnection.open(options).close();
        } else {
            assertThatThrownBy(() -> PgConnection.open(options))
                    .isInstanceOf(PgConnectionException.class)
                    .hasMessageContaining("speaks protocol 3.0 at most, and min_protocol_version is 3.2");
        }
    }

    /** Servers send the whole version; the manual speaks of its minor part; PgBouncer has been seen to say it twice. */
    @ParameterizedTest
    @CsvSource({"196608, 1", "0, 1", "196608, 2"})
    void olderServerIsSpokenToInItsVersion(int offer, int times) throws IOException {
        var asked = new AtomicInteger();
        try (var server = ScriptedServer.start(client -> {
                    client.startup();
                    asked.set(client.protocolVersion());
                    for (int i = 0; i < times; i++) {
                        client.send(negotiate(offer));
                    }
                    client.send(authenticationOk());
                    client.ready();
                    client.serve();
                });
                var connection = PgConnection.open(latest(server).build())) {
            assertThat(connection.fetchOne("select name").getString(0)).isEqualTo("one");
        }
        assertThat(asked.get()).isEqualTo(196610);
    }

    @Test
    void nothingButThreeZeroIsAskedForUnlessToldTo() throws IOException {
        var asked = new AtomicInteger();
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            asked.set(client.protocolVersion());
            client.send(authenticationOk());
            client.ready();
            client.awaitClose();
        })) {
            PgConnection.open(server.options().build()).close();
        }
        assertThat(asked.get()).isEqualTo(196608);
    }

    @ParameterizedTest
    @ValueSource(ints = {196609, 1, 196611, 65536, 131072, 262144, -1, Integer.MAX_VALUE})
    void offersOfNonsenseEndTheAttempt(int offer) throws IOException {
        assertFails(negotiate(offer), PgProtocolException.class);
    }

    @Test
    void offerThatNamesOptionsNeverSentEndsTheAttempt() throws IOException {
        assertFails(negotiate(196608, "_pq_.unheard_of"), PgProtocolException.class);
    }

    @Test
    void offerAfterAuthenticationEndsTheAttempt() throws IOException {
        assertFails(concat(authenticationOk(), negotiate(196608)), PgProtocolException.class);
    }

    @Test
    void offerWhereNothingCouldBeNegotiatedEndsTheAttempt() throws IOException {
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(negotiate(196608));
            client.awaitClose();
        })) {
            assertThatThrownBy(() -> PgConnection.open(server.options().build()))
                    .isInstanceOf(PgProtocolException.class);
        }
    }

    @Test
    void tooOldAServerIsNamedAsSuch() throws IOException {
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(negotiate(196608));
            client.awaitClose();
        })) {
            assertThatThrownBy(() -> PgConnection.open(server.options()
                            .minProtocolVersion(ProtocolVersion.V3_2)
                            .build()))
                    .isInstanceOf(PgConnectionException.class)
                    .hasMessageContaining("min_protocol_version is 3.2");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 32, 256})
    void keysUpToTheLimitAreTaken(int length) throws IOException {
        try (var server = ScriptedServer.start(client -> login(client, length));
                var connection = PgConnection.open(latest(server).build())) {
            assertThat(connection.backendPid()).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 257, 5000})
    void keysBeyondTheLimitsEndTheAttempt(int length) throws IOException {
        try (var server = ScriptedServer.start(client -> login(client, length))) {
            assertThatThrownBy(() -> PgConnection.open(latest(server).build()))
                    .isInstanceOf(PgProtocolException.class)
                    .hasMessageContaining(String.valueOf(length));
        }
    }

    private static void login(ScriptedClient client, int keyLength) throws Exception {
        client.startup();
        byte[] key = ByteBuffer.allocate(4 + keyLength)
                .putInt(7)
                .put(new byte[keyLength])
                .array();
        client.send(authenticationOk(), message('K', key), readyForQuery('I'));
        client.awaitClose();
    }

    private static void assertFails(byte[] answer, Class<? extends PgException> type) throws IOException {
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(answer);
            client.awaitClose();
        })) {
            assertThatThrownBy(() -> PgConnection.open(latest(server).build())).isInstanceOf(type);
        }
    }

    private static PgConnectOptions.Builder latest(ScriptedServer server) {
        return server.options().maxProtocolVersion(ProtocolVersion.LATEST);
    }

    private static byte[] negotiate(int version, String... options) {
        byte[] body =
                ByteBuffer.allocate(8).putInt(version).putInt(options.length).array();
        for (String option : options) {
            body = concat(body, cstring(option));
        }
        return message('v', body);
    }
}
