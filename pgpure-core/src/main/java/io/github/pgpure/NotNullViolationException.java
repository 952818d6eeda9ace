package io.github.pgpure;

/** A NULL came where none is allowed (SQLSTATE 23502). */
public class NotNullViolationException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public NotNullViolationException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
