package io.github.pgpure;

/** A value that must be unique is there already (SQLSTATE 23505). */
public class UniqueViolationException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public UniqueViolationException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
