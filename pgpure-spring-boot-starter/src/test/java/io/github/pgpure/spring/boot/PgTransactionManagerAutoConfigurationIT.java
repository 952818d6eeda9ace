package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.PgTransactionManager;
import io.github.pgpure.test.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizer;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The two modes of the transaction manager: alone it is the default, beside JDBC it leaves that one the default. */
class PgTransactionManagerAutoConfigurationIT {

    private static final String DATABASE = "pgpure_modes";
    private static final PostgresServer server = PostgresServer.shared();

    private final ApplicationContextRunner alone = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    PgPureAutoConfiguration.class,
                    PgTransactionManagerAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    TransactionManagerCustomizationAutoConfiguration.class,
                    TransactionAutoConfiguration.class))
            .withPropertyValues("pgpure.url=" + server.uri(DATABASE), "pgpure.pool.max-connections=3");

    private final ApplicationContextRunner besideJdbc =
            alone.withBean(DataSource.class, PgTransactionManagerAutoConfigurationIT::dataSource);

    /** By their names alone, since they are not on the class path here. */
    @Test
    void comesAfterTheManagersOfR2dbcAndNeo4j() {
        assertThat(PgTransactionManagerAutoConfiguration.class
                        .getAnnotation(AutoConfiguration.class)
                        .afterName())
                .contains(
                        "org.springframework.boot.r2dbc.autoconfigure.R2dbcTransactionManagerAutoConfiguration",
                        "org.springframework.boot.data.neo4j.autoconfigure.DataNeo4jAutoConfiguration");
    }

    @BeforeAll
    static void createDatabase() throws Exception {
        server.createDatabase(DATABASE);
        try (var connection = server.adminConnection(DATABASE);
                var statement = connection.createStatement()) {
            statement.execute("create table entry (name text primary key)");
            statement.execute("grant all on entry to public");
        }
    }

    @AfterAll
    static void dropDatabase() {
        server.dropDatabase(DATABASE);
    }

    private static DataSource dataSource() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {server.host()});
        dataSource.setPortNumbers(new int[] {server.port()});
        dataSource.setDatabaseName(DATABASE);
        dataSource.setUser(server.username());
        dataSource.setPassword(server.password());
        return dataSource;
    }

    @Test
    void aloneItIsTheDefault() {
        alone.withBean(Service.class).run(context -> {
            assertThat(context).hasSingleBean(TransactionManager.class).hasSingleBean(TransactionTemplate.class);
            assertThat(context.getBean(PlatformTransactionManager.class)).isInstanceOf(PgTransactionManager.class);
            Service service = context.getBean(Service.class);
            assertRollsBackAndCommits(service, "alone");
        });
    }

    @Test
    void aloneItNeedsNoJdbcOnTheClassPath() {
        alone.withBean(Service.class)
                .withClassLoader(new FilteredClassLoader("org.springframework.jdbc", "org.springframework.boot.jdbc"))
                .run(context -> {
                    assertThat(context.getBean(PlatformTransactionManager.class))
                            .isInstanceOf(PgTransactionManager.class);
                    assertRollsBackAndCommits(context.getBean(Service.class), "no-jdbc");
                });
    }

    @Test
    void besideJdbcTheDefaultStaysJdbcs() {
        besideJdbc.withBean(Service.class).withBean(JdbcService.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBeansOfType(TransactionManager.class))
                    .containsOnlyKeys("transactionManager", "pgTransactionManager");
            assertThat(context.getBean(PlatformTransactionManager.class)).isInstanceOf(JdbcTransactionManager.class);

            JdbcService jdbc = context.getBean(JdbcService.class);
            assertThatThrownBy(() -> jdbc.addAndFail("jdbc")).isInstanceOf(IllegalStateException.class);
            assertThat(count("jdbc")).isZero();
            jdbc.add("jdbc");
            assertThat(count("jdbc")).isOne();
            // Its transaction is JDBC's: the template is not in it.
            assertThat(jdbc.templateJoins()).isFalse();
        });
    }

    @Test
    void besideJdbcItIsReachedByItsName() {
        besideJdbc.withBean(NamedService.class).run(context -> {
            NamedService service = context.getBean(NamedService.class);
            assertThatThrownBy(() -> service.addAndFail("named")).isInstanceOf(IllegalStateException.class);
            assertThat(count("named")).isZero();
            service.add("named");
            assertThat(count("named")).isOne();
            assertThat(service.templateJoins()).isTrue();
        });
    }

    @Test
    void backsOffForAnOwnManager() {
        alone.withUserConfiguration(OwnManager.class)
                .run(context -> assertThat(context)
                        .hasSingleBean(TransactionManager.class)
                        .hasBean("mine"));
    }

    @Test
    void anApplicationsOwnOtherManagerStaysTheDefault() {
        alone.withBean("ledger", PlatformTransactionManager.class, () -> new JdbcTransactionManager(dataSource()))
                .run(context -> {
                    assertThat(context.getBean(PlatformTransactionManager.class))
                            .isInstanceOf(JdbcTransactionManager.class);
                    assertThat(context.getBean("pgTransactionManager")).isInstanceOf(PgTransactionManager.class);
                });
    }

    @Test
    void customizersAndPropertiesApplyInBothModes() {
        for (ApplicationContextRunner runner : List.of(alone, besideJdbc)) {
            runner.withPropertyValues(
                            "spring.transaction.default-timeout=17s",
                            "spring.transaction.rollback-on-commit-failure=true")
                    .withUserConfiguration(Customizer.class)
                    .run(context -> {
                        PgTransactionManager manager =
                                context.getBean("pgTransactionManager", PgTransactionManager.class);
                        assertThat(manager.getDefaultTimeout()).isEqualTo(17);
                        assertThat(manager.isRollbackOnCommitFailure()).isTrue();
                        assertThat(manager.isNestedTransactionAllowed()).isFalse();
                    });
        }
    }

    @Test
    void executionListenersAreCalled() {
        List<String> events = new ArrayList<>();
        alone.withBean(Service.class)
                .withBean(TransactionExecutionListener.class, () -> new TransactionExecutionListener() {
                    @Override
                    public void afterCommit(TransactionExecution transaction, Throwable failure) {
                        events.add(transaction.getTransactionName());
                    }
                })
                .run(context -> context.getBean(Service.class).add("listened"));

        assertThat(events).singleElement().asString().endsWith("Service.add");
    }

    @Test
    void transactionalEventListenersAreCalledAfterTheCommit() {
        alone.withBean(Publisher.class).withBean(Subscriber.class).run(context -> {
            Publisher publisher = context.getBean(Publisher.class);
            Subscriber subscriber = context.getBean(Subscriber.class);
            assertThatThrownBy(() -> publisher.publish("lost", true)).isInstanceOf(IllegalStateException.class);
            publisher.publish("heard", false);
            assertThat(subscriber.heard).containsExactly("heard");
            assertThat(subscriber.rolledBack).containsExactly("lost");
        });
    }

    @Test
    void readOnlyTransactionsTakeTheConnectionsThatAreKeptForThem() {
        alone.withBean(Service.class)
                .withPropertyValues("pgpure.read-routing=prefer-standby")
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    PgPool pool = context.getBean(PgPool.class);
                    long before = pool.stats().acquired();

                    assertThat(service.serializableReadOnly()).isEqualTo("serializable on");

                    // There is no standby here, so that they lead to the same server all the same.
                    assertThat(pool.stats().acquired()).isEqualTo(before);
                    assertThat(pool.readStats().orElseThrow().acquired()).isPositive();
                    service.add("routed");
                    assertThat(pool.stats().acquired()).isEqualTo(before + 1);
                });
    }

    @Test
    void everythingOfTheAnnotationReachesTheServer() {
        alone.withBean(Service.class).run(context -> {
            Service service = context.getBean(Service.class);
            assertThat(service.serializableReadOnly()).isEqualTo("serializable on");
            assertThatThrownBy(service::tooSlow).isInstanceOf(org.springframework.dao.QueryTimeoutException.class);
            assertThatThrownBy(service::writesReadOnly).isInstanceOf(DataAccessException.class);
        });
    }

    private static void assertRollsBackAndCommits(Service service, String name) {
        assertThatThrownBy(() -> service.addAndFail(name)).isInstanceOf(IllegalStateException.class);
        assertThat(count(name)).isZero();
        service.add(name);
        assertThat(count(name)).isOne();
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
    }

    private static int count(String name) {
        try (var connection = server.adminConnection(DATABASE);
                var statement = connection.prepareStatement("select count(*) from entry where name = ?")) {
            statement.setString(1, name);
            var rows = statement.executeQuery();
            rows.next();
            return rows.getInt(1);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Public, so that it can be proxied by another class loader. */
    public static class Service {
        private final PgTemplate pg;

        public Service(PgTemplate pg) {
            this.pg = pg;
        }

        @Transactional
        public void add(String name) {
            pg.execute("insert into entry values ($1)", name);
        }

        @Transactional
        public void addAndFail(String name) {
            pg.execute("insert into entry values ($1)", name);
            throw new IllegalStateException("rolls back");
        }

        @Transactional(isolation = org.springframework.transaction.annotation.Isolation.SERIALIZABLE, readOnly = true)
        public String serializableReadOnly() {
            return pg.fetchOne(
                            "select current_setting('transaction_isolation') || ' ' || current_setting('transaction_read_only')")
                    .getString(0);
        }

        @Transactional(timeout = 1)
        public void tooSlow() {
            pg.execute("select pg_sleep(30)");
        }

        @Transactional(readOnly = true)
        public void writesReadOnly() {
            pg.execute("insert into entry values ('never')");
        }
    }

    static class NamedService {
        private final PgTemplate pg;

        NamedService(PgTemplate pg) {
            this.pg = pg;
        }

        @Transactional("pgTransactionManager")
        public void add(String name) {
            pg.execute("insert into entry values ($1)", name);
        }

        @Transactional(transactionManager = "pgTransactionManager", propagation = Propagation.REQUIRES_NEW)
        public void addAndFail(String name) {
            pg.execute("insert into entry values ($1)", name);
            throw new IllegalStateException("rolls back");
        }

        @Transactional("pgTransactionManager")
        public boolean templateJoins() {
            return pg.currentTransaction().isPresent();
        }
    }

    static class JdbcService {
        private final JdbcTemplate jdbc;
        private final PgTemplate pg;

        JdbcService(JdbcTemplate jdbc, PgTemplate pg) {
            this.jdbc = jdbc;
            this.pg = pg;
        }

        @Transactional
        public void add(String name) {
            jdbc.update("insert into entry values (?)", name);
        }

        @Transactional
        public void addAndFail(String name) {
            jdbc.update("insert into entry values (?)", name);
            throw new IllegalStateException("rolls back");
        }

        @Transactional
        public boolean templateJoins() {
            return pg.currentTransaction().isPresent();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnManager {
        @Bean
        PgTransactionManager mine(PgPool pool) {
            return new PgTransactionManager(pool);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customizer {
        @Bean
        TransactionManagerCustomizer<PgTransactionManager> noNesting() {
            return manager -> manager.setNestedTransactionAllowed(false);
        }
    }

    static class Publisher {
        private final ApplicationEventPublisher events;

        Publisher(ApplicationEventPublisher events) {
            this.events = events;
        }

        @Transactional
        public void publish(String event, boolean fail) {
            events.publishEvent(event);
            if (fail) {
                throw new IllegalStateException("rolls back");
            }
        }
    }

    static class Subscriber {
        final List<String> heard = new ArrayList<>();
        final List<String> rolledBack = new ArrayList<>();

        @TransactionalEventListener
        public void heard(String event) {
            heard.add(event);
        }

        @TransactionalEventListener(phase = TransactionPhase.AFTER_ROLLBACK)
        public void rolledBack(String event) {
            rolledBack.add(event);
        }
    }
}
