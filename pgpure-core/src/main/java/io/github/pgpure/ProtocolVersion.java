package io.github.pgpure;

/**
 * A version of the frontend/backend protocol
 * (<a href="https://www.postgresql.org/docs/current/protocol.html">manual</a>).
 */
public enum ProtocolVersion {
    /** What every server since 7.4 and every pooler speaks; the default. */
    V3_0("3.0", 3 << 16),
    /** Since PostgreSQL 18: keys for cancel requests of up to 256 bytes in place of 4, which nobody guesses. */
    V3_2("3.2", 3 << 16 | 2);

    /** The newest. */
    public static final ProtocolVersion LATEST = V3_2;

    private final String keyword;
    private final int code;

    ProtocolVersion(String keyword, int code) {
        this.keyword = keyword;
        this.code = code;
    }

    /** The spelling of connection strings, {@code 3.2} for example. */
    public String keyword() {
        return keyword;
    }

    /** The number sent: major version in the upper, minor version in the lower 16 bits. */
    public int code() {
        return code;
    }
}
