package io.github.pgpure;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The root of all errors that pgpure throws; unchecked.
 *
 * <p>Messages carry evidence (host, limits, counters, SQLSTATE) and never a password or a parameter value.
 */
public class PgException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Outcome outcome;

    /**
     * @param message what went wrong and what to do about it
     * @param outcome what is known about the statement's effect
     * @param cause the underlying error, or null
     */
    public PgException(String message, Outcome outcome, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = Objects.requireNonNull(outcome, "outcome");
    }

    /** What is known about the effect of the statement that failed. */
    public final Outcome outcome() {
        return outcome;
    }
}
