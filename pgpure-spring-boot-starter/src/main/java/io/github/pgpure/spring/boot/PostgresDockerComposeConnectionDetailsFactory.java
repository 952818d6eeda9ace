package io.github.pgpure.spring.boot;

import io.github.pgpure.PgConnectOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.boot.ssl.SslBundle;

/** Connection details of a Docker Compose service with the image {@code postgres}. */
class PostgresDockerComposeConnectionDetailsFactory extends DockerComposeConnectionDetailsFactory<PgConnectionDetails> {

    private static final String[] IMAGES = {"postgres", "bitnami/postgresql"};

    PostgresDockerComposeConnectionDetailsFactory() {
        super(IMAGES);
    }

    @Override
    protected PgConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
        return new PostgresDockerComposeConnectionDetails(source.getRunningService());
    }

    static PgConnectOptions connectOptions(RunningService service) {
        var environment = new PostgresContainerEnvironment(service.env());
        return PgConnectOptions.builder()
                .host(service.host())
                .port(service.ports().get(PgConnectOptions.DEFAULT_PORT))
                .database(environment.database())
                .username(environment.username())
                .password(environment.password())
                .build();
    }

    private static final class PostgresDockerComposeConnectionDetails extends DockerComposeConnectionDetails
            implements PgConnectionDetails {

        private final PgConnectOptions connectOptions;
        private final @Nullable SslBundle sslBundle;

        PostgresDockerComposeConnectionDetails(RunningService service) {
            super(service);
            this.connectOptions = PostgresDockerComposeConnectionDetailsFactory.connectOptions(service);
            this.sslBundle = getSslBundle(service);
        }

        @Override
        public PgConnectOptions getConnectOptions() {
            return connectOptions;
        }

        @Override
        public @Nullable SslBundle getSslBundle() {
            return sslBundle;
        }
    }
}
