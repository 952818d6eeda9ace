package io.github.pgpure;

import java.util.Locale;

/**
 * How TLS begins, with libpq's meaning of {@code sslnegotiation}
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLNEGOTIATION">manual</a>).
 */
public enum SslNegotiation {
    /** The server is asked for TLS first, in plain text; the default. */
    POSTGRES,
    /**
     * The connection begins with the TLS handshake, which saves a round trip and lets any TLS proxy pass it on by its server name. Needs
     * a server of version 17 or later, and {@link SslMode#REQUIRE} or stricter.
     */
    DIRECT;

    /** The spelling of connection strings. */
    public String keyword() {
        return name().toLowerCase(Locale.ROOT);
    }
}
