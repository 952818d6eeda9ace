package io.github.pgpure.connection;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a lane that are on their way, those given up included, in the order of their bytes. They are numbered as they come. Guarded by the
 * lane's lock but for {@link #size()} and, by the leader, {@link #get}.
 */
final class CallLine {

    /** What a server is sent before it has answered anything has to have an end somewhere. */
    private static final int MOST = 1 << 16;

    private static final int INITIAL_PLACES = 64;

    /** A power of two of places, of which a call has that with its number modulo theirs. Volatile for the leader: others may replace it by a larger one. */
    private volatile @Nullable LaneCall[] places = new LaneCall[INITIAL_PLACES];

    private final AtomicInteger size = new AtomicInteger();
    private long head;
    private long tail;

    /** The number of the first one. */
    long head() {
        return head;
    }

    /** The number of the next one to come. */
    long tail() {
        return tail;
    }

    /** How many there are. Any thread. */
    int size() {
        return size.getAcquire();
    }

    boolean isEmpty() {
        return head == tail;
    }

    boolean isFull() {
        return tail - head == MOST;
    }

    void add(LaneCall call) {
        @Nullable LaneCall[] current = places;
        if (tail - head == current.length) {
            current = enlarged(current);
            places = current;
        }
        current[place(tail++, current)] = call;
        size.setRelease((int) (tail - head));
    }

    /** Takes back the one that was added last. */
    void removeLast() {
        @Nullable LaneCall[] current = places;
        current[place(--tail, current)] = null;
        size.setRelease((int) (tail - head));
    }

    /** The call with this number, which is in the line. */
    LaneCall get(long number) {
        @Nullable LaneCall[] current = places;
        return Objects.requireNonNull(current[place(number, current)]);
    }

    /** The first one; null when there is none. */
    @Nullable
    LaneCall first() {
        return isEmpty() ? null : get(head);
    }

    /** Removes those with smaller numbers. */
    void removeUpTo(long number) {
        @Nullable LaneCall[] current = places;
        while (head < number) {
            current[place(head++, current)] = null; // its rows must not be kept from being collected
        }
        size.setRelease((int) (tail - head));
    }

    private @Nullable LaneCall[] enlarged(@Nullable LaneCall[] full) {
        @Nullable LaneCall[] larger = new LaneCall[2 * full.length];
        for (long number = head; number < tail; number++) {
            larger[place(number, larger)] = full[place(number, full)];
        }
        return larger;
    }

    private static int place(long number, @Nullable LaneCall[] places) {
        return (int) number & (places.length - 1);
    }
}
