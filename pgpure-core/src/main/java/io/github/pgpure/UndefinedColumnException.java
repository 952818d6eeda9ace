package io.github.pgpure;

/** The statement names a column that is not there (SQLSTATE 42703). */
public class UndefinedColumnException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public UndefinedColumnException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
