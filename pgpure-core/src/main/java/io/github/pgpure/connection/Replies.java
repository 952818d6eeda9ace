package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What reading answers has in common. */
final class Replies {

    private Replies() {}

    static PgProtocolException unexpected(BackendMessage message, String during) {
        return new PgProtocolException("the server sent " + message.getClass().getSimpleName() + " during " + during
                + ", where it has no place");
    }

    /** An error of the server after which the session lives on: the statement, or its whole transaction, had no effect. */
    static PgServerException error(ServerMessage error) {
        return PgServerException.of(error, error.isFatal() ? Outcome.UNKNOWN : Outcome.ROLLED_BACK);
    }

    /** The first error wins: what follows it is its consequence. */
    static ServerMessage first(@Nullable ServerMessage earlier, ServerMessage later) {
        return earlier != null ? earlier : later;
    }

    /**
     * Reads answers up to the end of their group.
     *
     * @param taker takes those that are no errors
     * @return the first error, null when there was none
     */
    static @Nullable ServerMessage untilReady(Wire wire, AnswerTaker taker) throws IOException {
        ServerMessage error = null;
        while (true) {
            BackendMessage message = wire.receive();
            if (message instanceof ReadyForQuery) {
                return error;
            } else if (message instanceof ErrorResponse response) {
                error = first(error, response.error());
            } else {
                taker.take(message, wire);
            }
        }
    }

    /** COPY came where no data can be given or taken. */
    static PgException copyMisplaced(Outcome outcome) {
        return new PgException(
                "COPY … FROM STDIN and COPY … TO STDOUT cannot be run as a query: use copyIn or copyOut",
                outcome,
                null);
    }
}
