package io.github.pgpure.connection;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/** Lets so many things pass in each span of time, and counts the others. Thread-safe. */
final class RateLimit {

    private final ReentrantLock lock = new ReentrantLock();
    private final int limit;
    private final long spanNanos;
    private long spanStart;
    private int passed;
    private long suppressed;

    RateLimit(int limit, Duration span) {
        this.limit = limit;
        this.spanNanos = span.toNanos();
        this.spanStart = System.nanoTime();
    }

    /** Whether the next one may pass. */
    boolean mayPass() {
        lock.lock();
        try {
            long now = System.nanoTime();
            if (now - spanStart >= spanNanos) {
                spanStart = now;
                passed = 0;
            }
            if (passed < limit) {
                passed++;
                return true;
            }
            suppressed++;
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** How many did not pass since this was last asked. */
    long takeSuppressed() {
        lock.lock();
        try {
            long count = suppressed;
            suppressed = 0;
            return count;
        } finally {
            lock.unlock();
        }
    }
}
