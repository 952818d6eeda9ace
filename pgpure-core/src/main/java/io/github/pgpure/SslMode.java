package io.github.pgpure;

/**
 * Whether and how strictly TLS is used, with libpq's meaning
 * (<a href="https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS">manual</a>).
 * Unix sockets never use TLS.
 */
public enum SslMode {
    /** Never TLS. */
    DISABLE,
    /** Plain first; TLS only where the server refuses plain connections. */
    ALLOW,
    /** TLS where the server offers it, unverified; the default. */
    PREFER,
    /** Always TLS, with the certificate unverified unless an {@code SSLContext} is given. */
    REQUIRE,
    /** Always TLS; the server's certificate must be issued by a trusted authority. */
    VERIFY_CA,
    /** Always TLS; the certificate must also name the host that was asked for. */
    VERIFY_FULL;

    /** The spelling of connection strings, for example {@code verify-full}. */
    public String keyword() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
