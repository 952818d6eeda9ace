package io.github.pgpure.connection;

import static io.github.pgpure.test.BackendMessages.errorResponse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.LoadBalanceHosts;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgHost;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.test.BackendMessages;
import io.github.pgpure.test.PemFiles;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ScriptedClient;
import io.github.pgpure.test.ScriptedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several hosts, several addresses of one, and where their passwords come from. */
class HostsIT {

    private static final ScriptedServer.Script WELCOME = client -> {
        client.welcome();
        client.awaitClose();
    };

    @Test
    void randomOrderReachesAllHosts() throws IOException {
        try (var one = ScriptedServer.start(WELCOME);
                var two = ScriptedServer.start(WELCOME);
                var three = ScriptedServer.start(WELCOME)) {
            PgConnectOptions inOrder = one.options()
                    .hosts(List.of(host(one), host(two), host(three)))
                    .build();
            for (int i = 0; i < 5; i++) {
                PgConnection.open(inOrder).close();
            }
            assertThat(List.of(one.connections(), two.connections(), three.connections()))
                    .containsExactly(5, 0, 0);
            PgConnectOptions random = inOrder.toBuilder()
                    .loadBalanceHosts(LoadBalanceHosts.RANDOM)
                    .build();
            // A host that is never drawn in 90 attempts has a probability of 1e-15.
            for (int i = 0; i < 90; i++) {
                PgConnection.open(random).close();
            }
            assertThat(two.connections()).isPositive();
            assertThat(three.connections()).isPositive();
            assertThat(one.connections() + two.connections() + three.connections())
                    .isEqualTo(95);
        }
    }

    @Test
    void serverThatStartsUpIsPassedOverAndOneThatRefusesIsNot() throws IOException {
        try (var starting = ScriptedServer.start(client -> {
                    client.startup();
                    client.send(errorResponse("FATAL", "57P03", "the database system is starting up"));
                });
                var liar = ScriptedServer.start(client -> {
                    client.startup();
                    client.send(BackendMessages.authenticationCleartextPassword());
                    client.awaitClose();
                });
                var ready = ScriptedServer.start(WELCOME)) {
            PgConnection.open(ready.options()
                            .hosts(List.of(host(starting), host(ready)))
                            .build())
                    .close();
            assertThat(ready.connections()).isEqualTo(1);
            assertThatThrownBy(() -> PgConnection.open(ready.options()
                            .hosts(List.of(host(liar), host(ready)))
                            .build()))
                    .isInstanceOf(PgAuthenticationException.class);
            assertThat(ready.connections()).isEqualTo(1);
        }
    }

    /** localhost has two addresses on most machines; the server listens on one of them. */
    @Test
    void allAddressesOfAHostAreTried() throws IOException {
        InetAddress[] addresses = InetAddress.getAllByName("localhost");
        InetAddress last = addresses[addresses.length - 1];
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, last)) {
            port = free.getLocalPort();
        }
        assertThatThrownBy(() -> PgConnection.open(
                        PgConnectOptions.builder().host("localhost").port(port).build()))
                .isInstanceOfSatisfying(
                        PgConnectionException.class,
                        e -> assertThat(e.getSuppressed())
                                .as("one failure for each further address")
                                .hasSize(addresses.length > 1 ? 1 : 0));
    }

    @Test
    void hostaddrIsConnectedToWithoutResolution() {
        PostgresServer server = PostgresServer.embedded();
        PgConnectOptions options = PgConnectOptions.parse(server.uri()).toBuilder()
                .hosts(List.of(new PgHost("no-such-host.invalid", server.port(), "127.0.0.1")))
                .build();
        try (PgConnection connection = PgConnection.open(options)) {
            assertThatThrownBy(() ->
                            connection.fetch(Query.of("select pg_sleep(30)").timeout(Duration.ofMillis(50))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
    }

    @Test
    void passwordFileGivesEachHostItsOwn(@TempDir Path directory) throws IOException {
        try (var one = ScriptedServer.start(client -> {
                    client.startup();
                    client.send(errorResponse("FATAL", "57P03", "the database system is starting up"));
                });
                var two = ScriptedServer.start(client -> {
                    client.startup();
                    client.send(
                            BackendMessages.authenticationSASLFinal(client.scram()),
                            BackendMessages.authenticationOk());
                    client.ready();
                    client.serve();
                })) {
            Path file = PemFiles.write(
                    directory.resolve("pass"),
                    "127.0.0.1:" + one.port() + ":*:*:wrong\n127.0.0.1:" + two.port() + ":shop:ada:"
                            + ScriptedClient.PASSWORD + "\n",
                    "rw-------");
            PgConnectOptions options = one.options()
                    .hosts(List.of(host(one), host(two)))
                    .password(null)
                    .passFile(file)
                    .build();
            try (PgConnection connection = PgConnection.open(options)) {
                assertThat(connection.fetchOne("select name").getString(0)).isEqualTo("one");
            }
            assertThatThrownBy(() -> PgConnection.open(
                            options.toBuilder().password("given goes first").build()))
                    .isInstanceOf(PgAuthenticationException.class);
        }
    }

    private static PgHost host(ScriptedServer server) {
        return new PgHost("127.0.0.1", server.port());
    }
}
