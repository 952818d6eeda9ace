package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.LoadBalanceHosts;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgHost;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.ScriptedServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool with {@code load_balance_hosts=random} spreads its connections. */
@Timeout(60)
class PoolLoadBalanceTests {

    private static final int CONNECTIONS = 40;

    private static final ScriptedServer.Script SERVER = client -> {
        client.welcome();
        client.serve();
    };

    @Test
    void connectionsGoToAllHosts() throws IOException {
        try (var one = ScriptedServer.start(SERVER);
                var two = ScriptedServer.start(SERVER)) {
            PgConnectOptions options = one.options()
                    .hosts(List.of(new PgHost("127.0.0.1", one.port()), new PgHost("127.0.0.1", two.port())))
                    .loadBalanceHosts(LoadBalanceHosts.RANDOM)
                    .build();
            try (PgPool pool = PgPool.open(
                    options,
                    PgPoolOptions.builder()
                            .maxConnections(CONNECTIONS)
                            .minIdle(0)
                            .build())) {
                List<PgConnection> connections = new ArrayList<>();
                for (int i = 0; i < CONNECTIONS; i++) {
                    connections.add(pool.checkoutConnection());
                }
                connections.forEach(PgConnection::close);
            }
            // One host alone has a probability of 2 to the power of -39.
            assertThat(one.connections()).isPositive();
            assertThat(two.connections()).isPositive();
        }
    }
}
