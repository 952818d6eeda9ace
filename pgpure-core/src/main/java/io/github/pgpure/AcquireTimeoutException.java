package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/**
 * No connection became free within the pool's acquire timeout.
 *
 * <p>The message says what the pool looked like: active, idle and waiting counts, and who holds a connection longest.
 */
public class AcquireTimeoutException extends PgTimeoutException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the limit and the state of the pool
     * @param cause why no connection could be opened, or null
     */
    public AcquireTimeoutException(String message, @Nullable Throwable cause) {
        super(message, Outcome.NOT_SENT, cause);
    }
}
