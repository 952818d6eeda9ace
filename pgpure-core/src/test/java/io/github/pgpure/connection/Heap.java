package io.github.pgpure.connection;

/** How much more memory is in use than when this was made; garbage is collected before each look. */
final class Heap {

    /** What a client that keeps nothing does not need, and one that keeps what it is sent needs many times. */
    static final long LIMIT = 32L << 20;

    private static final int EVERY = 50_000;

    /** How often to look before it is more than the limit: what is kept is there each time, garbage that others have just made is not. */
    private static final int LOOKS = 3;

    private final long before = used();
    private volatile long most;
    private long next = EVERY;

    /** Looks from time to time, as this number of things done grows. */
    void sample(long done) {
        if (done >= next) {
            next = done + EVERY;
            most = Math.max(most, grown());
        }
    }

    /** The largest growth seen, which is what the server's script itself holds at least. */
    long growth() {
        return Math.max(most, grown());
    }

    private long grown() {
        long least = used() - before;
        for (int looks = 1; looks < LOOKS && least >= LIMIT; looks++) {
            least = Math.min(least, used() - before);
        }
        return least;
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
