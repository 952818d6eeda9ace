package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.AuthenticationMethod;
import io.github.pgpure.ChannelBinding;
import io.github.pgpure.Credentials;
import io.github.pgpure.CredentialsSupplier;
import io.github.pgpure.LoadBalanceHosts;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.SslMode;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolListener;
import io.github.pgpure.spring.DefaultPgObservationConvention;
import io.github.pgpure.spring.PgExceptionTranslator;
import io.github.pgpure.spring.PgObservationConvention;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.PgTransactionManager;
import io.github.pgpure.test.PostgresServer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.persistence.autoconfigure.PersistenceExceptionTranslationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

@ExtendWith(OutputCaptureExtension.class)
class PgPureAutoConfigurationIT {

    private static final String DATABASE = "pgpure_autoconfig";
    private static final PostgresServer server = PostgresServer.shared();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    PgPureAutoConfiguration.class, PersistenceExceptionTranslationAutoConfiguration.class))
            .withPropertyValues("pgpure.url=" + server.uri(DATABASE), "pgpure.pool.max-connections=2");

    @BeforeAll
    static void createDatabase() {
        server.createDatabase(DATABASE);
    }

    @AfterAll
    static void dropDatabase() {
        server.dropDatabase(DATABASE);
    }

    @Test
    void opensAPoolAndClosesItWithTheContext() {
        AtomicReference<PgPool> pool = new AtomicReference<>();
        runner.run(context -> {
            assertThat(context).hasSingleBean(PgPool.class).hasSingleBean(PgTemplate.class);
            pool.set(context.getBean(PgPool.class));
            assertThat(context.getBean(PgTemplate.class)
                            .fetchOne("select current_database()")
                            .getString(0))
                    .isEqualTo(DATABASE);
            assertThat(pool.get().maxConnections()).isEqualTo(2);
            assertThat(pool.get().isClosed()).isFalse();
        });
        assertThat(pool.get().isClosed()).isTrue();
    }

    @Test
    void connectsByPartsToo() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
                .withPropertyValues(
                        "pgpure.host=" + server.host(),
                        "pgpure.port=" + server.port(),
                        "pgpure.database=" + DATABASE,
                        "pgpure.username=" + server.username(),
                        "pgpure.password=" + server.password(),
                        "pgpure.pool.max-connections=1")
                .run(context -> assertThat(context.getBean(PgPool.class)
                                .fetchOne("select current_user")
                                .getString(0))
                        .isEqualTo(server.username()));
    }

    @Test
    void aBeanSuppliesTheCredentials() {
        runner.withPropertyValues("pgpure.username=nobody", "pgpure.password=wrong", "pgpure.database=" + DATABASE)
                .withBean(
                        CredentialsSupplier.class,
                        () -> host -> Credentials.ofPassword(server.username(), server.password()))
                .run(context -> assertThat(context.getBean(PgPool.class)
                                .fetchOne("select current_user")
                                .getString(0))
                        .isEqualTo(server.username()));
    }

    @Test
    void connectionSecurityReachesTheOptions() {
        runner.withPropertyValues(
                        "pgpure.require-auth=scram-sha-256",
                        "pgpure.channel-binding=disable",
                        "pgpure.load-balance-hosts=random",
                        "pgpure.keep-alive.idle=30s")
                .run(context -> {
                    PgConnectOptions connect = context.getBean(PgPool.class).connectOptions();
                    assertThat(connect.requireAuth()).containsExactly(AuthenticationMethod.SCRAM_SHA_256);
                    assertThat(connect.channelBinding()).isEqualTo(ChannelBinding.DISABLE);
                    assertThat(connect.loadBalanceHosts()).isEqualTo(LoadBalanceHosts.RANDOM);
                    assertThat(connect.keepAlive().idle()).isEqualTo(Duration.ofSeconds(30));
                });
    }

    @Test
    void partsOverrideTheUrl() {
        runner.withPropertyValues("pgpure.url=" + server.uri("not_this_one"), "pgpure.database=" + DATABASE)
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void settingsReachTheSessions() {
        runner.withPropertyValues(
                        "pgpure.application-name=from-properties",
                        "pgpure.connect-timeout=7s",
                        "pgpure.query-timeout=9s",
                        "pgpure.statement-cache-size=11",
                        "pgpure.startup-parameters.DateStyle=ISO",
                        "pgpure.startup-parameters.work_mem=7MB",
                        "pgpure.ssl.mode=prefer",
                        "pgpure.pool.name=orders",
                        "pgpure.pool.acquire-timeout=3s")
                .run(context -> {
                    PgPool pool = context.getBean(PgPool.class);
                    PgConnectOptions connect = pool.connectOptions();
                    assertThat(connect.connectTimeout()).isEqualTo(Duration.ofSeconds(7));
                    assertThat(connect.queryTimeout()).isEqualTo(Duration.ofSeconds(9));
                    assertThat(connect.statementCacheSize()).isEqualTo(11);
                    assertThat(connect.sslMode()).isEqualTo(SslMode.PREFER);
                    assertThat(pool.options().name()).isEqualTo("orders");
                    assertThat(pool.options().acquireTimeout()).isEqualTo(Duration.ofSeconds(3));
                    assertThat(pool.fetchOne("show application_name").getString(0))
                            .isEqualTo("from-properties");
                    assertThat(pool.fetchOne("show work_mem").getString(0)).isEqualTo("7MB");
                });
    }

    @Test
    void sessionsAreNamedAfterTheApplication() {
        runner.withPropertyValues("spring.application.name=box-office")
                .run(context -> assertThat(context.getBean(PgPool.class)
                                .fetchOne("show application_name")
                                .getString(0))
                        .isEqualTo("box-office"));
    }

    @Test
    void customizersHaveTheLastWord() {
        runner.withPropertyValues("pgpure.application-name=from-properties")
                .withBean(
                        PgConnectOptionsBuilderCustomizer.class,
                        () -> builder -> builder.applicationName("customized").startupParameter("DateStyle", "ISO"))
                .withBean(PgPoolOptionsBuilderCustomizer.class, () -> builder -> builder.maxConnections(3))
                .run(context -> {
                    PgPool pool = context.getBean(PgPool.class);
                    assertThat(pool.maxConnections()).isEqualTo(3);
                    assertThat(pool.fetchOne("show application_name").getString(0))
                            .isEqualTo("customized");
                });
    }

    @Test
    void poolListenersAreTold() {
        List<String> events = new CopyOnWriteArrayList<>();
        runner.withBean(PoolListener.class, () -> new PoolListener() {
                    @Override
                    public void acquired(int backendPid, long waitedNanos) {
                        events.add("acquired");
                    }

                    @Override
                    public void released(int backendPid, long usedNanos) {
                        events.add("released");
                    }
                })
                .run(context -> {
                    events.clear();
                    context.getBean(PgTemplate.class).execute("select 1");
                    assertThat(events).containsExactly("acquired", "released");
                });
    }

    @Test
    void operationsAndAcquiresAreObservedByTheApplicationsConvention() {
        List<Observation.Context> stopped = new CopyOnWriteArrayList<>();
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }

            @Override
            public void onStop(Observation.Context context) {
                stopped.add(context);
            }
        });
        runner.withBean(ObservationRegistry.class, () -> registry)
                .withBean(PgObservationConvention.class, () -> new DefaultPgObservationConvention() {
                    @Override
                    public String getName() {
                        return "shop.query";
                    }
                })
                .run(context -> context.getBean(PgTemplate.class).execute("select 1"));

        assertThat(stopped).extracting(Observation.Context::getName).containsExactly("pgpure.acquire", "shop.query");
    }

    @Test
    void anObservationHandlerMayNeedThePool() {
        // The registry is made after the pool, whose acquires it then observes: no circle.
        runner.withUserConfiguration(RegistryThatNeedsThePool.class)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(ObservationRegistry.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class RegistryThatNeedsThePool {
        @Bean
        ObservationRegistry observationRegistry(PgPool pool) {
            assertThat(pool.fetchOne("select 1").getInt(0)).isOne();
            return ObservationRegistry.create();
        }
    }

    @Test
    void slowStatementsAreLoggedWithoutValues(CapturedOutput output) {
        runner.withPropertyValues("pgpure.slow-query-threshold=2s").run(context -> {
            PgTemplate pg = context.getBean(PgTemplate.class);
            pg.execute("select 1 /* quick */");
            pg.fetch("select pg_sleep(2.5), 'secret literal', $1::text", "secret value");
            assertThat(output)
                    .contains("Slow statement")
                    .contains("select pg_sleep(?), ?, $1::text")
                    .doesNotContain("secret");
            assertThat(output.toString().split("Slow statement"))
                    .as("the quick one is not logged")
                    .hasSize(2);
        });
    }

    @Test
    void connectionDetailsTakeThePlaceOfTheProperties() {
        PgConnectOptions options = PgConnectOptions.parse(server.uri(DATABASE));
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
                .withPropertyValues("pgpure.url=postgresql://nowhere.invalid/x", "pgpure.pool.max-connections=1")
                .withBean(PgConnectionDetails.class, () -> () -> options)
                .run(context -> {
                    assertThat(context).doesNotHaveBean(PropertiesPgConnectionDetails.class);
                    assertThat(context.getBean(PgPool.class)
                                    .fetchOne("select 1")
                                    .getInt(0))
                            .isOne();
                });
    }

    @Test
    void backsOffForAnOwnPool() {
        PgPool own = PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder().maxConnections(1).build());
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
                .withBean("own", PgPool.class, () -> own)
                .run(context -> {
                    assertThat(context).hasSingleBean(PgPool.class).doesNotHaveBean(PgConnectionDetails.class);
                    assertThat(context.getBean(PgTemplate.class).pool()).isSameAs(own);
                });
        own.close();
    }

    @Test
    void anOwnTemplateReplacesTheConfiguredOne() {
        runner.withUserConfiguration(OwnTemplate.class)
                .run(context ->
                        assertThat(context).hasSingleBean(PgTemplate.class).hasBean("mine"));
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnTemplate {
        @Bean
        PgTemplate mine(PgPool pool) {
            return new PgTemplate(pool);
        }
    }

    @Test
    void aSecondPoolStaysASideShow() {
        runner.withConfiguration(AutoConfigurations.of(
                        PgTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class))
                .withUserConfiguration(SecondPool.class)
                .withPropertyValues("reporting.url=" + server.uri(DATABASE), "reporting.pool.max-connections=1")
                .run(context -> {
                    assertThat(context.getBeansOfType(PgPool.class)).containsOnlyKeys("pgPool", "reportingPool");
                    PgPool main = context.getBean("pgPool", PgPool.class);
                    PgPool reporting = context.getBean("reportingPool", PgPool.class);
                    assertThat(context.getBean(PgPool.class)).isSameAs(main);
                    assertThat(context.getBean(PgTemplate.class).pool()).isSameAs(main);
                    assertThat(context.getBean(PgTransactionManager.class).pool())
                            .isSameAs(main);
                    assertThat(reporting.maxConnections()).isOne();
                    Reports reports = context.getBean(Reports.class);
                    assertThat(reports.inTransactionOf(main)).isFalse();
                    assertThat(reports.inTransactionOf(reporting)).isTrue();
                });
    }

    /** As the guide shows it. */
    @Configuration(proxyBeanMethods = false)
    static class SecondPool {

        @Bean
        @ConfigurationProperties("reporting.pool")
        PgPoolProperties reportingPoolProperties() {
            return new PgPoolProperties();
        }

        @Bean(defaultCandidate = false)
        PgPool reportingPool(@Value("${reporting.url}") String url, PgPoolProperties reportingPoolProperties) {
            return PgPool.open(
                    PgConnectOptions.parse(url),
                    reportingPoolProperties.toBuilder().name("reporting").build());
        }

        @Bean(defaultCandidate = false)
        PgTemplate reportingTemplate(@Qualifier("reportingPool") PgPool pool) {
            return new PgTemplate(pool);
        }

        @Bean(defaultCandidate = false)
        PgTransactionManager reportingTransactionManager(@Qualifier("reportingPool") PgPool pool) {
            return new PgTransactionManager(pool);
        }

        @Bean
        Reports reports() {
            return new Reports();
        }
    }

    static class Reports {
        @Transactional("reportingTransactionManager")
        public boolean inTransactionOf(PgPool pool) {
            return PgTransactionManager.currentTransaction(pool).isPresent();
        }
    }

    @Test
    void repositoriesThrowSpringsExceptions() {
        runner.withBean(Entries.class).run(context -> {
            assertThat(context).hasSingleBean(PgExceptionTranslator.class);
            PgPool pool = context.getBean(PgPool.class);
            pool.execute("drop table if exists entry");
            pool.execute("create table entry (id int primary key)");
            Entries entries = context.getBean(Entries.class);
            entries.add(1);
            assertThatThrownBy(() -> entries.add(1))
                    .isInstanceOf(DuplicateKeyException.class)
                    .hasCauseInstanceOf(io.github.pgpure.UniqueViolationException.class);
        });
    }

    /** Works on the pool itself, whose exceptions are pgpure's own. */
    @Repository
    static class Entries {
        private final PgPool pool;

        Entries(PgPool pool) {
            this.pool = pool;
        }

        public void add(int id) {
            pool.execute("insert into entry values ($1)", id);
        }
    }
}
