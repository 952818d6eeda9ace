package io.github.pgpure.pool;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ConnectionQueue} knows of one of its members. A member that is {@link State#ACTIVE} or {@link State#ASIDE} belongs to exactly one
 * thread, which alone may end that state. One on the {@link Shelf} is {@link State#ACTIVE} as well, and belongs to whoever takes it.
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
        /** Checked out by its holder, or shared, or on the shelf. */
        ACTIVE,
        /** The keeper has it, or it is being drained. */
        ASIDE,
        /** It has left the queue for good. */
        GONE
    }

    /** Guarded by the queue's lock. */
    State state = State.ASIDE;

    /** Whether several callers use it. Written under the queue's lock. */
    boolean shared;

    // Written by the owner, read by anybody.
    private final AtomicReference<@Nullable Thread> holder = new AtomicReference<>();
    private final AtomicLong acquiredAtNanos = new AtomicLong();
    private final AtomicLong acquisitions = new AtomicLong();
    private final AtomicLong uses = new AtomicLong();
    private final AtomicLong usedNanos = new AtomicLong();

    // For the owner.
    private boolean inUse;

    /** When its holder began to run with it: later than it was acquired where the holder had to be woken. */
    long heldAtNanos;

    long lastUsedAtNanos;

    /** A use begins. By the owner. */
    final void acquired(Thread by, long now) {
        inUse = true;
        heldAtNanos = now;
        acquiredAtNanos.setRelease(now);
        holder.setRelease(by);
    }

    /** The use has ended; a second call does nothing. By the owner. */
    final void returned(long now) {
        if (inUse) {
            inUse = false;
            holder.setRelease(null);
            uses.setRelease(uses.getPlain() + 1);
            usedNanos.setRelease(usedNanos.getPlain() + now - acquiredAtNanos.getPlain());
            lastUsedAtNanos = now;
        }
    }

    /** Whether a thread has it for itself alone. By the owner. */
    final boolean isHeld() {
        return inUse && !shared;
    }

    /** The use has not taken place. By the owner. */
    final void refused() {
        inUse = false;
        holder.setRelease(null);
    }

    /** Who checked it out; null when nobody has, and when several callers share it. Anybody. */
    final @Nullable Thread holder() {
        return shared ? null : holder.getAcquire();
    }

    /** When the present use, or the last one, began. Anybody. */
    final long acquiredAtNanos() {
        return acquiredAtNanos.getAcquire();
    }

    /** The use that has begun is one: it was not in vain. By the owner. */
    final void accepted() {
        acquisitions.setRelease(acquisitions.getPlain() + 1);
    }

    /** How many uses have begun and were not {@linkplain #refused() refused}. Anybody. */
    final long acquisitions() {
        return acquisitions.getAcquire();
    }

    /** How many uses have ended. Anybody. */
    final long uses() {
        return uses.getAcquire();
    }

    /** How long they took together. Anybody. */
    final long usedNanos() {
        return usedNanos.getAcquire();
    }
}
