package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.ReplicatedServers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.transaction.annotation.Transactional;

/** {@code @Transactional(readOnly = true)} on a real primary with a real standby. */
class PgReadRoutingIT {

    private static ReplicatedServers servers;

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    PgPureAutoConfiguration.class,
                    PgTransactionManagerAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    PgPureMetricsAutoConfiguration.class,
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    PgPureEndpointAutoConfiguration.class))
            .withBean(Service.class)
            .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
            .withPropertyValues("pgpure.pool.max-connections=2", "management.endpoints.web.exposure.include=pgpure");

    @BeforeAll
    static void start() {
        Assumptions.assumeTrue(
                ReplicatedServers.available(),
                "not run: no PostgreSQL with pg_basebackup is installed on this machine, so there is no standby");
        servers = new ReplicatedServers();
    }

    @AfterAll
    static void stop() {
        if (servers != null) {
            servers.close();
        }
    }

    private static String url() {
        return "postgresql://" + ReplicatedServers.USERNAME + "@127.0.0.1:" + servers.primaryPort() + ",127.0.0.1:"
                + servers.standbyPort() + "/postgres?target_session_attrs=primary";
    }

    @Test
    void readOnlyTransactionsRunOnTheStandbyWhereRoutingSaysSo() {
        runner.withPropertyValues("pgpure.url=" + url(), "pgpure.read-routing=prefer-standby")
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    service.create();
                    assertThat(service.where()).isEqualTo(servers.primaryPort() + " false");
                    await().atMost(Duration.ofSeconds(30))
                            .untilAsserted(() ->
                                    assertThat(service.whereReadOnly()).isEqualTo(servers.standbyPort() + " true"));
                    await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> service.count() == 1);
                    // A transaction that is under way decides, not the inner annotation.
                    assertThat(service.whereReadOnlyInside(service)).isEqualTo(servers.primaryPort() + " false");

                    assertThat(context.getBean(MeterRegistry.class)
                                    .get("pgpure.connections.acquire")
                                    .tag("pool", "pgpure-read")
                                    .functionTimer()
                                    .count())
                            .isPositive();
                    PgPureEndpoint.PoolDescriptor shown =
                            context.getBean(PgPureEndpoint.class).pool("pgPool");
                    assertThat(shown.readStats()).isNotNull();
                    assertThat(shown.connections())
                            .anyMatch(connection -> connection.host().endsWith(":" + servers.standbyPort()))
                            .anyMatch(connection -> connection.host().endsWith(":" + servers.primaryPort()));
                });
    }

    @Test
    void withoutRoutingTheyStayOnThePrimary() {
        runner.withPropertyValues("pgpure.url=" + url()).run(context -> {
            assertThat(context.getBean(Service.class).whereReadOnly()).isEqualTo(servers.primaryPort() + " false");
            assertThat(context.getBean(PgPool.class).readStats()).isEmpty();
        });
    }

    static class Service {
        private static final String WHERE = "select inet_server_port() || ' ' || pg_is_in_recovery()";

        private final PgTemplate pg;

        Service(PgTemplate pg) {
            this.pg = pg;
        }

        @Transactional
        public void create() {
            pg.execute("create table if not exists routed (id int)");
            pg.execute("delete from routed");
            pg.execute("insert into routed values (1)");
        }

        @Transactional
        public String where() {
            return pg.fetchOne(WHERE).getString(0);
        }

        @Transactional(readOnly = true)
        public String whereReadOnly() {
            return pg.fetchOne(WHERE).getString(0);
        }

        @Transactional
        public String whereReadOnlyInside(Service self) {
            return self.whereReadOnly();
        }

        @Transactional(readOnly = true)
        public long count() {
            return pg.fetchOne("select count(*) from routed").getLong(0);
        }
    }
}
