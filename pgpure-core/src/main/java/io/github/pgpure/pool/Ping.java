package io.github.pgpure.pool;

import java.util.concurrent.atomic.AtomicBoolean;

/** A round trip by which a connection is to show that it lives; thread-safe. Either it is answered or it is given up, and both are final. */
final class Ping {

    private volatile long startedAtNanos = System.nanoTime();
    private volatile boolean started;
    private final AtomicBoolean settled = new AtomicBoolean();

    /** It is sent now: that a thread for it was late says nothing about the connection. By that thread. */
    void starts() {
        startedAtNanos = System.nanoTime();
        started = true;
    }

    /** Makes out what became of it; false when that was made out before. */
    boolean settle() {
        return settled.compareAndSet(false, true);
    }

    boolean isSettled() {
        return settled.get();
    }

    /** The {@link System#nanoTime()} at which it was sent, or until then at which that was asked for. */
    long startedAtNanos() {
        return startedAtNanos;
    }

    /** The time since it was sent, 0 until then. */
    long elapsedNanos() {
        return started ? System.nanoTime() - startedAtNanos : 0;
    }
}
