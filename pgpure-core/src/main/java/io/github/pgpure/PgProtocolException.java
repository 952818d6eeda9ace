package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/**
 * The server sent something that the protocol does not allow, or that exceeds a limit.
 *
 * <p>The connection is closed: a client that no longer knows where it stands must not go on.
 */
public class PgProtocolException extends PgException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what was expected and what came
     */
    public PgProtocolException(String message) {
        this(message, null);
    }

    /**
     * @param message what was expected and what came
     * @param cause the underlying error, or null
     */
    public PgProtocolException(String message, @Nullable Throwable cause) {
        super(message, Outcome.UNKNOWN, cause);
    }
}
