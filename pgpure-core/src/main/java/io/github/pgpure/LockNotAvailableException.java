package io.github.pgpure;

/** A lock could not be had at once ({@code NOWAIT}) or within {@code lock_timeout} (SQLSTATE 55P03). */
public class LockNotAvailableException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public LockNotAvailableException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }
}
