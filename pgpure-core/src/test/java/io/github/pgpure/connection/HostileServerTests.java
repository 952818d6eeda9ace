package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.authenticationCleartextPassword;
import static io.github.pgpure.test.BackendMessages.authenticationOk;
import static io.github.pgpure.test.BackendMessages.authenticationSASL;
import static io.github.pgpure.test.BackendMessages.authenticationSASLContinue;
import static io.github.pgpure.test.BackendMessages.authenticationSASLFinal;
import static io.github.pgpure.test.BackendMessages.backendKeyData;
import static io.github.pgpure.test.BackendMessages.concat;
import static io.github.pgpure.test.BackendMessages.cstring;
import static io.github.pgpure.test.BackendMessages.dataRow;
import static io.github.pgpure.test.BackendMessages.message;
import static io.github.pgpure.test.BackendMessages.noticeResponse;
import static io.github.pgpure.test.BackendMessages.notificationResponse;
import static io.github.pgpure.test.BackendMessages.parameterStatus;
import static io.github.pgpure.test.BackendMessages.readyForQuery;
import static io.github.pgpure.test.BackendMessages.rowDescription;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.SslMode;
import io.github.pgpure.test.ScriptedClient;
import io.github.pgpure.test.ScriptedServer;
import io.github.pgpure.test.ScriptedServer.Script;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that lie, stall and talk nonsense while a client logs in: each ends in an error that says so, in time. */
@Timeout(60)
class HostileServerTests {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    /** What a busy machine may add. */
    private static final Duration SLACK = Duration.ofSeconds(4);

    // --- authentication ----------------------------------------------------------------------------------------------

    @Test
    void honestServerIsAccepted() throws IOException {
        try (var server = ScriptedServer.start(client -> {
                    client.startup();
                    client.send(authenticationSASLFinal(client.scram()), authenticationOk());
                    client.ready();
                    client.serve();
                });
                var connection = PgConnection.open(server.options().build())) {
            assertThat(connection.backendPid()).isEqualTo(4711);
            assertThat(connection.fetchOne("select name from t").getString("name"))
                    .isEqualTo("one");
        }
    }

    @Test
    void wrongServerSignature() {
        assertLoginFails(
                client -> {
                    client.startup();
                    byte[] proof = client.scram();
                    proof[10] ^= 1;
                    client.send(authenticationSASLFinal(proof), authenticationOk());
                    client.ready();
                    client.awaitClose();
                },
                PgAuthenticationException.class);
    }

    @Test
    void okInPlaceOfTheServerSignature() {
        assertLoginFails(
                client -> {
                    client.startup();
                    client.scram();
                    client.send(authenticationOk());
                    client.ready();
                    client.awaitClose();
                },
                PgAuthenticationException.class,
                "without proving");
    }

    @Test
    void okInPlaceOfTheWholeExchange() {
        assertLoginFails(
                client -> {
                    client.startup();
                    client.send(authenticationSASL("SCRAM-SHA-256"), authenticationOk());
                    client.ready();
                    client.awaitClose();
                },
                PgAuthenticationException.class,
                "without proving");
    }

    @Test
    void hugeIterationCount() {
        assertLoginFails(
                client -> {
                    client.startup();
                    client.send(authenticationSASL("SCRAM-SHA-256"));
                    String initial = new String(client.expect('p').body(), StandardCharsets.UTF_8);
                    String nonce = initial.substring(initial.indexOf(",r=") + 3);
                    client.send(authenticationSASLContinue(
                            ("r=" + nonce + "x,s=c2FsdA==,i=2000000000").getBytes(StandardCharsets.UTF_8)));
                    client.awaitClose();
                },
                PgAuthenticationException.class,
                "2000000000");
    }

    @Test
    void cleartextRequestAfterScramBeganDoesNotGetThePassword() throws Exception {
        var heard = new CompletableFuture<byte[]>();
        try (var server = ScriptedServer.start(client -> {
            client.startup();
            client.send(authenticationSASL("SCRAM-SHA-256"));
            client.expect('p');
            client.send(authenticationCleartextPassword());
            heard.complete(client.readUntilClosed());
        })) {
            assertThat(catchThrowable(() -> PgConnection.open(server.options().build())))
                    .isInstanceOf(PgProtocolException.class)
                    .hasMessageContaining("cleartext");
            assertThat(new String(heard.get(10, TimeUnit.SECONDS), StandardCharsets.UTF_8))
                    .doesNotContain(ScriptedClient.PASSWORD);
        }
    }

