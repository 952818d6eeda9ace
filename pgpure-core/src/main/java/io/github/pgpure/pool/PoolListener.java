package io.github.pgpure.pool;

import io.github.pgpure.PgException;
import io.github.pgpure.PgHost;

/**
 * Is told what happens in a pool, for metrics, traces and alarms. All methods do nothing by default.
 *
 * <p>They are called by many threads at once, those of the callers among them, so implementations have to be thread-safe and quick. No
 * lock of the pool is held meanwhile. What they throw is logged and harms nobody.
 */
public interface PoolListener {

    /**
     * A connection was opened.
     *
     * @param tookNanos the time from the first byte to the end of the login, in nanoseconds
     */
    default void opened(int backendPid, PgHost host, long tookNanos) {}

    /** A connection could not be opened; the pool decides whether and when it tries again. */
    default void openFailed(Throwable failure) {}

    /** A connection was closed. */
    default void closed(int backendPid, CloseReason reason) {}

    /**
     * A caller found no connection idle and begins to wait for one. Called on the caller's thread, as is what follows: {@link #acquired}
     * or {@link #acquireFailed}.
     */
    default void waiting() {}

    /**
     * A connection was checked out. Called on its caller's thread.
     *
     * @param waitedNanos the time its caller waited for it, in nanoseconds; 0 when one was idle
     */
    default void acquired(int backendPid, long waitedNanos) {}

    /** A caller got no connection: by timeout, interrupt, or since the pool cannot open any or is closed. */
    default void acquireFailed(PgException failure) {}

    /**
     * A connection was given back, in whatever condition.
     *
     * @param usedNanos the time it was checked out, in nanoseconds
     */
    default void released(int backendPid, long usedNanos) {}

    /**
     * A connection has been checked out for longer than {@link io.github.pgpure.PgPoolOptions#leakDetectionThreshold()}.
     *
     * @param holder the name of the thread that took it
     * @param heldNanos for how long it has had it, in nanoseconds
     * @param checkedOutAt has the stack of the checkout
     */
    default void leakSuspected(int backendPid, String holder, long heldNanos, Throwable checkedOutAt) {}
}
