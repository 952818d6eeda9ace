package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.PostgresServer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class PgSqlInitializationIT {

    private static final String DATABASE = "pgpure_sql_init";
    private static final PostgresServer server = PostgresServer.shared();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(PgPureAutoConfiguration.class, PgSqlInitializationAutoConfiguration.class))
            .withPropertyValues(
                    "pgpure.url=" + server.uri(DATABASE),
                    "pgpure.pool.max-connections=2",
                    "spring.sql.init.mode=always",
                    "spring.sql.init.schema-locations=classpath:scripts/schema.sql",
                    "spring.sql.init.data-locations=classpath:scripts/data.sql");

    @BeforeAll
    static void createDatabase() {
        server.createDatabase(DATABASE);
    }

    @AfterAll
    static void dropDatabase() {
        server.dropDatabase(DATABASE);
    }

    @BeforeEach
    void empty() throws Exception {
        try (var connection = server.adminConnection(DATABASE);
                var statement = connection.createStatement()) {
            statement.execute("drop table if exists entry");
        }
    }

    @Test
    void runsSchemaAndDataBeforeTheTemplatesUsersAreMade() {
        runner.withBean(NeedsTheTable.class).run(context -> {
            assertThat(context).hasSingleBean(PgScriptDatabaseInitializer.class);
            assertThat(context.getBean(NeedsTheTable.class).found).isEqualTo("ONE; TWO!;");
        });
    }

    @Test
    void doesNotRunByDefaultOnAServerThatIsNotEmbedded() {
        runner.withPropertyValues("spring.sql.init.mode=embedded")
                .run(context -> assertThat(context.getBean(PgPool.class)
                                .fetchOne("select to_regclass('entry') is null")
                                .getBoolean(0))
                        .isTrue());
    }

    @Test
    void runsByDefaultOnAnEmbeddedServer() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        PgPureAutoConfiguration.class, PgSqlInitializationAutoConfiguration.class))
                .withPropertyValues(
                        "pgpure.embedded.enabled=true",
                        "pgpure.pool.max-connections=1",
                        "spring.sql.init.schema-locations=classpath:scripts/schema.sql")
                .run(context -> assertThat(context.getBean(PgPool.class)
                                .fetchOne("select count(*) from entry")
                                .getLong(0))
                        .isZero());
    }

    @Test
    void canBeSwitchedOff() {
        runner.withPropertyValues("spring.sql.init.mode=never")
                .run(context -> assertThat(context).doesNotHaveBean(PgScriptDatabaseInitializer.class));
    }

    @Test
    void aFailureNamesScriptAndStatement() {
        runner.withPropertyValues("spring.sql.init.data-locations=classpath:scripts/broken.sql")
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(context.getStartupFailure())
                            .hasStackTraceContaining("statement 1 of class path resource [scripts/broken.sql]");
                });
    }

    @Test
    void goesOnAfterAFailureWhereAskedTo() {
        runner.withPropertyValues(
                        "spring.sql.init.data-locations=classpath:scripts/broken.sql",
                        "spring.sql.init.continue-on-error=true")
                .run(context -> assertThat(context.getBean(PgPool.class)
                                .fetchOne("select name from entry where id = 7")
                                .getString(0))
                        .isEqualTo("after an error"));
    }

    @Test
    void besideJdbcTheScriptsStayJdbcs() {
        runner.withConfiguration(AutoConfigurations.of(DataSourceInitializationAutoConfiguration.class))
                .withPropertyValues("spring.sql.init.schema-locations=", "spring.sql.init.data-locations=")
                .withBean(DataSource.class, PgSqlInitializationIT::dataSource)
                .run(context -> assertThat(context)
                        .hasSingleBean(DataSourceScriptDatabaseInitializer.class)
                        .doesNotHaveBean(PgScriptDatabaseInitializer.class));
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

    static class NeedsTheTable implements InitializingBean {
        private final PgTemplate pg;
        private String found = "";

        NeedsTheTable(PgTemplate pg) {
            this.pg = pg;
        }

        @Override
        public void afterPropertiesSet() {
            found = pg.sql("select name from entry where id = 1")
                    .query(String.class)
                    .single();
        }
    }
}
