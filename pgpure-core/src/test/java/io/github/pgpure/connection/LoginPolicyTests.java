package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.authentication;
import static io.github.pgpure.test.BackendMessages.authenticationCleartextPassword;
import static io.github.pgpure.test.BackendMessages.authenticationMD5Password;
import static io.github.pgpure.test.BackendMessages.authenticationOk;
import static io.github.pgpure.test.BackendMessages.authenticationSASL;
import static io.github.pgpure.test.BackendMessages.authenticationSASLContinue;
import static io.github.pgpure.test.BackendMessages.authenticationSASLFinal;
import static io.github.pgpure.test.BackendMessages.errorResponse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.AuthenticationMethod;
import io.github.pgpure.Credentials;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgHost;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.test.BackendMessages;
import io.github.pgpure.test.ScriptedClient;
import io.github.pgpure.test.ScriptedServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client gives away to a server that asks for what it should not, and how tokens and supplied credentials are used. */
@Timeout(60)
class LoginPolicyTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String TOKEN = "eyJhbGciOi.J9-_~+/x==";

    // --- require_auth ------------------------------------------------------------------------------------------------

    /** Each request against each single acceptable method: only the pair that fits gets an answer at all. */
    @ParameterizedTest
    @EnumSource(
            value = AuthenticationMethod.class,
            names = {"GSS", "SSPI"},
            mode = EnumSource.Mode.EXCLUDE)
    void onlyTheRequiredMethodIsAnswered(AuthenticationMethod required) throws IOException {
        Map<AuthenticationMethod, byte[]> requests = Map.of(
                AuthenticationMethod.NONE, authenticationOk(),
                AuthenticationMethod.PASSWORD, authenticationCleartextPassword(),
                AuthenticationMethod.MD5, authenticationMD5Password(new byte[4]),
                AuthenticationMethod.GSS, authentication(7, new byte[0]),
                AuthenticationMethod.SSPI, authentication(9, new byte[0]),
                AuthenticationMethod.SCRAM_SHA_256, authenticationSASL("SCRAM-SHA-256"),
                AuthenticationMethod.OAUTH, authenticationSASL("OAUTHBEARER"));
        for (var request : requests.entrySet()) {
            boolean fits = request.getKey() == required;
            var heard = new CompletableFuture<String>();
            try (var server = ScriptedServer.start(client -> {
                client.startup();
                client.send(request.getValue());
                if (fits && required != AuthenticationMethod.NONE) {
                    heard.complete(String.valueOf(client.expect('p').type()));
                    client.send(errorResponse("FATAL", "28000", "no"));
                } else if (fits) {
                    client.ready();
                } else {
                    heard.complete(text(client.readUntilClosed()));
                }
            })) {
                PgConnectOptions options = server.options()
                        .allowCleartextPassword(true)
                        .requireAuth(EnumSet.of(required))
                        .credentials(host -> required == AuthenticationMethod.OAUTH
                                ? Credentials.ofToken("ada", TOKEN)
                                : Credentials.ofPassword("ada", ScriptedClient.PASSWORD))
                        .build();
                if (fits && required == AuthenticationMethod.NONE) {
                    PgConnection.open(options).close();
                } else {
                    assertThatThrownBy(() -> PgConnection.open(options))
                            .as("%s asked for, %s required", request.getKey(), required)
                            .isInstanceOf(fits ? PgServerException.class : PgAuthenticationException.class);
                    assertThat(heard).succeedsWithin(PATIENCE).isEqualTo(fits ? "p" : "");
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"!password, false", "!scram-sha-256, true", "password, true", "'none,md5', false", "!none, true"})
    void listsMeanWhatTheyMeanToLibpq(String requireAuth, boolean answered) throws IOException {
        var heard = new CompletableFuture<String>();
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(authenticationCleartextPassword());
            if (answered) {
                heard.complete(text(client.read().body()));
                client.send(authenticationOk());
                client.ready();
            } else {
                heard.complete(text(client.readUntilClosed()));
            }
        })) {
            String text = "host=127.0.0.1 sslmode=disable user=ada dbname=shop allow_cleartext_password=true password="
                    + ScriptedClient.PASSWORD + " port=" + server.port() + " require_auth=" + requireAuth;
            if (answered) {
                PgConnection.open(text).close();
                assertThat(heard).succeedsWithin(PATIENCE).isEqualTo(ScriptedClient.PASSWORD + "\0");
            } else {
                assertThatThrownBy(() -> PgConnection.open(text))
                        .isInstanceOf(PgAuthenticationException.class)
                        .hasMessageContaining("require_auth accepts only");
                assertThat(heard).succeedsWithin(PATIENCE).isEqualTo("");
            }
        }
    }

    @Test
    void passwordInClearTextNeedsPermissionAlsoOnLoopback() throws IOException {
        var heard = new CompletableFuture<String>();
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(authenticationCleartextPassword());
            heard.complete(text(client.readUntilClosed()));
        })) {
            assertThatThrownBy(() -> PgConnection.open(server.options().build()))
                    .isInstanceOfSatisfying(
                            PgAuthenticationException.class,
                            e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT))
                    .hasMessageContaining("sslmode=require")
                    .hasMessageContaining("allow_cleartext_password=true")
                    .hasMessageNotContaining(ScriptedClient.PASSWORD);
            assertThat(heard).succeedsWithin(PATIENCE).isEqualTo("");
        }
    }

    // --- OAUTHBEARER -------------------------------------------------------------------------------------------------

    @Test
    void tokenIsSentWhereTheServerAsksForOne() throws IOException {
        var initial = new AtomicReference<byte[]>();
        try (var server = ScriptedServer.start(client -> {
                    assertThat(client.startup()).containsEntry("user", "svc").containsEntry("database", "shop");
                    client.send(authenticationSASL("OAUTHBEARER"));
                    initial.set(client.expect('p').body());
                    client.send(authenticationOk());
                    client.ready();
                    client.serve();
                });
                var connection = PgConnection.open(withToken(server).build())) {
            assertThat(connection.fetchOne("select name from t").getString(0)).isEqualTo("one");
        }
        byte[] response = ("n,,\u0001auth=Bearer " + TOKEN + "\u0001\u0001").getBytes(StandardCharsets.US_ASCII);
        assertThat(initial.get())
                .isEqualTo(BackendMessages.concat(
                        BackendMessages.cstring("OAUTHBEARER"),
                        new byte[] {0, 0, 0, (byte) response.length},
                        response));
    }

    @Test
    void refusedTokenIsAcknowledgedAndTheServersErrorReported() throws IOException {
        var acknowledged = new AtomicReference<byte[]>();
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(authenticationSASL("OAUTHBEARER"));
            client.expect('p');
            client.send(authenticationSASLContinue("{\"status\":\"invalid_token\"}".getBytes(StandardCharsets.UTF_8)));
            acknowledged.set(client.expect('p').body());
            client.send(errorResponse("FATAL", "28000", "OAuth bearer authentication failed for user \"svc\""));
        })) {
            assertThatThrownBy(() -> PgConnection.open(withToken(server).build()))
                    .isInstanceOf(PgServerException.class)
                    .hasMessageContaining("OAuth bearer authentication failed")
                    .satisfies(LoginPolicyTests::showsNoSecret);
        }
        assertThat(acknowledged.get()).containsExactly(1);
    }

    @Test
    void okAfterARefusalIsNoLogin() throws IOException {
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(authenticationSASL("OAUTHBEARER"));
            client.expect('p');
            client.send(authenticationSASLContinue(new byte[0]));
            client.expect('p');
            client.send(authenticationOk());
            client.ready();
            client.awaitClose();
        })) {
            assertThatThrownBy(() -> PgConnection.open(withToken(server).build()))
                    .isInstanceOf(PgAuthenticationException.class)
                    .satisfies(LoginPolicyTests::showsNoSecret);
        }
    }

    @Test
    void secondRefusalAndProofsOfAnotherMechanismBreakTheProtocol() throws IOException {
        for (byte[] next : List.of(
                authenticationSASLContinue(new byte[0]),
                authenticationSASLFinal(new byte[0]),
                authenticationCleartextPassword())) {
            try (var server = ScriptedServer.start(client -> {
                client.startup();
                client.send(authenticationSASL("OAUTHBEARER"));
                client.expect('p');
                client.send(authenticationSASLContinue(new byte[0]));
                client.expect('p');
                client.send(next);
                client.awaitClose();
            })) {
                assertThatThrownBy(() -> PgConnection.open(withToken(server).build()))
                        .isInstanceOf(PgProtocolException.class)
                        .satisfies(LoginPolicyTests::showsNoSecret);
            }
        }
    }

    @Test
    void tokenNeedsEncryptionAsAPasswordDoes() throws IOException {
        var heard = new CompletableFuture<String>();
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(authenticationSASL("OAUTHBEARER"));
            heard.complete(text(client.readUntilClosed()));
        })) {
            assertThatThrownBy(() -> PgConnection.open(
                            withToken(server).allowCleartextPassword(false).build()))
                    .isInstanceOf(PgAuthenticationException.class)
                    .hasMessageContaining("OAuth token")
                    .hasMessageContaining("sslmode=require");
            assertThat(heard).succeedsWithin(PATIENCE).isEqualTo("");
        }
    }

    @Test
    void tokenIsNotSentAsAPassword() throws IOException {
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(authenticationCleartextPassword());
            client.awaitClose();
        })) {
            assertThatThrownBy(() -> PgConnection.open(withToken(server).build()))
                    .isInstanceOf(PgAuthenticationException.class)
                    .hasMessageContaining("a token is only for servers that ask for oauth");
        }
    }

    @Test
    void withoutATokenTheServersWishIsExplained() throws IOException {
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(authenticationSASL("OAUTHBEARER"));
            client.awaitClose();
        })) {
            assertThatThrownBy(() -> PgConnection.open(server.options().build()))
                    .isInstanceOf(PgAuthenticationException.class)
                    .hasMessageContaining("OAUTHBEARER")
                    .hasMessageContaining("credentials(");
        }
    }

    @ParameterizedTest
    @CsvSource({"''", "a b", "tok\u0001en", "tok=en", "tök"})
    void stringsThatAreNoTokensAreRefusedUnshown(String token) {
        assertThatThrownBy(() -> Credentials.ofToken("svc", token))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(token.isEmpty() || !e.getMessage().contains(token))
                        .isTrue());
        assertThat(Credentials.ofToken("svc", TOKEN)).asString().isEqualTo("Credentials[svc]");
        assertThat(Credentials.ofPassword("svc", "SeCr")).asString().isEqualTo("Credentials[svc]");
    }

    // --- CredentialsSupplier -----------------------------------------------------------------------------------------

    @Test
    void supplierIsAskedAtEachConnectForTheHost() throws IOException {
        var asked = new CopyOnWriteArrayList<PgHost>();
        var users = new CopyOnWriteArrayList<String>();
        try (var server = ScriptedServer.start(client -> {
            users.add(client.welcome().get("user"));
            client.awaitClose();
        })) {
            var loaderOfCaller = Thread.currentThread().getContextClassLoader();
            var count = new AtomicInteger();
            PgConnectOptions options = server.options()
                    .credentials(host -> {
                        asked.add(host);
                        assertThat(Thread.currentThread().getContextClassLoader())
                                .isSameAs(loaderOfCaller);
                        return Credentials.ofPassword("user" + count.incrementAndGet(), "x");
                    })
                    .build();
            PgConnection.open(options).close();
            PgConnection.open(options).close();
            assertThat(asked)
                    .containsExactly(options.hosts().get(0), options.hosts().get(0));
            // The server's thread takes note of the user after it has welcomed the client.
            Awaitility.await().untilAsserted(() -> assertThat(users).containsExactly("user1", "user2"));
        }
    }

    @Test
    void failureOfTheSupplierIsAnAuthenticationError() throws IOException {
        try (var server = ScriptedServer.start(ScriptedClient::awaitClose)) {
            var cause = new IOException("vault sealed");
            assertThatThrownBy(() -> PgConnection.open(server.options()
                            .credentials(host -> {
                                throw cause;
                            })
                            .build()))
                    .isInstanceOf(PgAuthenticationException.class)
                    .hasMessageContaining("127.0.0.1:" + server.port())
                    .hasCause(cause);
            assertThat(server.connections()).isZero();
        }
    }

    @Test
    void slowSupplierEndsWithTheConnectTimeoutAndIsInterrupted() throws Exception {
        var interrupted = new CountDownLatch(1);
        PgConnectOptions options =
                slow(interrupted).connectTimeout(Duration.ofSeconds(2)).build();
        assertThatThrownBy(() -> PgConnection.open(options))
                .isInstanceOf(PgAuthenticationException.class)
                .hasMessageContaining("2000 ms");
        interrupted.await();
    }

    @Test
    void interruptEndsTheWaitForTheSupplier() throws Exception {
        var interrupted = new CountDownLatch(1);
        PgConnectOptions options = slow(interrupted).build();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> PgConnection.open(options)).isInstanceOf(QueryCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void databaseMustBeGivenWithASupplier() {
        assertThatThrownBy(() -> PgConnectOptions.builder()
                        .credentials(host -> Credentials.ofPassword("a", "b"))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("database");
    }

    private static PgConnectOptions.Builder slow(CountDownLatch interrupted) {
        return PgConnectOptions.builder()
                .host("127.0.0.1")
                .port(1)
                .database("d")
                .credentials(host -> {
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        interrupted.countDown();
                    }
                    return Credentials.ofPassword("a", "b");
                });
    }

    private static PgConnectOptions.Builder withToken(ScriptedServer server) {
        return server.options()
                .password(null)
                .allowCleartextPassword(true)
                .credentials(host -> Credentials.ofToken("svc", TOKEN));
    }

    private static void showsNoSecret(Throwable e) {
        assertThat(e.toString()).doesNotContain(TOKEN);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
