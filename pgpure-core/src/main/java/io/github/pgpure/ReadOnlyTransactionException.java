package io.github.pgpure;

/** A write was tried in a read-only transaction, or on a standby (SQLSTATE 25006). */
public class ReadOnlyTransactionException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public ReadOnlyTransactionException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
