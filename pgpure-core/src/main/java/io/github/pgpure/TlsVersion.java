package io.github.pgpure;

/**
 * A version of TLS, with the spelling of {@code ssl_min_protocol_version} and {@code ssl_max_protocol_version}
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSL-MIN-PROTOCOL-VERSION">manual</a>). Older ones
 * are switched off in the JDK and are not used.
 */
public enum TlsVersion {
    V1_2("TLSv1.2"),
    V1_3("TLSv1.3");

    private final String keyword;

    TlsVersion(String keyword) {
        this.keyword = keyword;
    }

    /** The spelling of connection strings. */
    public String keyword() {
        return keyword;
    }
}
