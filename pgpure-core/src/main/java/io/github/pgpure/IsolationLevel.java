package io.github.pgpure;

/** The isolation of a transaction (<a href="https://www.postgresql.org/docs/current/transaction-iso.html">manual</a>). */
public enum IsolationLevel {
    /** PostgreSQL treats it as {@link #READ_COMMITTED}. */
    READ_UNCOMMITTED,
    /** Each statement sees what was committed before it began. */
    READ_COMMITTED,
    /** All statements see what was committed before the first one began. */
    REPEATABLE_READ,
    /** The outcome is as if transactions ran one after the other. */
    SERIALIZABLE;

    /** The SQL spelling, for example {@code REPEATABLE READ}. */
    public String sql() {
        return name().replace('_', ' ');
    }
}
