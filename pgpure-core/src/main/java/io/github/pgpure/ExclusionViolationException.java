package io.github.pgpure;

/** A row conflicts with another one under an exclusion constraint (SQLSTATE 23P01). */
public class ExclusionViolationException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public ExclusionViolationException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
