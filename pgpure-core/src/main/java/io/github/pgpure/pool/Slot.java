package io.github.pgpure.pool;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link ConnectionQueue} knows of one of its members. All fields are guarded by the queue's lock; a member that is
 * {@link State#ACTIVE} or {@link State#ASIDE} belongs to exactly one thread, which alone may end that state.
 *
 * <pre>
 *            poll, hand-over            setAside
 *      IDLE ----------------> ACTIVE --------------> ASIDE  (rolled back, drained, pinged, checked)
 *       ^  \                  /  |                   / | \
 *       |   `---takeIdle-----/---+----------------->'  |  \ offer
 *       `-------release-----'    `------> GONE <-------'   `---> IDLE or, handed over, ACTIVE
 * </pre>
 */
class Slot {

    enum State {
        /** Nobody uses it. */
        IDLE,
        /** Checked out by {@link #holder}, or shared. */
        ACTIVE,
        /** The keeper has it, or it is being drained. */
        ASIDE,
        /** It has left the queue for good. */
        GONE
    }

    State state = State.ASIDE;

    /** Who checked it out; null also when several callers share it. */
    @Nullable
    Thread holder;

    long acquiredAtNanos;

    /** When its holder began to run with it: later than {@link #acquiredAtNanos} where it had to be woken. For the holder. */
    long heldAtNanos;

    long lastUsedAtNanos;
}
