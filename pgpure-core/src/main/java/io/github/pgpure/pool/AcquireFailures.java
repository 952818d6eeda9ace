package io.github.pgpure.pool;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.transport.Deadline;
import org.jspecify.annotations.Nullable;

/** What callers get who get no connection; nothing of theirs was sent. */
final class AcquireFailures {

    private final PgPoolOptions options;
    private final ConnectionQueue<PoolEntry> queue;
    private final PgConnectionException closed;

    AcquireFailures(PgPoolOptions options, ConnectionQueue<PoolEntry> queue) {
        this.options = options;
        this.queue = queue;
        this.closed = closedError();
    }

    /** The reason for which everybody fails once the pool is closed. */
    PgConnectionException closed() {
        return closed;
    }

    /** An own exception for everyone who waited in vain: each has a stack, and suppressed exceptions, of its own. */
    PgException failed(Throwable reason) {
        return reason == closed
                ? closedError()
                : new PgConnectionException(
                        "pool '" + options.name() + "' cannot open a connection: " + reason.getMessage(),
                        Outcome.NOT_SENT,
                        reason);
    }

    PgException interrupted(long startNanos) {
        return QueryCancelledException.requested(
                "interrupted while waiting for a connection of " + PoolReport.state(options.name(), queue) + ", after "
                        + PoolReport.millis(System.nanoTime() - startNanos),
                Outcome.NOT_SENT);
    }

    /**
     * The time was up.
     *
     * @param deadline the operation's own
     * @param startNanos when the caller began to wait
     * @param connectFailure why no connection could be opened lately, null when that went well
     */
    PgException timedOut(Deadline deadline, long startNanos, @Nullable Throwable connectFailure) {
        long elapsed = System.nanoTime() - startNanos;
        long acquireTimeout = PoolCore.nanos(options.acquireTimeout());
        long limitNanos = deadline.isNone()
                ? acquireTimeout
                : Math.min(acquireTimeout, Math.max(0, elapsed + deadline.remainingNanos()));
        String report = PoolReport.timeout(options.name(), queue, limitNanos, elapsed, connectFailure);
        return limitNanos < acquireTimeout
                ? new QueryTimeoutException(
                        "the operation's deadline of " + deadline + " has passed: " + report,
                        Outcome.NOT_SENT,
                        connectFailure)
                : new AcquireTimeoutException(report, connectFailure);
    }

    private PgConnectionException closedError() {
        return new PgConnectionException(
                "the pool '" + options.name() + "' is closed: open another one", Outcome.NOT_SENT, null);
    }
}
