package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ServerMessage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Why a session has ended, and what to tell those who were using it, or want to. Any thread. */
final class SessionEnd {

    private record Cause(String reason, @Nullable Throwable failure) {}

    private final Session session;
    private volatile @Nullable Cause cause;

    SessionEnd(Session session) {
        this.session = session;
    }

    /** Takes note of the reason; for whoever has ended it. */
    void because(String reason, @Nullable Throwable failure) {
        cause = new Cause(reason, failure);
    }

    /** Why it has ended, null when it has not. */
    @Nullable
    String reason() {
        Cause known = cause;
        return known == null ? null : known.reason();
    }

    /** The same with what the failure says. */
    @Nullable
    String inWords() {
        Cause known = cause;
        if (known == null) {
            return null;
        }
        Throwable failure = known.failure();
        return failure == null || failure.getMessage() == null
                ? known.reason()
                : known.reason() + " (" + failure.getMessage() + ")";
    }

    /** For whoever wants to use it. */
    PgConnectionException refusal() {
        Cause known = cause;
        return new PgConnectionException(
                "the connection to " + session.host() + " (backend " + session.backendPid()
                        + ") cannot be used any more: " + (known == null ? "it was closed" : known.reason()),
                Outcome.NOT_SENT,
                known == null ? null : known.failure());
    }

    /**
     * For whoever was using it.
     *
     * @param reason what has ended it
     * @param outcome what has become of the operation
     * @param farewell the server's last words, null where it said none
     */
    PgException loss(String reason, IOException failure, Outcome outcome, @Nullable ServerMessage farewell) {
        if (farewell != null) {
            return PgServerException.of(farewell, outcome);
        }
        return new PgConnectionException(
                "the connection to " + session.host() + " (backend " + session.backendPid() + ") is gone: " + reason
                        + (failure.getMessage() == null ? "" : " (" + failure.getMessage() + ")"),
                outcome,
                failure);
    }
}
