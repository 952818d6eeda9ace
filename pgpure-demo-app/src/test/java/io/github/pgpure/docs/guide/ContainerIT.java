package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.boot.test.PgPureTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The container of docs/testing.md. */
@EnabledIf(value = "dockerAnswers", disabledReason = "needs a Docker engine")
// tag::container[]
@PgPureTest
class ContainerIT {

    @TestConfiguration(proxyBeanMethods = false)
    static class Servers {

        @Bean
        @ServiceConnection
        PostgreSQLContainer postgres() {
            return new PostgreSQLContainer("postgres:18");
        }
    }

    @Test
    void talksToTheContainer(@Autowired PgTemplate pg) {
        assertThat(pg.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }
    // end::container[]

    static boolean dockerAnswers() {
        return DockerClientFactory.instance().isDockerAvailable();
    }
}
