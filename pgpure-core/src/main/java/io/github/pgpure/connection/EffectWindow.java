package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.SqlState;
import org.jspecify.annotations.Nullable;

/**
 * From when on an operation may have had an effect, which is what decides the outcome of a statement whose connection is lost. For the
 * session's owner.
 */
final class EffectWindow {

    private final Wire wire;
    private long sentBefore;
    private long repliesBefore;
    private boolean open;
    private boolean bindComesFirst;
    private boolean byParts;

    EffectWindow(Wire wire) {
        this.wire = wire;
    }

    /** An operation begins that has no effect yet. */
    void reset() {
        open = false;
        byParts = false;
    }

    /** A part of the operation stays, or may stay, although the rest of it is rolled back. */
    void byParts() {
        byParts = true;
    }

    boolean isByParts() {
        return byParts;
    }

    /**
     * From now on the operation may have an effect on the server, as soon as it is sent.
     *
     * @param bindComesFirst whether the server answers a Bind before anything can have an effect
     */
    void open(boolean bindComesFirst) {
        if (!open) {
            open = true;
            this.bindComesFirst = bindComesFirst;
            sentBefore = wire.totalSent();
            repliesBefore = wire.replies();
        }
    }

    /** What has become of the operation when the connection is lost. */
    Outcome outcomeOfLoss(@Nullable ServerMessage farewell) {
        if (!open || wire.totalSent() == sentBefore) {
            return Outcome.NOT_SENT;
        }
        // The server answers in order: one whose first answer is its farewell has not got as far as the Bind, let alone
        // what follows it.
        boolean hadEndedBefore = bindComesFirst
                && farewell != null
                && (farewell.sqlState().equals(SqlState.ADMIN_SHUTDOWN)
                        || farewell.sqlState().equals(SqlState.IDLE_SESSION_TIMEOUT))
                && wire.replies() == repliesBefore + 1;
        return hadEndedBefore ? Outcome.ROLLED_BACK : Outcome.UNKNOWN;
    }
}
