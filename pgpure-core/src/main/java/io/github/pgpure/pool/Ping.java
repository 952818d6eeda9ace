package io.github.pgpure.pool;

import java.util.concurrent.atomic.AtomicBoolean;

/** A round trip by which a connection is to show that it lives; thread-safe. Either it is answered or it is given up, and both are final. */
final class Ping {

    private final long startedAtNanos = System.nanoTime();
    private final AtomicBoolean settled = new AtomicBoolean();

    /** Makes out what became of it; false when that was made out before. */
    boolean settle() {
        return settled.compareAndSet(false, true);
    }

    boolean isSettled() {
        return settled.get();
    }

    long startedAtNanos() {
        return startedAtNanos;
    }

    long elapsedNanos() {
        return System.nanoTime() - startedAtNanos;
    }
}
