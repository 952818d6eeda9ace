package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/** A limit of time set on the client's side has passed. */
public abstract class PgTimeoutException extends PgException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the limit, and what was waited for
     * @param outcome what is known about the statement's effect
     * @param cause the underlying error, or null
     */
    protected PgTimeoutException(String message, Outcome outcome, @Nullable Throwable cause) {
        super(message, outcome, cause);
    }
}
