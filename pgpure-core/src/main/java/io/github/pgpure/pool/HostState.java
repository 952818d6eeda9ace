package io.github.pgpure.pool;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgHost;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What a pool knows of a host; thread-safe. Only the order in which hosts are tried depends on it, so that being a little late is harmless. */
final class HostState {

    /** How it was found when it was last tried. */
    enum Condition {
        UNKNOWN,
        FITS,
        UNWANTED,
        FAILED
    }

    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(800);

    final PgHost host;

    /** How to connect to this host and no other, whatever it is. */
    final PgConnectOptions options;

    private final AtomicInteger generation = new AtomicInteger();
    private final AtomicInteger pending = new AtomicInteger();
    private volatile long answeredAtNanos;
    private volatile Condition condition = Condition.UNKNOWN;

    HostState(PgHost host, PgConnectOptions options) {
        this.host = host;
        this.options = options;
    }

    /** Connections opened under another generation than this one are to be replaced. */
    int generation() {
        return generation.get();
    }

    /**
     * Has all connections of this generation replaced, by ones to another host where there is a better one.
     *
     * @return false when that is so already
     */
    boolean retire(int expectedGeneration) {
        if (!generation.compareAndSet(expectedGeneration, expectedGeneration + 1)) {
            return false;
        }
        condition = Condition.UNWANTED;
        return true;
    }

    Condition condition() {
        return condition;
    }

    void attemptBegins() {
        if (pending.getAndIncrement() == 0) {
            answeredAtNanos = System.nanoTime();
        }
    }

    void attemptEnds(Condition found) {
        condition = found;
        answeredAtNanos = System.nanoTime();
        pending.decrementAndGet();
    }

    /** The lower, the sooner it is to be tried. */
    int rank(long now) {
        if (pending.get() > 0 && now - answeredAtNanos > SLOW_NANOS) {
            return 3;
        }
        return switch (condition) {
            case UNKNOWN, FITS -> 0;
            case UNWANTED -> 1;
            case FAILED -> 2;
        };
    }

    @Override
    public String toString() {
        return host.toString();
    }
}
