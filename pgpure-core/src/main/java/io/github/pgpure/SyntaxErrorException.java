package io.github.pgpure;

/** The statement is not valid SQL (SQLSTATE 42601). */
public class SyntaxErrorException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public SyntaxErrorException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
