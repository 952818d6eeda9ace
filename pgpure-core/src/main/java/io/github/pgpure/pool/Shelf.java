package io.github.pgpure.pool;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Members that nobody uses, within reach without the lock of the {@link ConnectionQueue}: whoever takes one off the shelf owns it, and whoever puts
 * it there has given it up. Thread-safe.
 *
 * <p>There are some places for each processor, and each thread puts what it returns at one of its own: so it mostly finds that again, and of the threads
 * that run at the same time two seldom want the same one. All reads and writes are volatile: the queue relies on their order with those of its own fields.
 */
final class Shelf<T> {

    private static final int MAX_PLACES = 32;

    private static final int PLACES_PER_PROCESSOR = 4;

    /** Places are a cache line apart, so that threads do not slow each other down. */
    private static final int DISTANCE = 16;

    private final int mask;
    private final AtomicReferenceArray<@Nullable T> places;

    Shelf() {
        int wanted =
                Math.min(MAX_PLACES, PLACES_PER_PROCESSOR * Runtime.getRuntime().availableProcessors());
        mask = (Integer.highestOneBit(wanted) << (Integer.bitCount(wanted) == 1 ? 0 : 1)) - 1;
        places = new AtomicReferenceArray<>((mask + 1) * DISTANCE);
    }

    /** Puts a member at this thread's place; false when there is one already. */
    boolean put(T member) {
        int place = place(home());
        return places.get(place) == null && places.compareAndSet(place, null, member);
    }

    /** Takes one, from this thread's place if possible; null when there is none. */
    @Nullable
    T take() {
        int home = home();
        for (int i = 0; i <= mask; i++) {
            int place = place(home + i);
            if (places.get(place) != null) {
                T member = places.getAndSet(place, null);
                if (member != null) {
                    return member;
                }
            }
        }
        return null;
    }

    /** Takes back what this thread has just put there; false when it is not there any more. */
    boolean take(T member) {
        return places.compareAndSet(place(home()), member, null);
    }

    /** Takes all that are there. */
    void takeAll(Consumer<T> receiver) {
        for (T member = take(); member != null; member = take()) {
            receiver.accept(member);
        }
    }

    /** How many are there, roughly. */
    int size() {
        int size = 0;
        for (int i = 0; i <= mask; i++) {
            if (places.get(place(i)) != null) {
                size++;
            }
        }
        return size;
    }

    private static int home() {
        return (int) Thread.currentThread().getId();
    }

    private int place(int number) {
        return (number & mask) * DISTANCE;
    }
}
