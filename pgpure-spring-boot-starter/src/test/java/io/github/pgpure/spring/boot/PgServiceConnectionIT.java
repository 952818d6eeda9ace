package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Connection details of containers. No Docker is needed: what a container would publish is the fixture's server. */
class PgServiceConnectionIT {

    private static final PostgresServer server = PostgresServer.shared();

    @Test
    void aContainerWithServiceConnectionGivesTheDetails() {
        new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(PgPureAutoConfiguration.class, ServiceConnectionAutoConfiguration.class))
                .withUserConfiguration(Containers.class)
                .withPropertyValues("pgpure.url=postgresql://nowhere.invalid/x", "pgpure.pool.max-connections=1")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(PgConnectionDetails.class);
                    assertThat(context.getBean(PgPool.class)
                                    .fetchOne("select current_user")
                                    .getString(0))
                            .isEqualTo(server.username());
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class Containers {
        @Bean
        @ServiceConnection
        PostgreSQLContainer postgres() {
            return new PublishedServer();
        }
    }

    /** A container that runs already, as it were. */
    private static final class PublishedServer extends PostgreSQLContainer {
        PublishedServer() {
            super("postgres:18");
            withUsername(server.username()).withPassword(server.password()).withDatabaseName(server.database());
        }

        @Override
        public void start() {
            // the fixture's server runs
        }

        @Override
        public void stop() {
            // and is not ours to stop
        }

        @Override
        public String getHost() {
            return server.host();
        }

        @Override
        public Integer getMappedPort(int originalPort) {
            assertThat(originalPort).isEqualTo(5432);
            return server.port();
        }
    }

    @Test
    void anImagesVariablesAreUnderstood() {
        var given = new PostgresContainerEnvironment(
                Map.of("POSTGRES_USER", "u", "POSTGRES_PASSWORD", "p", "POSTGRES_DB", "d"));
        assertThat(given.username()).isEqualTo("u");
        assertThat(given.password()).isEqualTo("p");
        assertThat(given.database()).isEqualTo("d");

        var defaults = new PostgresContainerEnvironment(Map.of("POSTGRES_PASSWORD", "p"));
        assertThat(defaults.username()).isEqualTo("postgres");
        assertThat(defaults.database()).isEqualTo("postgres");

        var databaseOfUser = new PostgresContainerEnvironment(Map.of("POSTGRES_USER", "u", "POSTGRES_PASSWORD", "p"));
        assertThat(databaseOfUser.database()).isEqualTo("u");

        assertThat(new PostgresContainerEnvironment(Map.of("POSTGRES_HOST_AUTH_METHOD", "trust")).password())
                .isNull();
        assertThatThrownBy(() -> new PostgresContainerEnvironment(Map.of()).password())
                .hasMessageContaining("POSTGRES_PASSWORD");

        var bitnami = new PostgresContainerEnvironment(
                Map.of("POSTGRESQL_USERNAME", "u", "POSTGRESQL_PASSWORD", "p", "POSTGRESQL_DATABASE", "d"));
        assertThat(bitnami.username()).isEqualTo("u");
        assertThat(bitnami.password()).isEqualTo("p");
        assertThat(bitnami.database()).isEqualTo("d");
        assertThat(new PostgresContainerEnvironment(Map.of("ALLOW_EMPTY_PASSWORD", "yes")).password())
                .isNull();
    }
}
