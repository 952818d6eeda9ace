package io.github.pgpure.pool;

import io.github.pgpure.pool.Slot.State;
import io.github.pgpure.transport.LongWaits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decides who gets the next connection; thread-safe.
 *
 * <p>One lock guards all of it and is held for a few instructions only: no I/O, callback, logging or unparking happens under it.
 * Its invariant: nobody waits while a member is idle, unless the first in line has been woken to take it, or the queue is suspended. A
 * member that comes free goes straight to whoever has waited longest (direct hand-over), so no newcomer can overtake.
 *
 * <p>The exception: after a use too short for a round trip to the server, by a thread that is likely to ask again at once, the member
 * becomes idle and the first in line is woken to take it ({@link #SHORT_USE_NANOS}, {@link #PATIENCE_NANOS}). Handing it over would leave
 * it unused for the time that a thread takes to wake up, which is a hundred times such a use, and would put the thread that has returned
 * it to sleep in its turn: all threads would move at the pace of wake-ups from then on.
 *
 * <p>Idle members are taken last-in, first-out: the few that are needed stay warm, and the others grow old enough to be reaped.
 *
 * <p>Where nobody waits, or may be overtaken, members are put on a {@link Shelf} and taken off it without the lock. Whoever puts one there looks
 * afterwards whether somebody waits; whoever begins to wait says so before looking at the shelf. One of the two sees the other. To all that is
 * done under the lock a member on the shelf is active until it has been {@linkplain #clearShelf() cleared}.
 *
 * @param <T> the members
 */
final class ConnectionQueue<T extends Slot> {

    /** How waiting ended. */
    enum Outcome {
        SERVED,
        FAILED,
        TIMED_OUT,
        INTERRUPTED
    }

    /** No statement fits into this time: a round trip on the same machine takes 15 us. So nobody who runs statements is overtaken. */
    static final long SHORT_USE_NANOS = 10_000;

    /**
     * Whoever has waited this long is overtaken by nobody. A line of a hundred, in which one after the other is woken for what is idle,
     * moves up within this time; were it shorter than that, each use would end as a hand-over to a thread that sleeps.
     */
    static final long PATIENCE_NANOS = 20_000_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition empty = lock.newCondition();
    private final Shelf<T> shelf = new Shelf<>();

    // All below is guarded by the lock.
    private final ArrayDeque<T> idle = new ArrayDeque<>(); // the first one was used last
    private final Set<T> members = new HashSet<>();
    private final WaitList<T> waiters = new WaitList<>();
    private int active;
    private int opening;
    private long acquisitionsOfRemoved;
    private long usesOfRemoved;
    private long usedNanosOfRemoved;
    private long removed;
    private volatile boolean suspended;
    private @Nullable Throwable closeReason;

    // Written under the lock, read without it.
    private final AtomicInteger idleGauge = new AtomicInteger();
    private volatile int waiting;
    private volatile long firstEnteredAtNanos;
    private volatile boolean called;
    private volatile boolean closed;
    private volatile int max;
    private volatile int minIdle;
    private volatile boolean full;
    private volatile boolean oversized;

    /**
     * @param max the most members, those being opened included
     * @param minIdle how many should be idle where {@code max} allows
     */
    ConnectionQueue(int max, int minIdle) {
        this.max = max;
        this.minIdle = minIdle;
    }

    /**
     * Takes an idle member for the calling thread, without waiting.
     *
     * @param now the present {@link System#nanoTime()}
     * @return null when none is idle, or somebody has waited too long to be overtaken
     */
    @Nullable
    T poll(long now) {
        if (!suspended && !closed && (waiting == 0 || now - firstEnteredAtNanos < PATIENCE_NANOS)) {
            T slot = shelf.take();
            if (slot != null) {
                slot.acquired(Thread.currentThread(), now);
                return slot;
            }
        }
        lock.lock();
        try {
            T slot = mayOvertake(now) ? pollIdle() : null;
            if (slot != null) {
                activate(slot, Thread.currentThread(), now);
                idleGauge.setRelease(idle.size());
            }
            return slot;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes an idle member for the calling thread, else gets in line.
     *
     * @param first at the head of the line: for someone who had been served already, with a member that turned out to be dead
     */
    Waiter<T> enter(boolean first, long now) {
        var waiter = new Waiter<T>(Thread.currentThread(), now);
        Waiter<T> served = null;
        lock.lock();
        try {
            if (closeReason != null) {
                waiter.fail(closeReason);
                return waiter;
            }
            T slot = mayOvertake(now) ? pollIdle() : null;
            if (slot != null) {
                activate(slot, waiter.thread, now);
                waiter.serve(slot);
            } else {
                waiters.add(waiter, first);
                publishWaiting();
                slot = pollIdle(); // also what was put on the shelf by somebody who could not know of the waiter yet
                if (slot != null) {
                    served = give(slot, true, now);
                }
            }
            publishGauges();
        } finally {
            lock.unlock();
        }
        unpark(served);
        return waiter;
    }

    /** Whether a newcomer may take what is idle: nobody waits, or nobody for long. */
    private boolean mayOvertake(long now) {
        Waiter<T> first = waiters.first();
        return first == null || now - first.enteredAtNanos < PATIENCE_NANOS;
    }

    /**
     * Waits to be served. Whoever leaves with another outcome than {@link Outcome#SERVED} has nothing; the interrupt flag is never
     * cleared.
     *
     * @param untilNanos the {@link System#nanoTime()} to give up at
     */
    Outcome await(Waiter<T> waiter, long untilNanos) {
        return await(waiter, untilNanos, null);
    }

    /**
     * The same for a thread to which a time limit is expensive.
     *
     * @param longWaits sees to it that {@link #wakeNear} is called again and again
     */
    Outcome await(Waiter<T> waiter, long untilNanos, @Nullable LongWaits longWaits) {
        while (true) {
            // In this order: nobody calls a waiter that is done, so no call is left unanswered by one that leaves.
            boolean done = waiter.isDone();
            if (waiter.takeCall()) {
                claim(waiter, System.nanoTime());
            }
            if (done) {
                return waiter.failure() == null ? Outcome.SERVED : Outcome.FAILED;
            }
            if (waiter.isDone()) {
                continue;
            }
            long left = untilNanos - System.nanoTime();
            boolean interrupted = Thread.currentThread().isInterrupted();
            if ((left <= 0 || interrupted) && leave(waiter)) {
                return interrupted ? Outcome.INTERRUPTED : Outcome.TIMED_OUT;
            }
            if (left > 0 && !interrupted) {
                try {
                    park(waiter, untilNanos, left, longWaits);
                } catch (Throwable t) {
                    if (leave(waiter)) {
                        throw t;
                    } // else it was served, and keeps what it was given
                }
            }
        }
    }

    private void park(Waiter<T> waiter, long untilNanos, long left, @Nullable LongWaits longWaits) {
        if (longWaits == null || left <= LongWaits.NEAR_NANOS) {
            LockSupport.parkNanos(this, left);
            return;
        }
        waiter.watch(untilNanos);
        boolean promised = longWaits.begin();
        // It may have been unparked since this was last asked, and the lock that has just been taken uses that up.
        if (waiter.isDone() || waiter.isCalled()) {
            return;
        }
        if (promised) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, untilNanos - System.nanoTime());
        }
    }

    /**
     * Wakes those who wait without a time limit and have no more time left than this.
     *
     * @return false when nobody waits so
     */
    boolean wakeNear(long leftNanos) {
        var near = new ArrayList<Waiter<T>>();
        boolean any;
        lock.lock();
        try {
            any = waiters.addNear(leftNanos, System.nanoTime(), near);
        } finally {
            lock.unlock();
        }
        near.forEach(ConnectionQueue::unpark);
        return any;
    }

    /** False when the waiter was served or failed at the last moment. */
    boolean leave(Waiter<T> waiter) {
        Waiter<T> next;
        lock.lock();
        try {
            if (waiter.isDone()) {
                return false;
            }
            waiters.remove(waiter);
            answered(waiter);
            publishGauges();
            next = callNext();
        } finally {
            lock.unlock();
        }
        unpark(next);
        return true;
    }

    /**
     * Has the idle member taken for which a waiter was woken, if it is idle still; otherwise the waiter goes on waiting where it is. One that
     * has been served meanwhile has the next one woken.
     */
    void claim(Waiter<T> waiter, long now) {
        Waiter<T> next;
        Waiter<T> served = null;
        lock.lock();
        try {
            answered(waiter);
            T slot = waiter.isDone() || waiters.size() == 0 ? null : pollIdle();
            if (slot != null) {
                served = give(slot, true, now); // itself, unless somebody was put before it
                publishGauges();
            }
            next = callNext();
        } finally {
            lock.unlock();
        }
        if (served != waiter) {
            unpark(served);
        }
        unpark(next);
    }

    /** Somebody to be woken, since there is an idle member. */
    private @Nullable Waiter<T> callNext() {
        if (suspended || waiters.size() == 0) {
            return null;
        }
        clearShelf();
        return idle.isEmpty() ? null : call();
    }

    private @Nullable Waiter<T> call() {
        Waiter<T> waiter = waiters.call();
        called = waiters.hasCalled();
        return waiter;
    }

    /** Before the shelf is looked at: from now on whoever puts something there calls again. */
    private void answered(Waiter<T> waiter) {
        waiters.answered(waiter);
        called = waiters.hasCalled();
    }

    /**
     * Gives back an active member that is fit for use.
     *
     * @return false when the queue is closed: the member stays active, to be closed and {@linkplain #remove removed}
     */
    boolean release(T slot, long now) {
        boolean shortUse = now - slot.heldAtNanos < SHORT_USE_NANOS;
        if (slot.isHeld() && staysOnShelf(shortUse, now)) {
            slot.returned(now);
            if (shelf.put(slot)) {
                if (staysOnShelf(shortUse, now)) {
                    return true;
                }
                if (!shelf.take(slot)) {
                    wakeNext(); // somebody else may have made it idle, without a thought for who has begun to wait
                    return true;
                }
            }
        }
        Waiter<T> served;
        lock.lock();
        try {
            clearShelf(); // what is there was returned before
            if (closeReason != null || !isIn(slot, State.ACTIVE)) {
                return false;
            }
            deactivate(slot, now);
            if (waiters.size() > 0 && !suspended && shortUse && mayOvertake(now)) {
                makeIdle(slot, true);
                served = call();
            } else {
                served = give(slot, true, now);
            }
        } finally {
            lock.unlock();
        }
        unpark(served);
        return true;
    }

    /** Whether a member may stay where anybody can take it: nobody waits, or the first in line is on the way to take it and may be overtaken. */
    private boolean staysOnShelf(boolean shortUse, long now) {
        return !suspended
                && !closed
                && (waiting == 0 || shortUse && called && now - firstEnteredAtNanos < PATIENCE_NANOS);
    }

    private void wakeNext() {
        Waiter<T> next;
        lock.lock();
        try {
            next = callNext();
        } finally {
            lock.unlock();
        }
        unpark(next);
    }

    /**
     * Ends the use of an active member that is not fit for use yet.
     *
     * @return false when it is gone
     */
    boolean setAside(T slot, long now) {
        lock.lock();
        try {
            if (!isIn(slot, State.ACTIVE)) {
                return false;
            }
            deactivate(slot, now);
            slot.state = State.ASIDE;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** From now on until it is released an active member is used by several callers, rather than by the thread that took it. */
    void share(T slot) {
        lock.lock();
        try {
            slot.shared = true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes an active member aside that its taker found dead: as if it had not been handed out. */
    void refuse(T slot) {
        lock.lock();
        try {
            if (isIn(slot, State.ACTIVE)) {
                active--;
                slot.refused();
                slot.state = State.ASIDE;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes an idle member aside.
     *
     * @return false when it is not idle any more
     */
    boolean takeIdle(T slot) {
        lock.lock();
        try {
            clearShelf();
            if (slot.state != State.IDLE) {
                return false;
            }
            idle.remove(slot);
            slot.state = State.ASIDE;
            publishGauges();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes a member that was aside available, behind all others that are idle.
     *
     * @return false when the queue is closed: the member stays aside, to be closed and {@linkplain #remove removed}
     */
    boolean offer(T slot, long now) {
        Waiter<T> served;
        lock.lock();
        try {
            if (closeReason != null || !isIn(slot, State.ASIDE)) {
                return false;
            }
            served = give(slot, false, now);
        } finally {
            lock.unlock();
        }
        unpark(served);
        return true;
    }

    /**
     * Forgets an active member or one that is aside; the caller has closed it, or does so next.
     *
     * @return false when it was gone already
     */
    boolean remove(T slot, long now) {
        lock.lock();
        try {
            if (slot.state == State.GONE) {
                return false;
            }
            if (slot.state == State.ACTIVE) {
                deactivate(slot, now);
            }
            forget(slot);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reserves room for members that the caller is going to open; each is to be answered by {@link #opened} or
     * {@link #openFailed}.
     *
     * @param parallel how many may be opening at the same time
     * @param forWaitersOnly whether to leave {@code minIdle} alone
     */
    int claimOpenings(int parallel, boolean forWaitersOnly) {
        lock.lock();
        try {
            if (closeReason != null) {
                return 0;
            }
            clearShelf();
            int aside = members.size() - idle.size() - active;
            int spare = forWaitersOnly ? 0 : minIdle - idle.size() - aside;
            int wanted = Math.max(suspended ? 0 : waiters.size() - idle.size(), spare) - opening;
            int room = Math.min(max - members.size(), parallel) - opening;
            int claimed = Math.max(0, Math.min(wanted, room));
            opening += claimed;
            publishGauges();
            return claimed;
        } finally {
            lock.unlock();
        }
    }

    /** Reserves room for one member, as {@link #claimOpenings} does, whether or not it is wanted. */
    boolean claimOpening() {
        lock.lock();
        try {
            if (closeReason != null || members.size() + opening >= max) {
                return false;
            }
            opening++;
            publishGauges();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a member for which room was claimed, and makes it available.
     *
     * @return false when the queue is closed: the member was not added
     */
    boolean opened(T slot, long now) {
        Waiter<T> served;
        lock.lock();
        try {
            opening--;
            if (closeReason != null) {
                publishGauges();
                return false;
            }
            members.add(slot);
            slot.lastUsedAtNanos = now;
            served = give(slot, false, now);
            publishGauges();
        } finally {
            lock.unlock();
        }
        unpark(served);
        return true;
    }

    /** Gives up room that was claimed. */
    void openFailed() {
        lock.lock();
        try {
            opening--;
            publishGauges();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Changes the limits. Members beyond the new maximum are the caller's to remove, see {@link #isOversized()}.
     *
     * @param max the most members, those being opened included
     * @param minIdle how many should be idle where {@code max} allows
     */
    void resize(int max, int minIdle) {
        lock.lock();
        try {
            this.max = max;
            this.minIdle = minIdle;
            publishGauges();
        } finally {
            lock.unlock();
        }
    }

    /** Has everybody wait who asks for a member from now on, until {@link #resume}. */
    void suspend() {
        lock.lock();
        try {
            suspended = true;
            clearShelf();
        } finally {
            lock.unlock();
        }
    }

    /** Serves those who wait, in their order. */
    void resume(long now) {
        var served = new ArrayList<Waiter<T>>();
        lock.lock();
        try {
            suspended = false;
            clearShelf();
            while (waiters.size() > 0 && !idle.isEmpty()) {
                Waiter<T> waiter = give(idle.removeFirst(), true, now);
                if (waiter != null) {
                    served.add(waiter);
                }
            }
            publishGauges();
        } finally {
            lock.unlock();
        }
        served.forEach(ConnectionQueue::unpark);
    }

    /** Fails everybody who waits, unless there are members that may yet come free. */
    void failWaitersIfEmpty(Throwable reason) {
        List<Waiter<T>> failed;
        lock.lock();
        try {
            if (!members.isEmpty()) {
                return;
            }
            failed = waiters.failAll(reason);
            publishGauges();
        } finally {
            lock.unlock();
        }
        failed.forEach(ConnectionQueue::unpark);
    }

    /**
     * Closes the queue: whoever waits fails, nothing is handed out any more.
     *
     * @return the idle members, now aside, to be closed and {@linkplain #remove removed}
     */
    List<T> close(Throwable reason) {
        List<Waiter<T>> failed;
        List<T> wereIdle;
        lock.lock();
        try {
            if (closeReason != null) {
                return List.of();
            }
            closeReason = reason;
            closed = true;
            shelf.takeAll(this::takeIn); // from now on whoever puts something there takes it back
            failed = waiters.failAll(reason);
            wereIdle = List.copyOf(idle);
            idle.clear();
            wereIdle.forEach(slot -> slot.state = State.ASIDE);
            publishGauges();
        } finally {
            lock.unlock();
        }
        failed.forEach(ConnectionQueue::unpark);
        return wereIdle;
    }

    /**
     * Waits until all members have gone.
     *
     * @return false when the time was up before
     */
    boolean awaitEmpty(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (!members.isEmpty()) {
                if (left <= 0) {
                    return false;
                }
                left = empty.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The idle members, those used last first. */
    List<T> idleMembers() {
        lock.lock();
        try {
            clearShelf();
            return List.copyOf(idle);
        } finally {
            lock.unlock();
        }
    }

    /** All members. */
    List<T> members() {
        lock.lock();
        try {
            return List.copyOf(members);
        } finally {
            lock.unlock();
        }
    }

    /** Who holds which member, those held longest first. */
    List<Holding<T>> holdings(long now) {
        var holdings = new ArrayList<Holding<T>>();
        lock.lock();
        try {
            for (T slot : members) {
                Thread holder = slot.holder();
                if (slot.state == State.ACTIVE && (slot.shared || holder != null)) {
                    holdings.add(new Holding<>(slot, holder, now - slot.acquiredAtNanos()));
                }
            }
        } finally {
            lock.unlock();
        }
        holdings.sort((a, b) -> Long.compare(b.heldNanos(), a.heldNanos()));
        return holdings;
    }

    /** The numbers of this moment. */
    QueueCounts counts() {
        lock.lock();
        try {
            clearShelf();
            long acquisitions = acquisitionsOfRemoved;
            long uses = usesOfRemoved;
            long usedNanos = usedNanosOfRemoved;
            for (T slot : members) {
                uses += slot.uses(); // in this order: nothing has ended that has not begun
                acquisitions += slot.acquisitions();
                usedNanos += slot.usedNanos();
            }
            return new QueueCounts(
                    members.size(),
                    idle.size(),
                    active,
                    opening,
                    waiters.size(),
                    acquisitions,
                    uses,
                    usedNanos,
                    removed);
        } finally {
            lock.unlock();
        }
    }

    /** How many are idle; without a lock, so one that is just being moved from the shelf may be missing. */
    int idle() {
        return idleGauge.getAcquire() + shelf.size();
    }

    /** How many wait; without a lock. */
    int waiting() {
        return waiting;
    }

    /** Whether there are more members than there may be; without a lock, so it may be outdated. */
    boolean isOversized() {
        return oversized;
    }

    /** Whether there can be no more members than there are, those being opened included; without a lock, so it may be outdated. */
    boolean isFull() {
        return full;
    }

    /** Whether everybody who asks has to wait; without a lock. */
    boolean isSuspended() {
        return suspended;
    }

    int max() {
        return max;
    }

    int minIdle() {
        return minIdle;
    }

    /** Whether fewer are idle than should be, and there is room for more; without a lock, so it may be outdated. */
    boolean wantsMore() {
        return !full && minIdle > 0 && idle() < minIdle;
    }

    private @Nullable T pollIdle() {
        if (suspended) {
            return null;
        }
        if (idle.isEmpty()) {
            clearShelf();
        }
        return idle.pollFirst();
    }

    /** Makes idle what is on the shelf; once the queue is closed that is left to those who have put it there. */
    private void clearShelf() {
        if (!closed) {
            shelf.takeAll(this::takeIn);
        }
    }

    private void takeIn(T slot) {
        active--;
        makeIdle(slot, true);
    }

    private void activate(T slot, Thread holder, long now) {
        slot.state = State.ACTIVE;
        slot.acquired(holder, now);
        active++;
    }

    private void deactivate(T slot, long now) {
        active--;
        slot.returned(now);
        slot.shared = false;
    }

    private @Nullable Waiter<T> give(T slot, boolean front, long now) {
        Waiter<T> waiter = suspended ? null : waiters.pollFirst();
        if (waiter != null) {
            activate(slot, waiter.thread, now);
            waiter.serve(slot);
            publishWaiting();
            return waiter;
        }
        makeIdle(slot, front);
        return null;
    }

    private void makeIdle(T slot, boolean front) {
        slot.state = State.IDLE;
        if (front) {
            idle.addFirst(slot);
        } else {
            idle.addLast(slot);
        }
        idleGauge.setRelease(idle.size());
    }

    private void forget(T slot) {
        slot.state = State.GONE;
        members.remove(slot);
        acquisitionsOfRemoved += slot.acquisitions();
        usesOfRemoved += slot.uses();
        usedNanosOfRemoved += slot.usedNanos();
        removed++;
        publishGauges();
        if (members.isEmpty()) {
            empty.signalAll();
        }
    }

    private void publishGauges() {
        idleGauge.setRelease(idle.size());
        publishWaiting();
        full = members.size() + opening >= max;
        oversized = members.size() > max;
    }

    private void publishWaiting() {
        Waiter<T> first = waiters.first();
        if (first != null) {
            firstEnteredAtNanos = first.enteredAtNanos;
        }
        waiting = waiters.size();
        called = waiters.hasCalled();
    }

    /** False when it is gone, which a close can bring about at any time; any other state is a bug of the pool. */
    private static boolean isIn(Slot slot, State expected) {
        if (slot.state != expected && slot.state != State.GONE) {
            throw new IllegalStateException("a connection that is " + slot.state + " was treated as " + expected);
        }
        return slot.state == expected;
    }

    private static void unpark(@Nullable Waiter<?> waiter) {
        if (waiter != null) {
            LockSupport.unpark(waiter.thread);
        }
    }
}
