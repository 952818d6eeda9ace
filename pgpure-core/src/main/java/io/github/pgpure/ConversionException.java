package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/**
 * A value could not be converted between PostgreSQL and Java.
 *
 * <p>The message names the column or parameter, the PostgreSQL type, the Java type and what would work; never the value.
 */
public class ConversionException extends PgException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what does not fit and what would
     * @param outcome {@link Outcome#NOT_SENT} for a parameter, {@link Outcome#UNKNOWN} for a result (the statement has run)
     * @param cause the underlying error, or null
     */
    public ConversionException(String message, Outcome outcome, @Nullable Throwable cause) {
        super(message, outcome, cause);
    }
}
