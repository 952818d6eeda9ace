package io.github.pgpure.pool;

import java.util.concurrent.TimeUnit;

/**
 * What a statement costs on the average; thread-safe, and not exact when several threads measure at once.
 */
final class StatementCost {

    /** What takes longer would be felt by those behind it. */
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** A result that the server's socket buffer takes at once does not keep it from the next statement. */
    private static final long SMALL_BYTES = 64 * 1024;

    /** As if it had taken this long: some forty short runs clear a statement that was slow once. */
    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final boolean onlyReads;
    private volatile long nanos;
    private volatile long bytes;

    StatementCost(boolean onlyReads) {
        this.onlyReads = onlyReads;
    }

    void measured(long runNanos, long runBytes) {
        nanos = average(nanos, runNanos);
        bytes = average(bytes, runBytes);
    }

    private static long average(long before, long now) {
        return before == 0 ? now : before + (now - before) / 8;
    }

    /** It has kept others waiting. */
    void wasSlow() {
        nanos = SLOW_NANOS;
    }

    /** Whether it may share a connection with others. */
    boolean isShareable() {
        return onlyReads && nanos < SHORT_NANOS && bytes < SMALL_BYTES;
    }
}
