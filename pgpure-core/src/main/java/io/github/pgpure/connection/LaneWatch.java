package io.github.pgpure.connection;

import io.github.pgpure.transport.Deadline;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that nobody waits long behind somebody else's statement on a {@link Lane}. A timer looks at the first call in line once for each
 * tick. Guarded by the lane's lock, but for what says otherwise.
 */
final class LaneWatch {

    /** How long a call may be the first in line before it is looked at. */
    static final Duration TICK = Duration.ofMillis(20);

    /** How long the server may take to end a call that was cancelled. */
    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(5);

    private @Nullable LaneCall first;
    private int ticks;
    private boolean late;
    private long cancelledAtNanos;
    private int cancels;
    private volatile boolean cancelSent;

    /** Whether a cancel request was sent, which any of the calls may have been hit by. Any thread. */
    boolean isCancelSent() {
        return cancelSent;
    }

    /** Whether a cancel request is on its way. */
    boolean isCancelling() {
        return cancels > 0;
    }

    /**
     * Whether the call has been the first for more than a tick; nobody else should enter behind it then.
     *
     * @param serverIsLate whether, since the last tick, the leader has looked for the rest of the answer in vain: a leader without a processor
     *     says nothing about the server, and such a tick does not count against the call
     */
    boolean isHeldUp(@Nullable LaneCall nowFirst, boolean serverIsLate) {
        if (nowFirst == null || nowFirst != first) {
            first = nowFirst;
            ticks = 0;
            cancelledAtNanos = 0;
            return false;
        }
        late = serverIsLate;
        ticks += late || ticks == 0 ? 1 : 0;
        return true;
    }

    /**
     * Whether to send a cancel request for the first call: its caller has given it up, or others wait behind it.
     *
     * @throws IOException when an earlier one has not helped
     */
    boolean isToCancel(LaneCall call, boolean othersWait, long now) throws IOException {
        if (!call.givenUp && !(othersWait && ticks > 1)) {
            return false;
        }
        if (cancelledAtNanos == 0) {
            cancelledAtNanos = now;
        } else if (late && now - cancelledAtNanos > CANCEL_LIMIT.toNanos()) {
            throw new IOException("a cancelled statement did not end within " + CANCEL_LIMIT.toMillis() + " ms");
        }
        call.slow = true;
        if (cancels > 0) {
            return false;
        }
        cancelSent = true;
        cancels++;
        return true;
    }

    /** The cancel request has been dealt with. */
    void cancelled() {
        cancels--;
    }

    static Deadline cancelDeadline() {
        return Deadline.in(CANCEL_LIMIT);
    }
}
