package io.github.pgpure.pool;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * What a statement costs; thread-safe, and not exact when several threads measure at once.
 *
 * <p>What counts is the least of its last runs: on a busy machine any run may take long for reasons that are not its own. A statement that
 * is short with some values and long with others is found out by those who wait behind it, and then has to be short many times in
 * a row.
 */
final class StatementCost {

    /** What takes longer would be felt by those behind it. */
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * Statements that take this long one after the other are enough for one connection: fewer connections with more callers each take less
     * processor time, which counts where there are few processors; more connections keep more processors busy.
     */
    private static final long TOGETHER_NANOS = 2_400_000 / Runtime.getRuntime().availableProcessors();

    /** Whoever needs a connection of his own waits until those who share it have their answers, but not much longer than this. */
    private static final long LONGEST_LINE_NANOS = 128 * SHORT_NANOS;

    /** That one statement was measured to take so many times what it costs the server is usual where all processors are busy. */
    private static final int MOST_OF_IT_WAITING = 32;

    /** A result that the server's socket buffer takes at once does not keep it from the next statement. */
    private static final long SMALL_BYTES = 64 * 1024;

    /** The runs that a statement which has kept others waiting has to make by itself, at first. */
    private static final int FIRST_PENALTY = 64;

    private static final int LARGEST_PENALTY = 1 << 20;

    /** After so long without a further one the next penalty is half as large: on a busy machine it may not have been the statement's own fault. */
    private static final long HALVED_AFTER_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final AtomicIntegerFieldUpdater<StatementCost> MEASURED_IN =
            AtomicIntegerFieldUpdater.newUpdater(StatementCost.class, "measuredIn");

    /** Whether its text allows it. */
    private final boolean shareable;

    private volatile long nanos = Long.MAX_VALUE;
    private volatile long bytes;
    private volatile int penalty;
    private volatile int measuredIn;
    private volatile boolean commitWaits;
    private volatile int nextPenalty = FIRST_PENALTY;
    private volatile long slowAtNanos;

    StatementCost(boolean shareable) {
        this.shareable = shareable;
    }

    void measured(long runNanos, long runBytes) {
        long before = nanos;
        nanos = before == Long.MAX_VALUE ? runNanos : Math.min(runNanos, before + before / 4);
        bytes = Math.max(runBytes, bytes - bytes / 4);
        int left = penalty - 1;
        if (left >= 0) {
            penalty = left;
            slowAtNanos = left == 0 ? System.nanoTime() : slowAtNanos; // until now it could not keep anybody waiting
        }
    }

    /** Whether the server's commits wait for other servers: a cancel request that was meant for a neighbour could end such a wait unseen. */
    void commitWaits(boolean waits) {
        commitWaits = waits;
    }

    /**
     * It has kept others waiting.
     *
     * @param now the present {@link System#nanoTime()}
     */
    void wasSlow(long now) {
        long halvings = (now - slowAtNanos) / HALVED_AFTER_NANOS;
        slowAtNanos = now;
        int due = Math.max(FIRST_PENALTY, nextPenalty >> Math.min(31, halvings));
        penalty = due;
        nextPenalty = Math.min(LARGEST_PENALTY, due * 2);
    }

    /** Whether it was not measured in this period; says so to one caller only. */
    boolean isDue(int period) {
        int before = measuredIn;
        return before != period && MEASURED_IN.compareAndSet(this, before, period);
    }

    /**
     * Whether one more such statement should join so many that are on their way on one connection, rather than that another one is shared as well.
     *
     * @param nanosPerCall what a statement takes on that connection now, which is less than what one takes that was run by itself: on a busy machine that has
     *     waited for a processor most of the time. It may have been another statement, so it does not count for everything.
     */
    boolean joins(int inside, long nanosPerCall) {
        long known = nanos;
        return inside
                < TOGETHER_NANOS / Math.max(1, Math.min(known, Math.max(nanosPerCall, known / MOST_OF_IT_WAITING)));
    }

    /** How many such statements may be on their way on one connection. */
    int mostInLine() {
        return (int) Math.min(Integer.MAX_VALUE, LONGEST_LINE_NANOS / Math.max(1, nanos));
    }

    /** Whether it may share a connection with others. */
    boolean isShareable() {
        return shareable && !commitWaits && penalty == 0 && nanos < SHORT_NANOS && bytes < SMALL_BYTES;
    }
}