    // --- nonsense ----------------------------------------------------------------------------------------------------

    static Stream<Arguments> nonsense() {
        byte[] error = concat(cstring("SFATAL"), cstring("C28000"), "Mno end".getBytes(StandardCharsets.UTF_8));
        return Stream.of(
                Arguments.of("HTTP", bytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")),
                Arguments.of("SSH", bytes("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")),
                Arguments.of("zeros", new byte[4096]),
                Arguments.of("length -1", message('R', -1, new byte[8])),
                Arguments.of("length 0", message('R', 0, new byte[8])),
                Arguments.of("length 3", message('R', 3, new byte[8])),
                Arguments.of("smallest length", message('R', Integer.MIN_VALUE, new byte[8])),
                Arguments.of("largest length", message('R', Integer.MAX_VALUE, new byte[8])),
                Arguments.of("length beyond a login", message('R', 10_000_000, new byte[8])),
                Arguments.of("largest row", message('D', Integer.MAX_VALUE, new byte[8])),
                Arguments.of("largest error", message('E', Integer.MAX_VALUE, new byte[8])),
                Arguments.of("authentication without a code", message('R', new byte[0])),
                Arguments.of("authentication Ok that is too long", message('R', new byte[5])),
                Arguments.of("MD5 with a salt too short", message('R', new byte[] {0, 0, 0, 5, 1, 2})),
                Arguments.of("SASL without an end", message('R', new byte[] {0, 0, 0, 10, 'S', 'C'})),
                Arguments.of("error without an end", message('E', error)),
                Arguments.of("parameter without a value", message('S', cstring("name"))),
                Arguments.of("unknown type", message('@', new byte[4])),
                Arguments.of("ReadyForQuery at once", readyForQuery('I')),
                Arguments.of("row at once", dataRow("x")),
                Arguments.of("key before authentication", backendKeyData(1, 2)),
                Arguments.of("SASL continued before it began", authenticationSASLContinue(new byte[3])),
                Arguments.of("SASL ended before it began", authenticationSASLFinal(bytes("v=AAAA"))),
                Arguments.of("authenticated twice", concat(authenticationOk(), authenticationOk())),
                Arguments.of("row in the login", concat(authenticationOk(), rowDescription("a"), dataRow("x"))),
                Arguments.of("COPY in the login", concat(authenticationOk(), message('G', new byte[3]))),
                Arguments.of("unknown status", concat(authenticationOk(), backendKeyData(1, 2), readyForQuery('X'))),
                Arguments.of("key too short", concat(authenticationOk(), message('K', new byte[3]))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonsense")
    void nonsenseIsAProtocolViolation(String name, byte[] bytes) {
        assertLoginFails(
                client -> {
                    client.startup();
                    client.send(bytes);
                    client.awaitClose();
                },
                PgProtocolException.class);
    }

    @Test
    void randomBytesNeverDoWorse() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[1 + random.nextInt(200)];
            random.nextBytes(bytes);
            if (random.nextBoolean()) {
                // A message as it should be, but for its content.
                bytes[0] = (byte) "REKSZNDTGH1v".charAt(random.nextInt(12));
                if (bytes.length >= 5) {
                    ByteBuffer.wrap(bytes).putInt(1, bytes.length - 1);
                }
            }
            boolean authenticated = random.nextBoolean();
            Throwable failure = failureOfLogin(
                    client -> {
                        client.startup();
                        if (authenticated) {
                            client.send(authenticationOk());
                        }
                        client.send(bytes);
                        client.fin();
                    },
                    options -> options);
            assertThat(failure).as("seed %d, round %d", seed, i).isInstanceOf(PgException.class);
        }
    }

    // --- the end in the middle ---------------------------------------------------------------------------------------

    @ParameterizedTest(name = "by reset: {0}")
    @ValueSource(booleans = {false, true})
    void endAtEachByteOfASession(boolean byReset) throws IOException {
        int login = authenticationOk().length + ScriptedClient.session().length;
        int offset = 0;
        boolean complete = false;
        while (!complete) {
            int cut = offset;
            try (var server = ScriptedServer.start(client -> {
                client.cutAfter(cut, byReset);
                client.welcome();
                client.serve();
            })) {
                // Nothing waits for it: the end of the connection is seen at once.
                PgConnectOptions options =
                        server.options().connectTimeout(Duration.ofSeconds(20)).build();
                if (cut < login) {
                    assertLost(catchThrowable(() -> PgConnection.open(options)), cut, server);
                } else {
                    try (PgConnection connection = PgConnection.open(options)) {
                        var name = new AtomicReference<String>();
                        Throwable failure = catchThrowable(() -> name.set(
                                connection.fetchOne("select name from t").getString(0)));
                        complete = failure == null;
                        if (complete) {
                            assertThat(name.get()).isEqualTo("one");
                        } else {
                            assertLost(failure, cut, server);
                            assertThat(connection.dead())
                                    .as("cut after %d bytes", cut)
                                    .isTrue();
                        }
                    } catch (PgConnectionException e) {
                        // A reset can overtake the bytes before it.
                        assertThat(byReset).as("cut after %d bytes: %s", cut, e).isTrue();
                    }
                }
            }
            offset++;
        }
        assertThat(offset).isGreaterThan(login + 20);
    }

    private static void assertLost(Throwable failure, int cut, ScriptedServer server) {
        assertThat(failure)
                .as("cut after %d bytes", cut)
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("127.0.0.1:" + server.port());
    }

    // --- without an end ----------------------------------------------------------------------------------------------

    enum Endless {
        NOTICES,
        PARAMETERS,
        NOTIFICATIONS;

        byte[] message(int number) {
            String text = "x".repeat(1000);
            return switch (this) {
                case NOTICES -> noticeResponse("DEBUG1", "00000", text);
                case PARAMETERS -> parameterStatus("p" + number, text);
                case NOTIFICATIONS -> notificationResponse(1, "channel", text);
            };
        }
    }

    /** With what these servers send within the time, a client that kept it would need hundreds of megabytes. */
    @ParameterizedTest
    @EnumSource
    void endlessMessagesEndAtTheDeadlineInBoundedMemory(Endless endless) {
        var heap = new Heap();
        // A session keeps its parameters, so there must be an end to them.
        Class<? extends PgException> type =
                endless == Endless.PARAMETERS ? PgProtocolException.class : PgConnectionException.class;
        assertLoginFails(
                client -> {
                    client.startup();
                    client.send(authenticationOk());
                    for (int number = 0; ; number += 1000) {
                        byte[][] messages = new byte[1000][];
                        for (int i = 0; i < messages.length; i++) {
                            messages[i] = endless.message(number + i);
                        }
                        client.send(messages);
                        heap.sample(number);
                    }
                },
                type);
        assertThat(heap.growth()).isLessThan(Heap.LIMIT);
    }

    // --- silence -----------------------------------------------------------------------------------------------------

    static Stream<Arguments> silences() {
        return Stream.of(
                Arguments.of("at once", SslMode.DISABLE, (Script) ScriptedClient::stall),
                Arguments.of("after the startup", SslMode.DISABLE, (Script) client -> {
                    client.startup();
                    client.stall();
                }),
                Arguments.of("within a message", SslMode.DISABLE, (Script) client -> {
                    client.startup();
                    client.send(new byte[] {'R', 0, 0});
                    client.stall();
                }),
                Arguments.of("within SCRAM", SslMode.DISABLE, (Script) client -> {
                    client.startup();
                    client.scram();
                    client.stall();
                }),
                Arguments.of("before ReadyForQuery", SslMode.DISABLE, (Script) client -> {
                    client.startup();
                    client.send(authenticationOk());
                    client.stall();
                }),
                Arguments.of("after the request for TLS", SslMode.PREFER, (Script) client -> {
                    client.sslRequest();
                    client.stall();
                }),
                Arguments.of("within the TLS handshake", SslMode.REQUIRE, (Script) client -> {
                    client.sslRequest();
                    client.send(bytes("S"));
                    client.stall();
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("silences")
    void silenceEndsAtTheDeadline(String name, SslMode mode, Script script) {
        long start = System.nanoTime();
        assertLoginFails(script, options -> options.sslMode(mode), PgConnectionException.class, "1000 ms");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(CONNECT_TIMEOUT.minusMillis(50));
    }

    // --- TLS ---------------------------------------------------------------------------------------------------------

    /** CVE-2021-23222: what came in plain text before the handshake must not be taken for what the server said. */
    @ParameterizedTest
    @EnumSource(names = {"PREFER", "REQUIRE"})
    void bytesSmuggledInBeforeTls(SslMode mode) {
        assertLoginFails(
                client -> {
                    client.sslRequest();
                    client.send(bytes("S"), authenticationOk(), ScriptedClient.session());
                    client.awaitClose();
                },
                options -> options.sslMode(mode),
                PgProtocolException.class,
                "plain text before the TLS handshake");
    }

    @Test
    void bytesSmuggledInBehindARefusal() {
        assertLoginFails(
                client -> {
                    client.sslRequest();
                    client.send(bytes("N"), authenticationOk(), ScriptedClient.session());
                    client.awaitClose();
                },
                options -> options.sslMode(SslMode.PREFER),
                PgProtocolException.class);
    }

    static Stream<Arguments> brokenTls() {
        return Stream.of(
                Arguments.of("plain text in place of the handshake", (Script) client -> {
                    client.sslRequest();
                    client.send(bytes("S"));
                    client.readBytes(1);
                    client.send(authenticationOk(), ScriptedClient.session());
                    client.awaitClose();
                }),
                Arguments.of("end in place of the handshake", (Script) client -> {
                    client.sslRequest();
                    client.send(bytes("S"));
                    client.fin();
                }),
                Arguments.of("end in place of the answer", (Script) client -> {
                    client.sslRequest();
                    client.fin();
                }),
                Arguments.of("impossible answer", (Script) client -> {
                    client.sslRequest();
                    client.send(bytes("x"));
                    client.awaitClose();
                }),
                Arguments.of("error as the answer", (Script) client -> {
                    client.sslRequest();
                    client.send(bytes("E"));
                    client.awaitClose();
                }));
    }

    /** Going on in plain text would be what somebody in between wants. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenTls")
    void brokenTlsIsNotFollowedByPlainText(String name, Script script) throws IOException {
        try (var server = ScriptedServer.start(script)) {
            Throwable failure = catchThrowable(() -> PgConnection.open(server.options()
                    .sslMode(SslMode.PREFER)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .build()));
            assertThat(failure).isInstanceOfAny(PgConnectionException.class, PgProtocolException.class);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void refusedTlsIsAnErrorWhereItIsRequired() {
        assertLoginFails(
                client -> {
                    client.startup();
                    throw new AssertionError("the client went on without TLS");
                },
                options -> options.sslMode(SslMode.REQUIRE),
                PgConnectionException.class,
                "ssl is off");
    }

    // -----------------------------------------------------------------------------------------------------------------

    private interface Settings {
        PgConnectOptions.Builder apply(PgConnectOptions.Builder options);
    }

    private static void assertLoginFails(Script script, Class<? extends PgException> type, String... parts) {
        assertLoginFails(script, options -> options, type, parts);
    }

    private static void assertLoginFails(
            Script script, Settings settings, Class<? extends PgException> type, String... parts) {
        long start = System.nanoTime();
        Throwable failure = failureOfLogin(script, settings);
        assertThat(failure).isInstanceOf(type);
        assertThat(failure).hasMessageContaining("127.0.0.1:");
        assertThat(failure.getMessage()).doesNotContain(ScriptedClient.PASSWORD);
        for (String part : parts) {
            assertThat(failure).hasMessageContaining(part);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(CONNECT_TIMEOUT.plus(SLACK));
    }

    private static Throwable failureOfLogin(Script script, Settings settings) {
        try (var server = ScriptedServer.start(script)) {
            PgConnectOptions options = settings.apply(server.options().connectTimeout(CONNECT_TIMEOUT))
                    .build();
            return catchThrowable(() -> PgConnection.open(options).close());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
