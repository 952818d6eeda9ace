package io.github.pgpure;

import java.util.Map;

/**
 * A statement was cancelled (SQLSTATE 57014): by an interrupt of the calling thread, whose interrupt flag stays set, by
 * a cancel from another thread, or by the server itself ({@code statement_timeout}, {@code pg_cancel_backend}).
 */
public class QueryCancelledException extends PgServerException {

    private static final long serialVersionUID = 1L;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public QueryCancelledException(ServerMessage error, Outcome outcome) {
        super(error, outcome);
    }

    /**
     * A cancellation that the application asked for.
     *
     * @param message what was cancelled, and by what
     * @param outcome {@link Outcome#ROLLED_BACK} when the server confirmed the cancellation in time
     */
    public static QueryCancelledException requested(String message, Outcome outcome) {
        return new QueryCancelledException(
                new ServerMessage(Map.of('V', "ERROR", 'C', SqlState.QUERY_CANCELED, 'M', message)), outcome);
    }
}
