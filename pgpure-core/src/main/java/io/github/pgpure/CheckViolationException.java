package io.github.pgpure;

/** A row breaks a CHECK constraint (SQLSTATE 23514). */
public class CheckViolationException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public CheckViolationException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
