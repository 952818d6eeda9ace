package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgTimeoutException;
import io.github.pgpure.Query;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultTable;
import io.github.pgpure.test.NetworkNamespace;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A route on which packets vanish: the kernel's own TCP, not a proxy that plays it. */
@Tag("fault")
@Timeout(180)
class PoolBlackHoleIT {

    private static final String FAULT = "route of 10 connections becomes a black hole, in a network namespace";

    @Test
    void callsAndConnectsEndAtTheirDeadlinesAndThePoolIsBackWithTheRoute() throws Exception {
        assumeTrue(FaultTable.canRun(
                5, FAULT, NetworkNamespace.available(), "the privilege to make one, or the program ip"));
        try (PostgresServer server = PostgresServer.start("listen_addresses=*");
                NetworkNamespace network = new NetworkNamespace(server);
                PoolFixture fixture = new PoolFixture(server)) {
            PgConnectOptions.Builder options =
                    fixture.connectOptions().host(network.host()).port(network.port());
            try (PgPool pool =
                    PgPool.open(options.build(), fixture.options(10, 10).build())) {
                await().until(() -> pool.idleConnections() == 10);
                network.blackHole();
                long longest = 0;
                List<CompletableFuture<Long>> calls = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    calls.add(CompletableFuture.supplyAsync(
                            () -> callOfHalfASecond(pool), task -> new Thread(task).start()));
                }
                for (CompletableFuture<Long> call : calls) {
                    longest = Math.max(longest, call.get(30, TimeUnit.SECONDS));
                }
                long begin = System.nanoTime();
                PgConnectOptions patient =
                        options.connectTimeout(Duration.ofSeconds(1)).build();
                assertThatThrownBy(() -> PgConnection.open(patient)).isInstanceOf(PgConnectionException.class);
                long connect = (System.nanoTime() - begin) / 1_000_000;
                network.heal();
                long healed = System.nanoTime();
                assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
                long success = (System.nanoTime() - healed) / 1_000_000;
                FaultTable.record(
                        5,
                        FAULT,
                        "calls with 500 ms end after %d ms at most, a connect with 1000 ms after %d ms; success %d ms after the route is"
                                + " back",
                        longest,
                        connect,
                        success);
                assertThat(longest).isBetween(450L, 1_500L);
                assertThat(connect).isBetween(900L, 2_500L);
                assertThat(success).isLessThan(10_000);
                await().until(() -> pool.idleConnections() == 10);
            }
        }
    }

    private static long callOfHalfASecond(PgPool pool) {
        long called = System.nanoTime();
        assertThatThrownBy(() -> pool.fetchOne(Query.of("select 1").timeout(Duration.ofMillis(500))))
                .isInstanceOf(PgTimeoutException.class);
        return (System.nanoTime() - called) / 1_000_000;
    }
}
