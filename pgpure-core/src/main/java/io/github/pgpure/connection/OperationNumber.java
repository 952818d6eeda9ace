package io.github.pgpure.connection;

import java.util.concurrent.atomic.AtomicLong;

/** Counts the operations of a session, so that a late cancellation misses rather than hits the next one. Any thread, but for {@link #next()}. */
final class OperationNumber {

    private volatile long current;

    /** The highest number that was cancelled: a late cancellation must not hide one that is still to be seen. */
    private final AtomicLong cancelled = new AtomicLong();

    /** The number of the operation that runs, or ran last. */
    long current() {
        return current;
    }

    /** From now on the number before stands for nothing. For the session's owner. */
    void next() {
        current++;
    }

    /** Marks the operation with this number as cancelled, and with it those before. */
    void cancel(long number) {
        cancelled.accumulateAndGet(number, Math::max);
    }

    /** Whether the operation that runs was cancelled. */
    boolean isCancelled() {
        return cancelled.get() == current;
    }
}
