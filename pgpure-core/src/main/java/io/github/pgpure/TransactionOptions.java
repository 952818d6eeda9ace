package io.github.pgpure;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a transaction is to run; immutable
 * (<a href="https://www.postgresql.org/docs/current/sql-set-transaction.html">manual</a>).
 *
 * <pre>{@code
 * TransactionOptions.defaults().isolation(IsolationLevel.SERIALIZABLE).timeout(Duration.ofSeconds(5))
 * }</pre>
 */
public final class TransactionOptions {

    private static final TransactionOptions DEFAULTS = new TransactionOptions(null, null, null, Duration.ZERO, 0);

    private final @Nullable IsolationLevel isolation;
    private final @Nullable Boolean readOnly;
    private final @Nullable Boolean deferrable;
    private final Duration timeout;
    private final int retries;

    private TransactionOptions(
            @Nullable IsolationLevel isolation,
            @Nullable Boolean readOnly,
            @Nullable Boolean deferrable,
            Duration timeout,
            int retries) {
        this.isolation = isolation;
        this.readOnly = readOnly;
        this.deferrable = deferrable;
        this.timeout = timeout;
        this.retries = retries;
    }

    /** The server's defaults, without a timeout. */
    public static TransactionOptions defaults() {
        return DEFAULTS;
    }

    /** With this isolation; by default the server's {@code default_transaction_isolation}. */
    public TransactionOptions isolation(IsolationLevel isolation) {
        return new TransactionOptions(Objects.requireNonNull(isolation), readOnly, deferrable, timeout, retries);
    }

    /** Read-only, enforced by the server, or read-write; by default the server's {@code default_transaction_read_only}. */
    public TransactionOptions readOnly(boolean readOnly) {
        return new TransactionOptions(isolation, readOnly, deferrable, timeout, retries);
    }

    /** Whether to wait for a snapshot that cannot fail; has effect only for serializable read-only transactions. */
    public TransactionOptions deferrable(boolean deferrable) {
        return new TransactionOptions(isolation, readOnly, deferrable, timeout, retries);
    }

    /**
     * The time the whole transaction may take: the statement that runs when it has passed is cancelled, and the
     * transaction rolled back.
     *
     * @param timeout the time; {@link Duration#ZERO}, the default, for no limit
     */
    public TransactionOptions timeout(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        return new TransactionOptions(isolation, readOnly, deferrable, timeout, retries);
    }

    /**
     * How many more times work given as a lambda ({@code inTransaction}, {@code useTransaction}) is run, each time in a new transaction and after
     * a growing, random pause, when the server could not serialize it with others (SQLSTATE 40001 and 40P01). The work must be able to bear
     * that. The timeout counts for each run.
     *
     * @param retries the number; 0, the default, for none
     */
    public TransactionOptions retries(int retries) {
        if (retries < 0) {
            throw new IllegalArgumentException("retries must not be negative: " + retries);
        }
        return new TransactionOptions(isolation, readOnly, deferrable, timeout, retries);
    }

    /** How many more times work may be run when it could not be serialized. */
    public int retries() {
        return retries;
    }

    /** The isolation, null for the server's default. */
    public @Nullable IsolationLevel isolation() {
        return isolation;
    }

    /** Whether it is read-only, null for the server's default. */
    public @Nullable Boolean readOnly() {
        return readOnly;
    }

    /** Whether it is deferrable, null for the server's default. */
    public @Nullable Boolean deferrable() {
        return deferrable;
    }

    /** The time it may take, {@link Duration#ZERO} for no limit. */
    public Duration timeout() {
        return timeout;
    }

    /** Whether isolation and access mode are left to the server's settings. */
    public boolean isServerDefault() {
        return isolation == null && readOnly == null && deferrable == null;
    }

    /** The command that begins such a transaction, for example {@code BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY}. */
    public String beginSql() {
        if (isServerDefault()) {
            return "BEGIN";
        }
        var sql = new StringBuilder("BEGIN");
        if (isolation != null) {
            sql.append(" ISOLATION LEVEL ").append(isolation.sql());
        }
        if (readOnly != null) {
            sql.append(readOnly ? " READ ONLY" : " READ WRITE");
        }
        if (deferrable != null) {
            sql.append(deferrable ? " DEFERRABLE" : " NOT DEFERRABLE");
        }
        return sql.toString();
    }

    @Override
    public String toString() {
        return "TransactionOptions[" + beginSql() + (timeout.isZero() ? "" : ", timeout " + timeout) + "]";
    }
}
