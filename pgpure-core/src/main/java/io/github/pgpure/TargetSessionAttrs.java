package io.github.pgpure;

/**
 * Which of several hosts is acceptable, with libpq's meaning of {@code target_session_attrs}
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html">manual</a>).
 */
public enum TargetSessionAttrs {
    /** Any server; the default. */
    ANY,
    /** A server whose sessions accept writes by default. */
    READ_WRITE,
    /** A server whose sessions do not accept writes by default. */
    READ_ONLY,
    /** A server that is not in recovery. */
    PRIMARY,
    /** A server in recovery. */
    STANDBY,
    /** A standby where one can be reached, else any server. */
    PREFER_STANDBY;

    /** The spelling of connection strings, for example {@code prefer-standby}. */
    public String keyword() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
