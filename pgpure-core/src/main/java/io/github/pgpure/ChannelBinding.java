package io.github.pgpure;

import java.util.Locale;

/**
 * Whether SCRAM authentication is bound to the TLS session, so that nobody between can pass it on, with libpq's meaning of {@code
 * channel_binding} (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CHANNEL-BINDING">manual</a>).
 */
public enum ChannelBinding {
    /** Never. */
    DISABLE,
    /** Where both sides can; the default. */
    PREFER,
    /**
     * Always: the login fails without TLS, with any other method than SCRAM, and where the server does not offer it. Together with a
     * password that only the genuine server knows, it finds out an impostor even where certificates are not verified.
     */
    REQUIRE;

    /** The spelling of connection strings. */
    public String keyword() {
        return name().toLowerCase(Locale.ROOT);
    }
}
