package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/**
 * The connection to the server could not be made, or was lost.
 *
 * <p>The connection that threw it is closed; a pool replaces it in the background.
 */
public class PgConnectionException extends PgException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what went wrong, with host and port
     * @param outcome {@link Outcome#NOT_SENT} where no statement was on its way, else usually {@link Outcome#UNKNOWN}
     * @param cause the underlying error, or null
     */
    public PgConnectionException(String message, Outcome outcome, @Nullable Throwable cause) {
        super(message, outcome, cause);
    }
}
