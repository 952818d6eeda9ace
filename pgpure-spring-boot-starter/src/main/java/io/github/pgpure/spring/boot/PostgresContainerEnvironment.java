package io.github.pgpure.spring.boot;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The environment variables of PostgreSQL images: {@code POSTGRES_USER}, {@code POSTGRES_PASSWORD}, {@code POSTGRES_DB} and {@code
 * POSTGRES_HOST_AUTH_METHOD}, and bitnami's {@code POSTGRESQL_*} of the same meaning.
 */
final class PostgresContainerEnvironment {

    private static final String SUPERUSER = "postgres";

    private final Map<String, @Nullable String> env;

    PostgresContainerEnvironment(Map<String, @Nullable String> env) {
        this.env = env;
    }

    String username() {
        String username = first("POSTGRES_USER", "POSTGRESQL_USER", "POSTGRESQL_USERNAME");
        return username != null ? username : SUPERUSER;
    }

    /** Null where the server trusts everybody. */
    @Nullable
    String password() {
        String password = first("POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD");
        if (password == null && !"trust".equals(env.get("POSTGRES_HOST_AUTH_METHOD")) && !allowsEmptyPassword()) {
            throw new IllegalStateException(
                    "the PostgreSQL container has no POSTGRES_PASSWORD: set it, or POSTGRES_HOST_AUTH_METHOD=trust");
        }
        return password;
    }

    /** As in the image: the user's name where none is given. */
    String database() {
        String database = first("POSTGRES_DB", "POSTGRESQL_DB", "POSTGRESQL_DATABASE");
        return database != null ? database : username();
    }

    private boolean allowsEmptyPassword() {
        String value = env.get("ALLOW_EMPTY_PASSWORD");
        return "yes".equalsIgnoreCase(value) || "true".equalsIgnoreCase(value) || "1".equals(value);
    }

    private @Nullable String first(String... names) {
        for (String name : names) {
            String value = env.get(name);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return null;
    }
}
