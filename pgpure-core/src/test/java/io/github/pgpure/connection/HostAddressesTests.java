package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.bindComplete;
import static io.github.pgpure.test.BackendMessages.errorResponse;
import static io.github.pgpure.test.BackendMessages.readyForQuery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.SslMode;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.test.BackendMessages;
import io.github.pgpure.test.ScriptedServer;
import io.github.pgpure.test.ThreadKind;
import io.github.pgpure.transport.AddressResolver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The addresses behind a host's name: asked for anew at each connect, within its one deadline, and tried one after the other. The server listens on
 * 127.0.0.1; 127.0.0.2 is its other address.
 */
@Timeout(30)
class HostAddressesTests {

    private static final String NAME = "db.example";

    private final AtomicInteger lookups = new AtomicInteger();
    private final CountDownLatch testEnds = new CountDownLatch(1);
    private ScriptedServer server;

    @BeforeEach
    void start() throws IOException {
        server = ScriptedServer.start(client -> {
            client.welcome();
            client.serve();
        });
    }

    @AfterEach
    void stop() throws IOException {
        testEnds.countDown();
        server.close();
    }

    @Test
    void resolverThatDoesNotAnswerCostsTheConnectTimeout() {
        long start = System.nanoTime();
        var failure = catchThrowableOfType(
                PgConnectionException.class,
                () -> open(options(300), name -> {
                    testEnds.await();
                    return addresses("127.0.0.1");
                }));
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(300), Duration.ofSeconds(10));
        assertThat(failure)
                .hasMessageContaining("the name " + NAME + " was not resolved within 300 ms")
                .hasMessageContaining(NAME + ":" + server.port());
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(server.connections()).isZero();
    }

    @Test
    void timeOfTheResolverIsTakenFromTheOthers() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> open(options(4_000, silent.getLocalPort()), name -> {
                        testEnds.await(3_000, TimeUnit.MILLISECONDS);
                        return addresses("127.0.0.1");
                    }))
                    .isInstanceOf(PgConnectionException.class)
                    .hasMessageContaining("4000 ms");
            // With a deadline for each it would be 7000.
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(4_000), Duration.ofMillis(6_500));
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void interruptEndsTheWaitForTheResolver(ThreadKind kind) throws Exception {
        var asked = new CountDownLatch(1);
        var failure = new CompletableFuture<Throwable>();
        var flag = new AtomicReference<Boolean>();
        Thread caller = kind.start(() -> {
            try {
                open(options(20_000), name -> {
                            asked.countDown();
                            testEnds.await();
                            return addresses("127.0.0.1");
                        })
                        .close();
            } catch (Throwable e) {
                flag.set(Thread.currentThread().isInterrupted());
                failure.complete(e);
            }
        });
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        caller.interrupt();
        assertThat(failure.get(20, TimeUnit.SECONDS)).isInstanceOf(QueryCancelledException.class);
        assertThat(flag.get()).isTrue();
    }

    @Test
    void addressThatRefusesIsPassedOver() {
        try (PgConnection connection = open(options(10_000), name -> addresses("127.0.0.2", "127.0.0.1"))) {
            assertThat(connection.fetchOne("select name").getString(0)).isEqualTo("one");
        }
        var failure = catchThrowableOfType(
                PgConnectionException.class, () -> open(options(10_000), name -> addresses("127.0.0.2", "127.0.0.3")));
        assertThat(failure.getSuppressed()).hasSize(1);
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void addressWherePacketsVanishLeavesTimeForTheNext() throws IOException {
        try (var hole = BlackHole.at("127.0.0.2", server.port())) {
            long start = System.nanoTime();
            try (PgConnection connection = open(options(4_000), name -> addresses("127.0.0.2", "127.0.0.1"))) {
                assertThat(connection.fetchOne("select name").getString(0)).isEqualTo("one");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(2_000), Duration.ofMillis(4_000));
            start = System.nanoTime();
            assertThatThrownBy(() -> open(options(1_200), name -> addresses("127.0.0.2", "127.0.0.2", "127.0.0.2")))
                    .isInstanceOf(PgConnectionException.class);
            // With a deadline for each it would be 3600.
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(1_200), Duration.ofMillis(3_400));
        }
    }

    /** The kernel takes the connection, and nobody behind it says a word. */
    @ParameterizedTest
    @EnumSource(
            value = SslMode.class,
            names = {"DISABLE", "ALLOW", "PREFER", "REQUIRE"})
    void addressThatIsSilentLeavesTimeForTheNext(SslMode mode) throws IOException {
        try (var silent = new ServerSocket(server.port(), 5, InetAddress.getByName("127.0.0.2"))) {
            PgConnectOptions options = options(4_000).toBuilder().sslMode(mode).build();
            if (mode == SslMode.REQUIRE) {
                long start = System.nanoTime();
                assertThatThrownBy(() -> open(options, name -> addresses("127.0.0.2", "127.0.0.1")))
                        .hasMessageContaining("does not accept encrypted connections")
                        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(4_000));
            } else {
                try (PgConnection connection = open(options, name -> addresses("127.0.0.2", "127.0.0.1"))) {
                    assertThat(connection.fetchOne("select name").getString(0)).isEqualTo("one");
                }
            }
            assertThat(silent.isBound()).isTrue();
        }
    }

    @Test
    void severalSilentAddressesShareTheTime() throws IOException {
        try (var silent = new ServerSocket(server.port(), 5, InetAddress.getByName("127.0.0.2"))) {
            long start = System.nanoTime();
            var failure = catchThrowableOfType(
                    PgConnectionException.class,
                    () -> open(options(1_200), name -> addresses("127.0.0.2", "127.0.0.2", "127.0.0.2")));
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(1_200), Duration.ofMillis(3_400));
            assertThat(failure).hasMessageContaining("no answer within 1200 ms");
            assertThat(failure.getSuppressed())
                    .singleElement()
                    .satisfies(second -> assertThat(second.getSuppressed())
                            .singleElement()
                            .satisfies(first -> assertThat(first)
                                    .as("a third of it, or of what was left by then")
                                    .hasMessageMatching(".*no answer within (?:[1-3]?\\d{1,2}|400) ms.*")));
            assertThat(silent.isBound()).isTrue();
        }
    }

    /** It has said something: then it is alive, and may take its time. */
    @Test
    void addressThatAnswersSlowlyHasAllOfTheTime() throws IOException {
        try (var slow = ScriptedServer.start(client -> {
            client.startup();
            client.send(BackendMessages.authenticationOk());
            testEnds.await(2_400, TimeUnit.MILLISECONDS);
            client.ready();
            client.serve();
        })) {
            open(options(4_000, slow.port()), name -> addresses("127.0.0.1", "127.0.0.3"))
                    .close();
            assertThat(slow.connections()).isEqualTo(1);
        }
    }

    @Test
    void nameIsResolvedAnewAtEachConnect() {
        AddressResolver.Lookup moving = name -> switch (lookups.incrementAndGet()) {
            case 1 -> addresses("127.0.0.2");
            case 2 -> throw new UnknownHostException(name);
            default -> addresses("127.0.0.1");
        };
        Connector connector = connector(options(10_000), moving::allByName);
        assertThatThrownBy(connector::open)
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("refused");
        assertThatThrownBy(connector::open)
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("the host name " + NAME + " could not be resolved");
        connector.open().close();
        connector.open().close();
        assertThat(lookups).hasValue(4);
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void cancelRequestGoesToTheSessionsAddressWhereverTheNameLeadsByThen() throws IOException {
        var cancelled = new AtomicReference<ScriptedServer>();
        try (var slow = ScriptedServer.start(client -> {
            client.welcome();
            client.skipTo('S');
            client.send(
                    io.github.pgpure.test.BackendMessages.parseComplete(),
                    io.github.pgpure.test.BackendMessages.parameterDescription(),
                    io.github.pgpure.test.BackendMessages.rowDescription("name"),
                    readyForQuery('I'));
            client.skipTo('S');
            Awaitility.await().until(() -> cancelled.get().cancelRequests() > 0);
            client.send(bindComplete(), errorResponse("ERROR", "57014", "cancelled"), readyForQuery('I'));
            client.serve();
        })) {
            cancelled.set(slow);
            var connection = open(
                    options(10_000, slow.port()),
                    name -> lookups.incrementAndGet() == 1
                            ? addresses("127.0.0.2", "127.0.0.1")
                            : addresses("127.0.0.3"));
            try (connection) {
                assertThatThrownBy(
                                () -> connection.fetch(Query.of("select name").timeout(Duration.ofSeconds(1))))
                        .isInstanceOf(QueryTimeoutException.class);
                assertThat(connection.fetchOne("select name").getString(0)).isEqualTo("one");
            }
            assertThat(lookups).hasValue(1);
            assertThat(slow.cancelRequests()).as("repeated until it has helped").isPositive();
        }
    }

    /** Accepts no connection and refuses none: its queue is full, so that whoever knocks gets no answer. */
    private record BlackHole(ServerSocket listener, List<Socket> knocking) implements AutoCloseable {

        static BlackHole at(String address, int port) throws IOException {
            var hole = new BlackHole(new ServerSocket(port, 1, InetAddress.getByName(address)), new ArrayList<>());
            boolean full = false;
            for (int i = 0; i < 20 && !full; i++) {
                Socket socket = new Socket();
                hole.knocking.add(socket);
                try {
                    socket.connect(new InetSocketAddress(address, port), 200);
                } catch (SocketTimeoutException e) {
                    full = true;
                }
            }
            if (!full) {
                hole.close();
            }
            assumeThat(full)
                    .as("this system answers connections beyond a full queue, so nothing can be made to vanish")
                    .isTrue();
            return hole;
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : knocking) {
                socket.close();
            }
            listener.close();
        }
    }

    /** A look-up that may wait. */
    private interface SlowLookup {
        InetAddress[] allByName(String host) throws UnknownHostException, InterruptedException;
    }

    private static Connector connector(PgConnectOptions options, SlowLookup lookup) {
        AddressResolver.Lookup patient = name -> {
            assertThat(name).isEqualTo(NAME);
            try {
                return lookup.allByName(name);
            } catch (InterruptedException e) {
                throw new UnknownHostException("interrupted");
            }
        };
        return new Connector(options, new TypeRegistry(), new AddressResolver(Workers.executor(), patient));
    }

    private static PgConnection open(PgConnectOptions options, SlowLookup lookup) {
        return connector(options, lookup).open().connection(Session::close);
    }

    private PgConnectOptions options(int timeoutMillis) {
        return options(timeoutMillis, server.port());
    }

    private PgConnectOptions options(int timeoutMillis, int port) {
        return server.options()
                .host(NAME)
                .port(port)
                .connectTimeout(Duration.ofMillis(timeoutMillis))
                .build();
    }

    private static InetAddress[] addresses(String... literals) throws UnknownHostException {
        InetAddress[] addresses = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            addresses[i] = InetAddress.getByAddress(
                    NAME, InetAddress.getByName(literals[i]).getAddress());
        }
        return addresses;
    }
}
