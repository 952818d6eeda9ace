package io.github.pgpure;

/** SQLSTATE codes. */
public final class SqlState {
    public static final String INTERNAL_ERROR = "XX000";
    public static final String IN_FAILED_SQL_TRANSACTION = "25P02";
    public static final String QUERY_CANCELED = "57014";

    private SqlState() {}
}
