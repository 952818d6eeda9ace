package io.github.pgpure.connection;

/**
 * Looks for interrupts and at the deadline between calls of an application's code, which is given what was read from the socket long before: for
 * an interrupt before each call, at the deadline as often as is cheap, which is before each call when they are slow. For the session's owner.
 */
final class CallbackChecks {

    /** The most calls between two looks at the clock: one costs as much as some calls do. */
    private static final int MOST = 16;

    /** Calls that are made within this time are not slow. */
    private static final long QUICK_NANOS = 200_000;

    private final Wire wire;
    private long lookedAtNanos = System.nanoTime();
    private int distance = 1;
    private int left = 2; // before the first call nothing has taken any time

    CallbackChecks(Wire wire) {
        this.wire = wire;
    }

    /** Before a call: ends the operation if something should. */
    void beforeCall() {
        if (--left > 0 && !Thread.currentThread().isInterrupted()) {
            return;
        }
        long now = System.nanoTime();
        distance = now - lookedAtNanos < QUICK_NANOS ? Math.min(MOST, 2 * distance) : 1;
        lookedAtNanos = now;
        left = distance;
        wire.check();
    }
}
