package io.github.pgpure;

/**
 * {@code fetchOne} found no row; {@code fetchOneOrNone} returns an empty {@code Optional} instead.
 *
 * <p>The statement has run: its {@link #outcome()} is {@link Outcome#UNKNOWN}.
 */
public class MissingRowException extends PgException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message names the statement
     */
    public MissingRowException(String message) {
        super(message, Outcome.UNKNOWN, null);
    }
}
