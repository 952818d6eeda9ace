package io.github.pgpure.connection;

/** How much more memory is in use than when this was made; garbage is collected before each look. */
final class Heap {

    private static final int EVERY = 50_000;

    private final long before = used();
    private volatile long most;
    private long next = EVERY;

    /** Looks from time to time, as this number of things done grows. */
    void sample(long done) {
        if (done >= next) {
            next = done + EVERY;
            most = Math.max(most, used());
        }
    }

    /** The largest growth seen, which is what the server's script itself holds at least. */
    long growth() {
        return Math.max(most, used()) - before;
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
