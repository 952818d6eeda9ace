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

    private static final TransactionOptions DEFAULTS = new TransactionOptions(null, null, null, Duration.ZERO);

    private final @Nullable IsolationLevel isolation;
    private final @Nullable Boolean readOnly;
    private final @Nullable Boolean deferrable;
    private final Duration timeout;

    private TransactionOptions(
            @Nullable IsolationLevel isolation,
            @Nullable Boolean readOnly,
            @Nullable Boolean deferrable,
            Duration timeout) {
        this.isolation = isolation;
        this.readOnly = readOnly;
        this.deferrable = deferrable;
        this.timeout = timeout;
    }

    /** The server's defaults, without a timeout. */
    public static TransactionOptions defaults() {
        return DEFAULTS;
    }

    /** With this isolation; by default the server's {@code default_transaction_isolation}. */
    public TransactionOptions isolation(IsolationLevel isolation) {
        return new TransactionOptions(Objects.requireNonNull(isolation), readOnly, deferrable, timeout);
    }

    /** Read-only, enforced by the server, or read-write; by default the server's {@code default_transaction_read_only}. */
    public TransactionOptions readOnly(boolean readOnly) {
        return new TransactionOptions(isolation, readOnly, deferrable, timeout);
    }

    /** Whether to wait for a snapshot that cannot fail; has effect only for serializable read-only transactions. */
    public TransactionOptions deferrable(boolean deferrable) {
        return new TransactionOptions(isolation, readOnly, deferrable, timeout);
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
        return new TransactionOptions(isolation, readOnly, deferrable, timeout);
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

    /** The command that begins such a transaction, for example {@code BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY}. */
    public String beginSql() {
        if (isolation == null && readOnly == null && deferrable == null) {
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
