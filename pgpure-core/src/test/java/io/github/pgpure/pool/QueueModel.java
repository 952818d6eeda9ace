package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.pool.Slot.State;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A queue, and beside it lists of who should be where; each action is done on both, and what the queue gives compared. */
final class QueueModel {

    private int max = 4;
    private int minIdle = 1;
    private final ConnectionQueue<Slot> queue = new ConnectionQueue<>(max, minIdle);

    private final LinkedList<Slot> idle = new LinkedList<>();
    private final List<Slot> active = new ArrayList<>();
    private final List<Slot> aside = new ArrayList<>();
    private final List<Slot> gone = new ArrayList<>();
    private final Set<Slot> shared = new HashSet<>();
    private final LinkedList<Waiter<Slot>> waiting = new LinkedList<>();

    /** Who was woken for an idle member and has not looked yet. */
    private @Nullable Waiter<Slot> called;

    private long now;
    private int steps;
    private int opening;
    private int released;
    private boolean suspended;
    private boolean closed;

    void timePasses(long nanos) {
        now += nanos;
        steps++;
    }

    int steps() {
        return steps;
    }

    boolean anyIdle() {
        return !idle.isEmpty();
    }

    boolean anyActive() {
        return !active.isEmpty();
    }

    boolean anyAside() {
        return !aside.isEmpty();
    }

    boolean anyGone() {
        return !gone.isEmpty();
    }

    boolean anyWaiting() {
        return !waiting.isEmpty();
    }

    boolean anyOpening() {
        return opening > 0;
    }

    boolean anyCalled() {
        return called != null;
    }

    void poll() {
        Slot polled = queue.poll(now);
        assertThat(polled).isSameAs(suspended || !mayOvertake() ? null : idle.peekFirst());
        if (polled != null) {
            active.add(idle.removeFirst());
        }
    }

    void enter(boolean first) {
        Waiter<Slot> waiter = queue.enter(first, now);
        if (closed) {
            assertThat(waiter.isDone()).isTrue();
            assertThat(waiter.failure()).hasMessage("closed");
            return;
        }
        boolean available = !idle.isEmpty() && !suspended;
        if (available && mayOvertake()) {
            assertThat(waiter.slot()).isSameAs(idle.peekFirst());
            active.add(idle.removeFirst());
            return;
        }
        if (first) {
            waiting.addFirst(waiter);
        } else {
            waiting.addLast(waiter);
        }
        if (available) {
            given(idle.removeFirst(), true);
        }
    }

    void release(int n) {
        if (closed) {
            assertThat(queue.release(active.get(n % active.size()), now)).isFalse();
            return;
        }
        Slot slot = pick(active, n);
        boolean shortUse = now - slot.heldAtNanos < ConnectionQueue.SHORT_USE_NANOS;
        assertThat(queue.release(slot, now)).isTrue();
        released++;
        if (shortUse && !waiting.isEmpty() && !suspended && mayOvertake()) {
            idle.addFirst(slot);
            call();
        } else {
            given(slot, true);
        }
    }

    void leave(int n) {
        Waiter<Slot> waiter = pick(waiting, n);
        assertThat(queue.leave(waiter)).isTrue();
        if (called == waiter) {
            called = null;
        }
        call();
    }

    /** The one who was called looks, and finds it was served meanwhile, or takes what is idle, or goes on waiting. */
    void answerCall() {
        Waiter<Slot> waiter = called;
        assertThat(waiter.takeCall()).isTrue();
        queue.claim(waiter, now);
        called = null;
        if (waiting.contains(waiter) && !idle.isEmpty() && !suspended) {
            given(idle.removeFirst(), true);
        }
        call();
    }

    void claimOpenings(int parallel, boolean forWaitersOnly) {
        int total = total();
        int spare = forWaitersOnly ? 0 : minIdle - idle.size() - aside.size();
        int wanted = Math.max(suspended ? 0 : waiting.size() - idle.size(), spare) - opening;
        int room = Math.min(max - total, parallel) - opening;
        int expected = closed ? 0 : Math.max(0, Math.min(wanted, room));
        assertThat(queue.claimOpenings(parallel, forWaitersOnly)).isEqualTo(expected);
        opening += expected;
    }

    void claimOpening() {
        boolean room = !closed && total() + opening < max;
        assertThat(queue.claimOpening()).isEqualTo(room);
        opening += room ? 1 : 0;
    }

    void endOpening(boolean success) {
        opening--;
        if (!success) {
            queue.openFailed();
            return;
        }
        var slot = new Slot();
        assertThat(queue.opened(slot, now)).isEqualTo(!closed);
        if (!closed) {
            given(slot, false);
        }
    }

    void share(int n) {
        Slot slot = active.get(n % active.size());
        queue.share(slot);
        shared.add(slot);
    }

    void setAside(int n) {
        Slot slot = pick(active, n);
        assertThat(queue.setAside(slot, now)).isTrue();
        released++;
        aside.add(slot);
    }

    void refuse(int n) {
        Slot slot = pick(active, n);
        queue.refuse(slot);
        aside.add(slot);
    }

    void offer(int n) {
        Slot slot = pick(aside, n);
        assertThat(queue.offer(slot, now)).isEqualTo(!closed);
        if (closed) {
            aside.add(slot);
        } else {
            given(slot, false);
        }
    }

    void removeAside(int n) {
        Slot slot = pick(aside, n);
        assertThat(queue.remove(slot, now)).isTrue();
        gone.add(slot);
    }

    void removeActive(int n) {
        Slot slot = pick(active, n);
        assertThat(queue.remove(slot, now)).isTrue();
        released++;
        gone.add(slot);
    }

