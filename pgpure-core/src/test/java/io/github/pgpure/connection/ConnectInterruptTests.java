package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgHost;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.SslMode;
import io.github.pgpure.test.BackendMessages;
import io.github.pgpure.test.ScriptedServer;
import io.github.pgpure.test.ThreadKind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An interrupt ends an attempt to connect wherever it has got to, and leaves no socket behind. */
@Timeout(30)
class ConnectInterruptTests {

    /** Where the server falls silent. */
    private enum Silence {
        BEFORE_IT_ANSWERS_THE_SSL_REQUEST(SslMode.REQUIRE, client -> client.readBytes(8)),
        IN_THE_TLS_HANDSHAKE(SslMode.REQUIRE, client -> {
            client.sslRequest();
            client.send(new byte[] {'S'});
            client.readBytes(5);
        }),
        AFTER_THE_STARTUP_MESSAGE(SslMode.DISABLE, client -> client.startup()),
        IN_THE_AUTHENTICATION(SslMode.DISABLE, client -> {
            client.startup();
            client.send(BackendMessages.authenticationSASL("SCRAM-SHA-256"));
            client.expect('p');
        }),
        AFTER_THE_AUTHENTICATION(SslMode.DISABLE, client -> {
            client.startup();
            client.send(BackendMessages.authenticationOk());
        });

        private final SslMode mode;
        private final ScriptedServer.Script script;

        Silence(SslMode mode, ScriptedServer.Script script) {
            this.mode = mode;
            this.script = script;
        }
    }

    @ParameterizedTest
    @EnumSource
    void interruptEndsTheAttemptAndItsSocket(Silence silence) throws Exception {
        for (ThreadKind kind : ThreadKind.available().toList()) {
            interrupt(kind, silence);
        }
    }

    @Test
    void interruptedAttemptIsNotFollowedByOneAtTheNextHost() throws Exception {
        var silent = new CountDownLatch(1);
        try (var first = ScriptedServer.start(client -> {
                    client.startup();
                    silent.countDown();
                    client.awaitClose();
                });
                var second = ScriptedServer.start(client -> {
                    client.welcome();
                    client.awaitClose();
                })) {
            PgConnectOptions options = first.options()
                    .hosts(List.of(new PgHost("127.0.0.1", first.port()), new PgHost("127.0.0.1", second.port())))
                    .connectTimeout(Duration.ofSeconds(25))
                    .build();
            var failure = new CompletableFuture<Throwable>();
            Thread caller = connect(ThreadKind.PLATFORM, options, failure);
            assertThat(silent.await(10, TimeUnit.SECONDS)).isTrue();
            caller.interrupt();
            assertThat(failure.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(QueryCancelledException.class)
                    .hasMessageContaining("interrupted while connecting to 127.0.0.1:" + first.port());
            assertThat(second.connections()).isZero();
        }
    }

    /** The server's rules refuse the login without encryption, and the interrupt comes while it is tried with it. */
    @Test
    void interruptOfTheSecondWayTellsWhyThereWasOne() throws Exception {
        var silent = new CountDownLatch(1);
        try (var server = ScriptedServer.startInTurn(
                client -> {
                    client.startup();
                    client.send(BackendMessages.errorResponse("FATAL", "28000", "no pg_hba.conf entry, no encryption"));
                    client.fin();
                },
                client -> {
                    client.sslRequest();
                    silent.countDown();
                    client.awaitClose();
                })) {
            PgConnectOptions options = server.options()
                    .sslMode(SslMode.ALLOW)
                    .connectTimeout(Duration.ofSeconds(25))
                    .build();
            var failure = new CompletableFuture<Throwable>();
            Thread caller = connect(ThreadKind.PLATFORM, options, failure);
            assertThat(silent.await(10, TimeUnit.SECONDS)).isTrue();
            caller.interrupt();
            Throwable interrupted = failure.get(20, TimeUnit.SECONDS);
            assertThat(interrupted).isInstanceOf(QueryCancelledException.class);
            assertThat(interrupted.getSuppressed())
                    .singleElement()
                    .satisfies(refused -> assertThat(refused).hasMessageContaining("no pg_hba.conf entry"));
        }
    }

    /** Connects in a thread of its own, which is not to succeed. */
    private static Thread connect(ThreadKind kind, PgConnectOptions options, CompletableFuture<Throwable> failure) {
        return kind.start(() -> {
            try {
                PgConnection.open(options).close();
                failure.complete(new AssertionError("connected"));
            } catch (Throwable e) {
                failure.complete(e);
            }
        });
    }

    private static void interrupt(ThreadKind kind, Silence silence) throws Exception {
        var silent = new CountDownLatch(1);
        var closed = new CountDownLatch(1);
        try (var server = ScriptedServer.start(client -> {
            silence.script.run(client);
            silent.countDown();
            try {
                client.awaitClose();
            } catch (IOException e) {
                closed.countDown();
            }
        })) {
            PgConnectOptions options = server.options()
                    .sslMode(silence.mode)
                    .connectTimeout(Duration.ofSeconds(25))
                    .build();
            var failure = new CompletableFuture<Throwable>();
            var flag = new AtomicBoolean();
            Thread caller = kind.start(() -> {
                try {
                    PgConnection.open(options).close();
                } catch (Throwable e) {
                    flag.set(Thread.currentThread().isInterrupted());
                    failure.complete(e);
                }
            });
            assertThat(silent.await(10, TimeUnit.SECONDS)).isTrue();
            caller.interrupt();
            assertThat(failure.get(20, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            QueryCancelledException.class,
                            e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT))
                    .hasMessageContaining("interrupted while connecting to 127.0.0.1:" + server.port());
            assertThat(flag).isTrue();
            assertThat(closed.await(20, TimeUnit.SECONDS))
                    .as("the socket is closed")
                    .isTrue();
        }
    }
}
