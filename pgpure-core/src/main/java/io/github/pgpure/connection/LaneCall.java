package io.github.pgpure.connection;

import io.github.pgpure.Rows;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.transport.Deadline;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One statement, or one transaction, on its way through a {@link Lane}. Whoever reads the lane fills it and then marks it done; its owner looks at it only
 * after that.
 */
public final class LaneCall {

    /** What became of it. */
    public enum Fate {
        /** It was answered. */
        ANSWERED,
        /** The lane did not take it, or had to give it back without any effect: try another. */
        REFUSED,
        /** It is nothing for a lane, at least not now. */
        UNSUITABLE,
        /** It held up others and was rolled back for that: it has to run on a connection of its own. */
        SLOW
    }

    /** Where its owner stands. */
    enum State {
        WAITING,
        /** Its owner is to read for the lane. */
        LEADING,
        DONE
    }

    static final LaneCall NOT_TAKEN = new LaneCall(Fate.REFUSED);
    static final LaneCall NOT_FOR_LANES = new LaneCall(Fate.UNSUITABLE);
    static final LaneCall TOO_SLOW = new LaneCall(Fate.SLOW);

    final Thread owner = Thread.currentThread();
    volatile State state = State.WAITING;

    /** When its owner stops waiting for it. Set before it enters the lane. */
    Deadline deadline = Deadline.NONE;

    /** Whether its owner has stopped waiting for it; guarded by the lane's lock. */
    boolean givenUp;

    /** Whether it was cancelled since it held up others. */
    boolean slow;

    /** The position in the lane's stream at which its messages begin; guarded by the lane's lock. */
    long start;

    private final @Nullable AnswerTaker answer;
    private final Fate fate;
    private @Nullable Rows rows;
    private @Nullable ServerMessage error;
    private @Nullable Throwable lossOfLane;
    private boolean sent = true;
    private boolean begun;

    private LaneCall(Fate fate) {
        this.answer = null;
        this.fate = fate;
    }

    /** One that is to be sent. */
    LaneCall(AnswerTaker answer) {
        this.answer = answer;
        this.fate = Fate.ANSWERED;
    }

    /** What became of it. */
    public Fate fate() {
        return fate;
    }

    /** Its rows, when it is a query that was answered. */
    public Rows rows() {
        return Objects.requireNonNull(rows);
    }

    // --- for whoever reads the lane ----------------------------------------------------------------------------------

    void take(BackendMessage message, Wire wire) throws IOException {
        if (message instanceof ErrorResponse response) {
            error = Replies.first(error, response.error());
            return;
        }
        begun = true;
        Objects.requireNonNull(answer).take(message, wire);
    }

    /** Whether the server has answered anything but an error. */
    boolean wasBegun() {
        return begun;
    }

    /** The lane is lost; the call is done. */
    void fail(Throwable cause, boolean wasSent) {
        lossOfLane = cause;
        sent = wasSent;
        state = State.DONE;
    }

    // --- for its owner, once it is done ------------------------------------------------------------------------------

    boolean isDone() {
        return state == State.DONE;
    }

    @Nullable
    ServerMessage error() {
        return error;
    }

    /** What ended the lane before this was answered; null when it was. */
    @Nullable
    Throwable lossOfLane() {
        return lossOfLane;
    }

    /** Whether the server can have seen anything of it. */
    boolean wasSent() {
        return sent;
    }

    void rows(Rows rows) {
        this.rows = rows;
    }
}
