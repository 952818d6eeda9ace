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

    /** Fails and takes out all of them. */
    List<Waiter<T>> failAll(Throwable reason) {
        var failed = new ArrayList<Waiter<T>>(size);
        for (Waiter<T> waiter = pollFirst(); waiter != null; waiter = pollFirst()) {
            waiter.fail(reason);
            failed.add(waiter);
        }
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
