package io.github.pgpure;

import java.util.Locale;

/**
 * Whether the client's certificate is sent, with libpq's meaning of {@code sslcertmode}
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLCERTMODE">manual</a>).
 */
public enum SslCertMode {
    /** Never, even where there is one. */
    DISABLE,
    /** Where there is one and the server asks for it; the default. */
    ALLOW,
    /** The server has to ask for it, or the connection is given up. */
    REQUIRE;

    /** The spelling of connection strings. */
    public String keyword() {
        return name().toLowerCase(Locale.ROOT);
    }
}
