package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.PgTransactionManager;
import io.github.pgpure.test.PostgresServer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.transaction.PlatformTransactionManager;

/** Flyway and Liquibase with connections of their own, in an application that has no other use for JDBC. */
class PgMigrationIT {

    private static final String DATABASE = "pgpure_migration";
    private static final PostgresServer server = PostgresServer.shared();
    private static final String JDBC_URL = "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + DATABASE;

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withBean(Client.class) // the first definition: only a dependency makes it wait
            .withConfiguration(AutoConfigurations.of(
                    PgPureAutoConfiguration.class,
                    PgSqlInitializationAutoConfiguration.class,
                    PgTransactionManagerAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    FlywayAutoConfiguration.class,
                    LiquibaseAutoConfiguration.class))
            .withPropertyValues(
                    "pgpure.url=" + server.uri(DATABASE),
                    "pgpure.pool.max-connections=2",
                    "spring.flyway.enabled=false",
                    "spring.liquibase.enabled=false");

    @BeforeEach
    void createDatabase() {
        server.createDatabase(DATABASE);
    }

    @AfterEach
    void dropDatabase() {
        server.dropDatabase(DATABASE);
    }

    @Test
    void flywayMigratesBeforeTheClientsAreMade() {
        runner.withPropertyValues(
                        "client.table=author",
                        "spring.flyway.enabled=true",
                        "spring.flyway.url=" + JDBC_URL,
                        "spring.flyway.user=" + server.username(),
                        "spring.flyway.password=" + server.password(),
                        "spring.flyway.locations=classpath:beside/flyway")
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean(DataSource.class);
                    assertThat(context.getBean(Client.class).found).isEqualTo("author");
                    assertThat(context.getBean(PlatformTransactionManager.class))
                            .isInstanceOf(PgTransactionManager.class);
                });
    }

    @Test
    void liquibaseMigratesBeforeTheClientsAreMade() {
        runner.withPropertyValues(
                        "client.table=book",
                        "spring.liquibase.enabled=true",
                        "spring.liquibase.url=" + JDBC_URL,
                        "spring.liquibase.user=" + server.username(),
                        "spring.liquibase.password=" + server.password(),
                        "spring.liquibase.change-log=classpath:beside/liquibase.sql")
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean(DataSource.class);
                    assertThat(context.getBean(Client.class).found).isEqualTo("book");
                });
    }

    @Test
    void theScriptsRunAfterFlyway() {
        runner.withPropertyValues(
                        "client.table=author",
                        "spring.flyway.enabled=true",
                        "spring.flyway.url=" + JDBC_URL,
                        "spring.flyway.user=" + server.username(),
                        "spring.flyway.password=" + server.password(),
                        "spring.flyway.locations=classpath:beside/flyway",
                        "spring.sql.init.mode=always",
                        "spring.sql.init.schema-locations=",
                        "spring.sql.init.data-locations=classpath:beside/data.sql")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(PgScriptDatabaseInitializer.class);
                    assertThat(context.getBean(PgTemplate.class)
                                    .fetchOne("select name from author")
                                    .getString(0))
                            .isEqualTo("from the script");
                });
    }

    static class Client implements InitializingBean {
        private final PgTemplate pg;
        private final org.springframework.core.env.Environment environment;
        private String found = "";

        Client(PgTemplate pg, org.springframework.core.env.Environment environment) {
            this.pg = pg;
            this.environment = environment;
        }

        @Override
        public void afterPropertiesSet() {
            found = pg.sql("select $1::regclass::text")
                    .params(environment.getRequiredProperty("client.table"))
                    .query(String.class)
                    .single();
        }
    }
}
