package io.github.pgpure.connection;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Where a session stands, and for whom: the phase and the number of its lease in one word, so that both are looked at and changed together. A
 * lease lasts from one handle's closing to the next one's; a handle that was closed can take the session no more, however its threads race.
 * Thread-safe.
 */
final class SessionState {

    /** What a session is doing, see {@link Session}. */
    enum Phase {
        IDLE,
        RUNNING,
        DRAINING,
        DEAD
    }

    /** For those who have the session from the pool itself, rather than through a handle that somebody else could close. */
    static final long ANY_LEASE = -1;

    private static final Phase[] PHASES = Phase.values();
    private static final int PHASE_BITS = 2;
    private static final long PHASE_MASK = (1 << PHASE_BITS) - 1;

    /** The lease's number (upper 62 bits) and the phase (lower 2 bits). */
    private final AtomicLong word = new AtomicLong(Phase.RUNNING.ordinal());

    Phase phase() {
        return phase(word.get());
    }

    boolean is(Phase phase) {
        return phase() == phase;
    }

    /** The number of the current lease. */
    long lease() {
        return word.get() >>> PHASE_BITS;
    }

    /** Whether this is the current lease. */
    boolean isLease(long lease) {
        return lease == ANY_LEASE || lease == lease();
    }

    /** Goes from idle to running, if this is still the lease; whoever gets true owns the wire. */
    boolean take(long lease) {
        long current = word.get();
        return phase(current) == Phase.IDLE
                && (lease == ANY_LEASE || lease == current >>> PHASE_BITS)
                && word.compareAndSet(current, with(current, Phase.RUNNING));
    }

    /** Goes from one phase to another, whatever the lease; false when it is in neither. */
    boolean move(Phase from, Phase to) {
        while (true) {
            long current = word.get();
            if (phase(current) != from) {
                return false;
            }
            if (word.compareAndSet(current, with(current, to))) {
                return true;
            }
        }
    }

    /** Ends the lease, unless something is running; false when it is. */
    boolean endLease() {
        while (true) {
            long current = word.get();
            if (phase(current) == Phase.RUNNING) {
                return false;
            }
            if (word.compareAndSet(current, current + (1 << PHASE_BITS))) {
                return true;
            }
        }
    }

    /** Goes to dead; false when it was. */
    boolean die() {
        return die(ANY_LEASE);
    }

    /** Goes to dead, if this is still the lease; false when it is not, and when it was dead. */
    boolean die(long lease) {
        while (true) {
            long current = word.get();
            if (phase(current) == Phase.DEAD || lease != ANY_LEASE && lease != current >>> PHASE_BITS) {
                return false;
            }
            if (word.compareAndSet(current, with(current, Phase.DEAD))) {
                return true;
            }
        }
    }

    private static Phase phase(long word) {
        return PHASES[(int) (word & PHASE_MASK)];
    }

    private static long with(long word, Phase phase) {
        return word & ~PHASE_MASK | phase.ordinal();
    }
}
