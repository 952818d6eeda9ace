package io.github.pgpure;

/** A row refers to one that is not there, or is still referred to (SQLSTATE 23503). */
public class ForeignKeyViolationException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public ForeignKeyViolationException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
