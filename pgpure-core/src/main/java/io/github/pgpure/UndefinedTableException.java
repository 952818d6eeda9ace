package io.github.pgpure;

/** The statement names a table that is not there (SQLSTATE 42P01). */
public class UndefinedTableException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public UndefinedTableException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
