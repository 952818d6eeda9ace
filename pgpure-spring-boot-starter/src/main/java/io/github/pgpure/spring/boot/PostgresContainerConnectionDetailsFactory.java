package io.github.pgpure.spring.boot;

import io.github.pgpure.PgConnectOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionDetailsFactory;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionSource;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Connection details of a {@link PostgreSQLContainer} with {@code @ServiceConnection}. */
class PostgresContainerConnectionDetailsFactory
        extends ContainerConnectionDetailsFactory<PostgreSQLContainer, PgConnectionDetails> {

    @Override
    protected PgConnectionDetails getContainerConnectionDetails(ContainerConnectionSource<PostgreSQLContainer> source) {
        return new PostgresContainerConnectionDetails(source);
    }

    private static final class PostgresContainerConnectionDetails
            extends ContainerConnectionDetails<PostgreSQLContainer> implements PgConnectionDetails {

        PostgresContainerConnectionDetails(ContainerConnectionSource<PostgreSQLContainer> source) {
            super(source);
        }

        @Override
        public PgConnectOptions getConnectOptions() {
            PostgreSQLContainer container = getContainer();
            return PgConnectOptions.builder()
                    .host(container.getHost())
                    .port(container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT))
                    .database(container.getDatabaseName())
                    .username(container.getUsername())
                    .password(container.getPassword())
                    .build();
        }

        @Override
        public @Nullable SslBundle getSslBundle() {
            return super.getSslBundle();
        }
    }
}
