package io.github.pgpure;

/** The server refused the password (SQLSTATE 28P01). */
public class InvalidPasswordException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public InvalidPasswordException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
