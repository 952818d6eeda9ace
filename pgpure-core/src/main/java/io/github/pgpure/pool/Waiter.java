package io.github.pgpure.pool;

import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for a connection. Its outcome is set once, under the lock of the {@link ConnectionQueue}, by whoever serves it;
 * its own thread reads it without.
 */
final class Waiter<T extends Slot> {

    final Thread thread;

    // The neighbours in the line, guarded by the queue's lock.
    @Nullable
    Waiter<T> previous;

    @Nullable
    Waiter<T> next;

    private @Nullable T slot;
    private @Nullable Throwable failure;
    private volatile boolean done;

    Waiter(Thread thread) {
        this.thread = thread;
    }

    void serve(T slot) {
        this.slot = slot;
        done = true;
    }

    void fail(Throwable reason) {
        this.failure = reason;
        done = true;
    }

    boolean isDone() {
        return done;
    }

    /** What it was given; null when it has failed. To be called once it is done. */
    @Nullable
    T slot() {
        return slot;
    }

    /** Why it will not be served; null when it was. To be called once it is done. */
    @Nullable
    Throwable failure() {
        return failure;
    }
}