    void takeIdle(int n) {
        Slot slot = pick(idle, n);
        assertThat(queue.takeIdle(slot)).isTrue();
        assertThat(queue.takeIdle(slot)).isFalse();
        aside.add(slot);
    }

    /** What comes too late changes nothing. */
    void useGone(int n) {
        Slot slot = gone.get(n % gone.size());
        assertThat(queue.release(slot, now)).isFalse();
        assertThat(queue.setAside(slot, now)).isFalse();
        assertThat(queue.offer(slot, now)).isFalse();
        assertThat(queue.takeIdle(slot)).isFalse();
        assertThat(queue.remove(slot, now)).isFalse();
        queue.refuse(slot);
    }

    /** What is not possible in a state throws, and changes nothing. */
    void misuse(int n) {
        if (closed) {
            return;
        }
        if (!idle.isEmpty()) {
            Slot slot = idle.get(n % idle.size());
            assertThatThrownBy(() -> queue.release(slot, now)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> queue.offer(slot, now)).isInstanceOf(IllegalStateException.class);
        }
        if (!aside.isEmpty()) {
            Slot slot = aside.get(n % aside.size());
            assertThatThrownBy(() -> queue.release(slot, now)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> queue.setAside(slot, now)).isInstanceOf(IllegalStateException.class);
        }
        if (!active.isEmpty()) {
            Slot slot = active.get(n % active.size());
            assertThatThrownBy(() -> queue.offer(slot, now)).isInstanceOf(IllegalStateException.class);
            assertThat(queue.takeIdle(slot)).isFalse();
        }
    }

    void resize(int newMax, int newMinIdle) {
        max = newMax;
        minIdle = newMinIdle;
        queue.resize(max, minIdle);
    }

    void suspend() {
        suspended = true;
        queue.suspend();
    }

    void resume() {
        suspended = false;
        queue.resume(now);
        while (!waiting.isEmpty() && !idle.isEmpty()) {
            given(idle.removeFirst(), true);
        }
    }

    void failWaitersIfEmpty() {
        queue.failWaitersIfEmpty(new IllegalStateException("no server"));
        if (total() == 0) {
            allFailed("no server");
        }
    }

    void close() {
        List<Slot> wereIdle = queue.close(new IllegalStateException("closed"));
        assertThat(wereIdle).isEqualTo(idle);
        aside.addAll(idle);
        idle.clear();
        closed = true;
        allFailed("closed");
    }

    private void allFailed(String reason) {
        for (Waiter<Slot> waiter : waiting) {
            assertThat(waiter.isDone()).isTrue();
            assertThat(waiter.failure()).hasMessage(reason);
            assertThat(queue.leave(waiter)).isFalse();
        }
        waiting.clear();
        called = null;
    }

    /** Whoever has waited longest gets it, and nobody else. */
    private void given(Slot slot, boolean front) {
        Waiter<Slot> waiter = suspended ? null : waiting.pollFirst();
        if (waiter != null) {
            assertThat(waiter.slot()).isSameAs(slot);
            active.add(slot);
        } else if (front) {
            idle.addFirst(slot);
        } else {
            idle.addLast(slot);
        }
    }

    private boolean mayOvertake() {
        return waiting.isEmpty() || now - waiting.getFirst().enteredAtNanos < ConnectionQueue.PATIENCE_NANOS;
    }

    private void call() {
        if (called == null && !idle.isEmpty() && !waiting.isEmpty() && !suspended) {
            called = waiting.getFirst();
        }
    }

    private int total() {
        return idle.size() + active.size() + aside.size();
    }

    /** What can be seen of a queue. */
    private record View(
            QueueCounts counts,
            int idleGauge,
            int waitingGauge,
            boolean oversized,
            boolean full,
            boolean wantsMore,
            boolean suspended,
            List<Slot> idle,
            Set<Slot> members) {}

    void check() {
        QueueCounts counts = queue.counts();
        var members = new HashSet<>(idle);
        members.addAll(active);
        members.addAll(aside);
        int total = total();
        assertThat(new View(
                        counts,
                        queue.idle(),
                        queue.waiting(),
                        queue.isOversized(),
                        queue.isFull(),
                        queue.wantsMore(),
                        queue.isSuspended(),
                        queue.idleMembers(),
                        Set.copyOf(queue.members())))
                .isEqualTo(new View(
                        new QueueCounts(
                                total,
                                idle.size(),
                                active.size(),
                                opening,
                                waiting.size(),
                                0, // the pool counts these
                                released,
                                counts.usageNanos(),
                                gone.size()),
                        idle.size(),
                        waiting.size(),
                        total > max,
                        total + opening >= max,
                        total + opening < max && idle.size() < minIdle,
                        suspended,
                        idle,
                        members));
        idle.forEach(slot -> checkState(slot, State.IDLE));
        active.forEach(slot -> checkState(slot, State.ACTIVE));
        aside.forEach(slot -> checkState(slot, State.ASIDE));
        gone.forEach(slot -> checkState(slot, State.GONE));
        assertThat(suspended || idle.isEmpty() || waiting.isEmpty() || called != null)
                .as("somebody waits while a member is idle, and nobody was called")
                .isTrue();
        assertThat(waiting.stream().anyMatch(Waiter::isDone)).isFalse();
    }

    private static void checkState(Slot slot, State state) {
        if (slot.state != state || state != State.ACTIVE && slot.holder() != null) {
            throw new AssertionError("is " + slot.state + " of " + slot.holder() + ", not " + state);
        }
    }

    private <E> E pick(List<E> from, int n) {
        E picked = from.remove(n % from.size());
        shared.remove(picked);
        return picked;
    }
}
