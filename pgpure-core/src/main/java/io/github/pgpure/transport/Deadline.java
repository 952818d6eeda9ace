package io.github.pgpure.transport;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A point in time, on the clock of {@link System#nanoTime()}, until which something may go on; immutable.
 */
public final class Deadline {

    /** No limit. */
    public static final Deadline NONE = new Deadline(0, 0);

    private final long atNanos;
    private final long limitNanos;

    private Deadline(long atNanos, long limitNanos) {
        this.atNanos = atNanos;
        this.limitNanos = limitNanos;
    }

    /**
     * The deadline that lies this far ahead.
     *
     * @param limit the time from now on; {@link Duration#ZERO} for no limit
     */
    public static Deadline in(Duration limit) {
        if (limit.isZero()) {
            return NONE;
        }
        // Some 146 years are as good as none, and keep the arithmetic from overflowing.
        long nanos = limit.compareTo(Duration.ofNanos(Long.MAX_VALUE / 2)) > 0 ? Long.MAX_VALUE / 2 : limit.toNanos();
        return new Deadline(System.nanoTime() + nanos, Math.max(1, nanos));
    }

    /** The deadline of one of several attempts that are to share the time left: an equal part of it. */
    public Deadline share(int attempts) {
        long remaining = remainingNanos();
        return isNone() || attempts <= 1 || remaining <= 0
                ? this
                : in(Duration.ofNanos(Math.max(1, remaining / attempts)));
    }

    /** Whether there is no limit. */
    public boolean isNone() {
        return limitNanos == 0;
    }

    /** Whether it has passed. */
    public boolean hasPassed() {
        return limitNanos != 0 && System.nanoTime() - atNanos >= 0;
    }

    /** The nanoseconds left, negative when it has passed, {@link Long#MAX_VALUE} without a limit. */
    public long remainingNanos() {
        return limitNanos == 0 ? Long.MAX_VALUE : atNanos - System.nanoTime();
    }

    /** The time it was set to lie ahead. */
    public Duration limit() {
        return Duration.ofNanos(limitNanos);
    }

    /** The time since it was set. */
    public Duration elapsed() {
        return Duration.ofNanos(limitNanos - remainingNanos());
    }

    /** The one of the two that comes first. */
    public Deadline earlier(Deadline other) {
        if (isNone()) {
            return other;
        }
        return other.isNone() || atNanos - other.atNanos <= 0 ? this : other;
    }

    @Override
    public String toString() {
        return isNone() ? "none" : TimeUnit.NANOSECONDS.toMillis(limitNanos) + " ms";
    }
}
