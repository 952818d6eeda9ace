package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.PgTransactionManager;
import io.github.pgpure.test.PostgresServer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurationImportSelector;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.AnnotationAttributes;
import org.springframework.core.type.AnnotationMetadata;

/** Health and meters. */
class PgPureActuatorIT {

    private static final PostgresServer server = PostgresServer.shared();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    PgPureAutoConfiguration.class,
                    PgPureHealthContributorAutoConfiguration.class,
                    PgPureMetricsAutoConfiguration.class,
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class))
            .withPropertyValues("pgpure.url=" + server.uri(), "pgpure.pool.max-connections=2");

    @Test
    void healthTellsServerDatabaseRoleAndPool() {
        runner.run(context -> {
            Health health = context.getBean("pgpureHealthContributor", HealthIndicator.class)
                    .health();

            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails())
                    .containsEntry("database", server.database())
                    .containsEntry("role", "primary");
            assertThat(health.getDetails().get("serverVersion").toString()).startsWith(server.version());
            assertThat(health.getDetails().get("pool"))
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                    .containsEntry("name", "pgpure")
                    .containsEntry("max", 2)
                    .containsEntry("pending", 0)
                    .containsKeys("active", "idle");
        });
    }

    @Test
    void healthIsDownWithinItsTimeoutWhenThePoolIsExhausted() {
        runner.run(context -> {
            PgPool pool = context.getBean(PgPool.class);
            try (PgConnection first = pool.checkoutConnection();
                    PgConnection second = pool.checkoutConnection()) {
                assertThat(first.backendPid()).isNotEqualTo(second.backendPid());
                long startNanos = System.nanoTime();
                Health health = context.getBean("pgpureHealthContributor", HealthIndicator.class)
                        .health();

                assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                assertThat(System.nanoTime() - startNanos).isLessThan(TimeUnit.SECONDS.toNanos(8));
                assertThat(health.getDetails()).containsKeys("error", "pool");
                assertThat(health.toString()).doesNotContain(server.password());
            }
        });
    }

    @Test
    void healthIsDownWhenTheServerIsGone() {
        try (PostgresServer own = PostgresServer.start()) {
            runner.withPropertyValues("pgpure.url=" + own.uri()).run(context -> {
                HealthIndicator indicator = context.getBean("pgpureHealthContributor", HealthIndicator.class);
                assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
                own.stop();
                assertThat(indicator.health().getStatus()).isEqualTo(Status.DOWN);
            });
        }
    }

    @Test
    void severalPoolsAreTheComponentsParts() {
        runner.withUserConfiguration(SecondPool.class).run(context -> {
            HealthContributor contributor = context.getBean("pgpureHealthContributor", HealthContributor.class);

            assertThat(contributor).isInstanceOf(CompositeHealthContributor.class);
            assertThat(((CompositeHealthContributor) contributor)
                            .stream().map(entry -> entry.name()).collect(Collectors.toSet()))
                    .containsExactlyInAnyOrder("pgPool", "reportingPool");
        });
    }

    @Test
    void healthCanBeSwitchedOff() {
        runner.withPropertyValues("management.health.pgpure.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean("pgpureHealthContributor"));
    }

    /** As an application does it, whose auto-configurations are left out before they are loaded. */
    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withUserConfiguration(Application.class)
            .withPropertyValues("pgpure.url=" + server.uri(), "pgpure.pool.max-connections=1");

    @EnableAutoConfiguration(
            exclude = {
                DataSourceAutoConfiguration.class,
                HibernateJpaAutoConfiguration.class,
                FlywayAutoConfiguration.class,
                LiquibaseAutoConfiguration.class
            })
    static class Application {}

    /** Our auto-configurations and what they build on, imported as an application imports them. */
    static class OwnAutoConfigurations extends AutoConfigurationImportSelector {

        @Override
        protected AnnotationAttributes getAttributes(AnnotationMetadata metadata) {
            return new AnnotationAttributes(Map.of("exclude", new String[0], "excludeName", new String[0]));
        }

        @Override
        protected List<String> getCandidateConfigurations(
                AnnotationMetadata metadata, AnnotationAttributes attributes) {
            return super.getCandidateConfigurations(metadata, attributes).stream()
                    .filter(name -> name.startsWith("io.github.pgpure")
                            || name.startsWith("org.springframework.boot.transaction")
                            || name.startsWith("org.springframework.boot.persistence"))
                    .toList();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(OwnAutoConfigurations.class)
    static class OwnApplication {}

    @Test
    void anApplicationHasHealthAndMeters() {
        application.run(context ->
                assertThat(context).hasBean("pgpureHealthContributor").hasBean("pgpureMeterBinder"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.springframework.boot.health",
                "org.springframework.boot.actuate",
                "io.micrometer.core",
                "org.springframework.boot.micrometer",
                "org.springframework.jdbc",
                "tools.jackson",
                "org.testcontainers",
                "org.springframework.boot.testcontainers",
                "org.springframework.boot.docker",
                "io.zonky.test",
                "org.springframework.boot.hibernate",
                "org.postgresql",
                "jakarta.persistence",
                "org.springframework.web",
                "org.springframework.boot.web.server",
                "org.springframework.test",
                "org.junit"
            })
    void worksWithoutAnOptionalDependency(String packageName) {
        new ApplicationContextRunner()
                .withUserConfiguration(OwnApplication.class)
                .withPropertyValues("pgpure.url=" + server.uri(), "pgpure.pool.max-connections=1")
                .withClassLoader(new FilteredClassLoader(packageName))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(PgPool.class)
                        .hasSingleBean(PgTemplate.class)
                        .hasSingleBean(PgTransactionManager.class));
    }

    @Test
    void metersAreNamedLikeHikarisAndFollowThePool() {
        runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new).run(context -> {
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            PgPool pool = context.getBean(PgPool.class);
            TreeSet<String> names = new TreeSet<>();
            registry.getMeters().stream()
                    .filter(meter -> "pgpure".equals(meter.getId().getTag("pool")))
                    .forEach(meter -> names.add(meter.getId().getName()));
            assertThat(names)
                    .containsExactly(
                            "pgpure.connections",
                            "pgpure.connections.acquire",
                            "pgpure.connections.active",
                            "pgpure.connections.creation",
                            "pgpure.connections.idle",
                            "pgpure.connections.max",
                            "pgpure.connections.min",
                            "pgpure.connections.pending",
                            "pgpure.connections.shared",
                            "pgpure.connections.timeout",
                            "pgpure.connections.usage");
            assertThat(registry.get("pgpure.connections.max").gauge().value()).isEqualTo(2);
            assertThat(registry.get("pgpure.connections.active").gauge().value())
                    .isZero();
            double acquiredBefore =
                    registry.get("pgpure.connections.acquire").functionTimer().count();
            try (PgConnection connection = pool.checkoutConnection()) {
                assertThat(connection.ready()).isTrue();
                assertThat(registry.get("pgpure.connections.active").gauge().value())
                        .isOne();
            }
            assertThat(registry.get("pgpure.connections.active").gauge().value())
                    .isZero();
            assertThat(registry.get("pgpure.connections.acquire")
                            .functionTimer()
                            .count())
                    .isEqualTo(acquiredBefore + 1);
            assertThat(registry.get("pgpure.connections.usage").functionTimer().totalTime(TimeUnit.NANOSECONDS))
                    .isPositive();
            assertThat(registry.get("pgpure.connections.creation")
                            .functionTimer()
                            .count())
                    .isPositive();
        });
    }

    @Test
    void metersHaveOpenTelemetrysNamesToo() {
        runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new).run(context -> {
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            try (PgConnection connection = context.getBean(PgPool.class).checkoutConnection()) {
                assertThat(connection.ready()).isTrue();
                assertThat(registry.get("db.client.connection.count")
                                .tag("db.client.connection.state", "used")
                                .tag("db.client.connection.pool.name", "pgpure")
                                .gauge()
                                .value())
                        .isOne();
            }
            assertThat(registry.get("db.client.connection.max").gauge().value()).isEqualTo(2);
            assertThat(registry.get("db.client.connection.pending_requests")
                            .gauge()
                            .value())
                    .isZero();
            assertThat(registry.get("db.client.connection.timeouts")
                            .functionCounter()
                            .count())
                    .isZero();
            assertThat(registry.get("db.client.connection.create_time")
                            .functionTimer()
                            .count())
                    .isPositive();
            assertThat(registry.get("db.client.connection.wait_time")
                            .functionTimer()
                            .count())
                    .isPositive();
            assertThat(registry.get("db.client.connection.use_time")
                            .functionTimer()
                            .count())
                    .isPositive();
        });
    }

    @Test
    void metersCountTheStatementsOnSharedConnections() {
        runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new).run(context -> {
            PgPool pool = context.getBean(PgPool.class);
            FunctionCounter shared = context.getBean(MeterRegistry.class)
                    .get("pgpure.connections.shared")
                    .functionCounter();
            FunctionCounter likeOpenTelemetry = context.getBean(MeterRegistry.class)
                    .get("db.client.connection.shared_statements")
                    .tag("db.client.connection.pool.name", "pgpure")
                    .functionCounter();
            assertThat(shared.count()).isZero();
            var enough = new AtomicBoolean();
            ExecutorService callers = Executors.newFixedThreadPool(16);
            try {
                for (int i = 0; i < 16; i++) {
                    callers.execute(() -> {
                        while (!enough.get()) {
                            pool.fetchOne("select 1");
                        }
                    });
                }
                await().atMost(Duration.ofSeconds(30)).until(() -> shared.count() > 100);
            } finally {
                enough.set(true);
                callers.shutdown();
            }
            assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            assertThat(shared.count()).isEqualTo(pool.stats().sharedStatements());
            assertThat(likeOpenTelemetry.count()).isEqualTo(shared.count());
        });
    }

    @Test
    void metersTellTheConnectionsForReadsApart() {
        runner.withPropertyValues("pgpure.read-routing=prefer-standby")
                .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .run(context -> {
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    assertThat(registry.get("pgpure.connections.max")
                                    .tag("pool", "pgpure-read")
                                    .gauge()
                                    .value())
                            .isEqualTo(2);
                    assertThat(registry.get("db.client.connection.max")
                                    .tag("db.client.connection.pool.name", "pgpure-read")
                                    .gauge()
                                    .value())
                            .isEqualTo(2);
                });
    }

    @Test
    void metersOfASecondPoolHaveItsName() {
        runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .withUserConfiguration(SecondPool.class)
                .run(context -> {
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    assertThat(registry.get("pgpure.connections.max")
                                    .tag("pool", "pgpure")
                                    .gauge()
                                    .value())
                            .isEqualTo(2);
                    assertThat(registry.get("pgpure.connections.max")
                                    .tag("pool", "reporting")
                                    .gauge()
                                    .value())
                            .isOne();
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class SecondPool {
        @Bean(defaultCandidate = false)
        PgPool reportingPool() {
            return PgPool.open(
                    PgConnectOptions.parse(server.uri()),
                    PgPoolOptions.builder().maxConnections(1).name("reporting").build());
        }
    }
}
