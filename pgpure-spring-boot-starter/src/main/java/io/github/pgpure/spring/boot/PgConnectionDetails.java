package io.github.pgpure.spring.boot;

import io.github.pgpure.PgConnectOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;

/**
 * Where the database is and how to log in.
 *
 * <p>By default they come from the {@code pgpure.*} properties; a bean of this type, such as the one that a container with {@code
 * @ServiceConnection} gives, takes their place.
 */
public interface PgConnectionDetails extends ConnectionDetails {

    /** Host, port, database, user and password, with the defaults for everything else. */
    PgConnectOptions getConnectOptions();

    /** Certificates for TLS; null, the default, for those that {@code pgpure.ssl.bundle} names, if any. */
    default @Nullable SslBundle getSslBundle() {
        return null;
    }
}
