package io.github.pgpure.pool;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The line of those who wait, first come first; leaving it from the middle costs no search. Guarded by the lock of its
 * {@link ConnectionQueue}.
 */
final class WaitList<T extends Slot> {

    private @Nullable Waiter<T> head;
    private @Nullable Waiter<T> tail;
    private int size;

    /** The one who was woken since there is an idle member, and has not looked yet; it may have been served meanwhile, and not know. */
    private @Nullable Waiter<T> called;

    int size() {
        return size;
    }

    void add(Waiter<T> waiter, boolean first) {
        if (first) {
            waiter.next = head;
            if (head != null) {
                head.previous = waiter;
            } else {
                tail = waiter;
            }
            head = waiter;
        } else {
            waiter.previous = tail;
            if (tail != null) {
                tail.next = waiter;
            } else {
                head = waiter;
            }
            tail = waiter;
        }
        size++;
    }

    @Nullable
    Waiter<T> pollFirst() {
        Waiter<T> first = head;
        if (first != null) {
            remove(first);
        }
        return first;
    }

    /**
     * Adds those who wait without a time limit and have no more time left than this.
     *
     * @return false when nobody waits without a time limit
     */
    boolean addNear(long leftNanos, long now, List<Waiter<T>> near) {
        boolean any = false;
        for (Waiter<T> waiter = head; waiter != null; waiter = waiter.next) {
            if (waiter.isWatched()) {
                any = true;
                if (waiter.watchedNanos(now) <= leftNanos) {
                    near.add(waiter);
                }
            }
        }
        return any;
    }

    /** Who is next; null when nobody waits. */
    @Nullable
    Waiter<T> first() {
        return head;
    }

    /**
     * Chooses whom to wake for an idle member.
     *
     * @return null when somebody was woken already and is on the way, or when nobody waits
     */
    @Nullable
    Waiter<T> call() {
        if (called != null || head == null) {
            return null;
        }
        called = head;
        head.call();
        return head;
    }

    /** Whether somebody was woken who has not looked yet. */
    boolean hasCalled() {
        return called != null;
    }

    /** The one who was called has looked. */
    void answered(Waiter<T> waiter) {
        if (called == waiter) {
            called = null;
        }
    }

    /** Fails and takes out all of them. */
    List<Waiter<T>> failAll(Throwable reason) {
        var failed = new ArrayList<Waiter<T>>(size);
        for (Waiter<T> waiter = pollFirst(); waiter != null; waiter = pollFirst()) {
            waiter.fail(reason);
            failed.add(waiter);
        }
        called = null;
        return failed;
    }

    /** Takes out one that is in the list. */
    void remove(Waiter<T> waiter) {
        Waiter<T> previous = waiter.previous;
        Waiter<T> next = waiter.next;
        if (previous != null) {
            previous.next = next;
        } else {
            head = next;
        }
        if (next != null) {
            next.previous = previous;
        } else {
            tail = previous;
        }
        waiter.previous = null;
        waiter.next = null;
        size--;
    }
}
