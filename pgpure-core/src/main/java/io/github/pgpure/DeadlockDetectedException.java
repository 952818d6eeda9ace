package io.github.pgpure;

/** The transaction was chosen as the victim of a deadlock: run it again (SQLSTATE 40P01). */
public class DeadlockDetectedException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public DeadlockDetectedException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
