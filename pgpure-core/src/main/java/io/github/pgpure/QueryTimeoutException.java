package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/**
 * A statement did not finish before its deadline ({@link Query#timeout}, the transaction's timeout or the default of
 * the pool) and was cancelled on the server.
 */
public class QueryTimeoutException extends PgTimeoutException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the limit and the time that has passed
     * @param outcome {@link Outcome#ROLLED_BACK} when the server confirmed the cancellation in time
     * @param cause the underlying error, or null
     */
    public QueryTimeoutException(String message, Outcome outcome, @Nullable Throwable cause) {
        super(message, outcome, cause);
    }
}
