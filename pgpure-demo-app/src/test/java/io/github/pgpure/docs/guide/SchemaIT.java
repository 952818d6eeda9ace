package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.docs.Pages;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.PgTransactionManager;
import io.github.pgpure.test.PostgresServer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

/** The settings of docs/schema.md, each run with the files it names. */
@Timeout(60)
class SchemaIT {

    private static final String DATABASE = "guide_schema_it";

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        /** Reads the table while the application starts, so it fails where the migration comes later. */
        @Bean
        Long itemsAtStart(PgTemplate pg) {
            return pg.fetchOne("select count(*) from item").getLong(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"flyway", "liquibase"})
    void theTableIsThereBeforeTheFirstQuery(String tool) {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(DATABASE);
        PgConnectOptions options = PgConnectOptions.parse(server.uri(DATABASE));
        String yaml = Pages.yaml("docs/schema.md", "spring.%s.url".formatted(tool));
        try (var context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .initializers(application -> Pages.addYaml(application, yaml))
                .run(
                        "--DB_HOST=" + options.hosts().get(0).name(),
                        "--DB_PORT=" + options.hosts().get(0).port(),
                        "--DB_NAME=" + DATABASE,
                        "--APP_PASSWORD=" + server.password(),
                        "--OWNER_PASSWORD=" + server.password(),
                        "--APP_USER=" + server.username(),
                        "--OWNER=" + server.username(),
                        "--spring.flyway.enabled=" + tool.equals("flyway"),
                        "--spring.liquibase.enabled=" + tool.equals("liquibase"))) {
            assertThat(context.getBean("itemsAtStart")).isEqualTo(1L);
            assertThat(context.getBean(PlatformTransactionManager.class)).isInstanceOf(PgTransactionManager.class);
        } finally {
            server.dropDatabase(DATABASE);
        }
    }
}
