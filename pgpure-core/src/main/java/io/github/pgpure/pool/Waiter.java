package io.github.pgpure.pool;

import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for a connection. Its outcome is set once, under the lock of the {@link ConnectionQueue}, by whoever serves it;
 * its own thread reads it without.
 */
final class Waiter<T extends Slot> {

    final Thread thread;
    final long enteredAtNanos;

    // The neighbours in the line, guarded by the queue's lock.
    @Nullable
    Waiter<T> previous;

    @Nullable
    Waiter<T> next;

    // Written in this order by its own thread.
    private long watchedUntilNanos;
    private volatile boolean watched;

    private @Nullable T slot;
    private @Nullable Throwable failure;
    private volatile boolean done;
    private volatile boolean called;

    Waiter(Thread thread, long now) {
        this.thread = thread;
        this.enteredAtNanos = now;
    }

    /**
     * It is going to wait without a time limit. By its own thread.
     *
     * @param untilNanos the {@link System#nanoTime()} at which it is to give up
     */
    void watch(long untilNanos) {
        watchedUntilNanos = untilNanos;
        watched = true;
    }

    /** Whether it waits without a time limit. Any thread. */
    boolean isWatched() {
        return watched;
    }

    /** How much time it has left; where it {@linkplain #isWatched() waits without a time limit}. */
    long watchedNanos(long now) {
        return watchedUntilNanos - now;
    }

    /** There is an idle member, which it is to take if it comes in time. */
    void call() {
        called = true;
    }

    /** Whether it has been called and has not looked yet; for its own thread. */
    boolean isCalled() {
        return called;
    }

    /** Whether it has been called since this was last asked; for its own thread. */
    boolean takeCall() {
        boolean was = called;
        if (was) {
            called = false;
        }
        return was;
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
