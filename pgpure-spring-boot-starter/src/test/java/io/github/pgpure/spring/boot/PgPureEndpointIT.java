package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class PgPureEndpointIT {

    private static final PostgresServer server = PostgresServer.shared();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(PgPureAutoConfiguration.class, PgPureEndpointAutoConfiguration.class))
            .withPropertyValues(
                    "pgpure.url=" + server.uri(),
                    "pgpure.pool.max-connections=2",
                    "management.endpoints.web.exposure.include=pgpure");

    @Test
    void isThereOnlyWhereExposed() {
        runner.withPropertyValues("management.endpoints.web.exposure.include=health")
                .run(context -> assertThat(context).doesNotHaveBean(PgPureEndpoint.class));
    }

    @Test
    void showsWhoHoldsAConnectionWithoutValues() {
        runner.run(context -> {
            PgPureEndpoint endpoint = context.getBean(PgPureEndpoint.class);
            PgPool pool = context.getBean(PgPool.class);
            try (PgConnection connection = pool.checkoutConnection()) {
                connection.fetch("select $1::text, 'secret literal'", "secret value");

                PgPureEndpoint.PoolDescriptor shown = endpoint.pools().pools().get("pgPool");

                assertThat(shown.name()).isEqualTo("pgpure");
                assertThat(shown.database()).isEqualTo(server.database());
                assertThat(shown.stats().activeConnections()).isOne();
                assertThat(shown.statementCacheSize()).isEqualTo(256);
                assertThat(shown.readStats()).isNull();
                assertThat(shown.connections()).first().satisfies(use -> {
                    assertThat(use.backendPid()).isEqualTo(connection.backendPid());
                    assertThat(use.holder()).isEqualTo(Thread.currentThread().getName());
                    assertThat(use.sql()).isEqualTo("select $1::text, ?");
                    assertThat(use.state()).isEqualTo(PgPureEndpoint.State.HELD);
                    assertThat(use.operation()).isZero();
                    assertThat(use.preparedStatements()).isOne();
                });
                assertThat(shown.toString()).doesNotContain("secret", server.password());
            }
            assertThat(endpoint.pool("pgPool").connections())
                    .isNotEmpty()
                    .allMatch(use -> use.state() == PgPureEndpoint.State.IDLE && use.holder() == null);
            assertThat(endpoint.pool("other")).isNull();
        });
    }

    @Test
    void evictsSuspendsAndResumes() {
        runner.run(context -> {
            PgPureEndpoint endpoint = context.getBean(PgPureEndpoint.class);
            PgPool pool = context.getBean(PgPool.class);
            int before = pool.fetchOne("select pg_backend_pid()").getInt(0);

            endpoint.change("pgPool", PgPureEndpoint.Action.SOFT_EVICT);

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> server.query("select count(*) from pg_stat_activity where pid = " + before)
                            .equals("0"));

            endpoint.change("pgPool", PgPureEndpoint.Action.SUSPEND);
            Thread caller = new Thread(() -> pool.execute("select 1"));
            caller.start();
            await().atMost(Duration.ofSeconds(20)).until(() -> pool.waitingTasks() == 1);
            endpoint.change("pgPool", PgPureEndpoint.Action.RESUME);
            caller.join(20_000);
            assertThat(caller.isAlive()).isFalse();
            assertThatThrownBy(() -> endpoint.change("other", PgPureEndpoint.Action.RESUME))
                    .isInstanceOf(InvalidEndpointRequestException.class)
                    .hasMessageContaining("pgPool");
            assertThatThrownBy(() -> endpoint.cancel("other", 1, 1))
                    .isInstanceOf(InvalidEndpointRequestException.class);
        });
    }
}
