package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetailsFactories;
import org.springframework.boot.docker.compose.core.ConnectionPorts;
import org.springframework.boot.docker.compose.core.ImageReference;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;

/** From what Docker Compose says of a running service to connection details, as Spring Boot goes that way. Needs no Docker. */
class PgDockerComposeTests {

    @Test
    void aServiceWithThePostgresImageGivesTheDetails() throws Exception {
        PgConnectOptions options = details(
                        "postgres:18",
                        Map.of("POSTGRES_USER", "ada", "POSTGRES_PASSWORD", "s3cret", "POSTGRES_DB", "shop"),
                        Map.of())
                .getConnectOptions();

        assertThat(options.hosts()).singleElement().satisfies(host -> {
            assertThat(host.name()).isEqualTo("127.0.0.1");
            assertThat(host.port()).isEqualTo(54321);
        });
        assertThat(options.username()).isEqualTo("ada");
        assertThat(options.password()).isEqualTo("s3cret");
        assertThat(options.database()).isEqualTo("shop");
    }

    @Test
    void anImageOfAnotherNameIsTakenWhereItsLabelSaysSo() throws Exception {
        Map<String, String> environment = Map.of("POSTGRES_HOST_AUTH_METHOD", "trust");
        assertThat(factories(source("registry.example.com/our/database:1", environment, Map.of())))
                .doesNotContainKey(PgConnectionDetails.class);

        PgConnectOptions options = details(
                        "registry.example.com/our/database:1",
                        environment,
                        Map.of("org.springframework.boot.service-connection", "postgres"))
                .getConnectOptions();

        assertThat(options.username()).isEqualTo("postgres");
        assertThat(options.password()).isNull();
    }

    @Test
    void anotherServiceGivesNone() throws Exception {
        assertThat(factories(source("redis:8", Map.of(), Map.of()))).doesNotContainKey(PgConnectionDetails.class);
    }

    private static PgConnectionDetails details(String image, Map<String, String> env, Map<String, String> labels)
            throws Exception {
        Map<Class<?>, ConnectionDetails> found = factories(source(image, env, labels));
        assertThat(found).containsKey(PgConnectionDetails.class);
        return (PgConnectionDetails) found.get(PgConnectionDetails.class);
    }

    private static Map<Class<?>, ConnectionDetails> factories(DockerComposeConnectionSource source) {
        return new ConnectionDetailsFactories(null).getConnectionDetails(source, false);
    }

    private static DockerComposeConnectionSource source(
            String image, Map<String, String> env, Map<String, String> labels) throws Exception {
        Constructor<DockerComposeConnectionSource> constructor =
                DockerComposeConnectionSource.class.getDeclaredConstructor(RunningService.class, Environment.class);
        return BeanUtils.instantiateClass(constructor, new Service(image, env, labels), new MockEnvironment());
    }

    /** What `docker compose ps` and `docker inspect` say of a service. */
    private record Service(String imageName, Map<String, String> env, Map<String, String> labels)
            implements RunningService {

        @Override
        public String name() {
            return "database";
        }

        @Override
        public ImageReference image() {
            return ImageReference.of(imageName);
        }

        @Override
        public String host() {
            return "127.0.0.1";
        }

        @Override
        public ConnectionPorts ports() {
            return new ConnectionPorts() {
                @Override
                public int get(int containerPort) {
                    assertThat(containerPort).isEqualTo(5432);
                    return 54321;
                }

                @Override
                public List<Integer> getAll() {
                    return List.of(54321);
                }

                @Override
                public List<Integer> getAll(String protocol) {
                    return List.of(54321);
                }
            };
        }
    }
}
