package io.github.pgpure.connection;

/**
 * How long a lane takes for one call, while calls are under way: the mean of the last hundred or so. Guarded by the lane's lock, but for what says
 * otherwise.
 */
final class LanePace {

    private static final int ENOUGH = 64;

    /** From when on calls have been under way that are not counted yet. */
    private long sinceNanos;

    private long nanos;
    private int calls;
    private volatile long perCall = Long.MAX_VALUE;

    /** A call enters while none is under way. */
    void begins(long now) {
        sinceNanos = now;
    }

    /** So many calls that were under way have ended. */
    void ended(int count, long now) {
        nanos += now - sinceNanos;
        calls += count;
        sinceNanos = now;
        if (calls >= ENOUGH) {
            perCall = nanos / calls;
            nanos /= 2;
            calls /= 2;
        }
    }

    /** The mean in nanoseconds; {@link Long#MAX_VALUE} as long as it is not known. Any thread. */
    long nanosPerCall() {
        return perCall;
    }
}
