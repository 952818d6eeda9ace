package io.github.pgpure;

/** The transaction could not be serialized with the others: run it again (SQLSTATE 40001). */
public class SerializationFailureException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public SerializationFailureException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
