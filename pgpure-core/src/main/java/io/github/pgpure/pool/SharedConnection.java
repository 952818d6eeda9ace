package io.github.pgpure.pool;

import io.github.pgpure.connection.Lane;
import io.github.pgpure.transport.Deadline;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A connection that several callers use at the same time, from before it is acquired until it is given back. Where it has to be
 * queued for, the first of them does so on behalf of all, so that whoever needs a connection of his own keeps his place in the line.
 */
final class SharedConnection implements Lane.Owner {

    private final PoolCore core;
    private final Set<SharedConnection> openNow;
    private final CompletableFuture<@Nullable Lane> opening = new CompletableFuture<>();
    private volatile @Nullable PoolEntry entry;
    private volatile boolean over;
    private volatile long openedAtNanos;

    /** For the timer's thread. */
    private long enteredAtLastLook = -1;

    /** @param openNow has those that are open, from when they are acquired until they are given back */
    SharedConnection(PoolCore core, Set<SharedConnection> openNow) {
        this.core = core;
        this.openNow = openNow;
    }

    /**
     * Opens a connection for the others. By the first caller, once.
     *
     * @param idle the connection, which this thread has acquired; null to queue for one
     * @param waitsSince the {@link System#nanoTime()} at which this thread began to wait for one
     */
    @Nullable
    Lane open(@Nullable PoolEntry idle, Deadline deadline, long waitsSince) {
        Lane lane = null;
        try {
            PoolEntry acquired = idle != null ? idle : core.acquireShared(deadline, waitsSince, System.nanoTime());
            entry = acquired;
            openedAtNanos = System.nanoTime();
            openNow.add(this);
            try {
                acquired.shareCheckout();
                core.queue.share(acquired);
                lane = acquired.session.share(this);
            } finally {
                if (lane == null) {
                    openNow.remove(this);
                    core.release(acquired);
                }
            }
            return lane;
        } finally {
            if (lane == null) {
                over = true;
            }
            opening.complete(lane);
            if (lane != null && core.isClosed()) {
                lane.seal(); // those who close the pool may have looked before it was there
            }
        }
    }

    /**
     * The lane, once it is open.
     *
     * @return null when there will be none, or the time is up
     * @throws InterruptedException when the thread is interrupted
     */
    @Nullable
    Lane await(long nanos) throws InterruptedException {
        if (opening.isDone()) {
            return opening.getNow(null);
        }
        try {
            return opening.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException("opening never fails", e);
        }
    }

    /** The lane, if it is open. */
    @Nullable
    Lane lane() {
        return opening.isDone() ? opening.getNow(null) : null;
    }

    /** Whether no caller can join any more. */
    boolean isOver() {
        Lane lane = lane();
        return over || lane != null && lane.isSealed();
    }

    /** How long the connection has been held. */
    long heldNanos(long now) {
        return now - openedAtNanos;
    }

    /** Has calls ended that take too long. By the timer. */
    void tick(long now) {
        Lane lane = lane();
        if (lane != null) {
            lane.tick(now);
        }
    }

    /** Gives the connection back when it must not be used any more, or nobody has used it since this was last called. By the timer. */
    void look(long now) {
        Lane lane = lane();
        PoolEntry held = entry;
        if (lane == null || held == null || over) {
            return;
        }
        if (core.unfit(held, now) != null || core.queue.isSuspended()) {
            lane.seal();
            return;
        }
        long entered = lane.entered();
        if (entered == enteredAtLastLook) {
            lane.leaveIfEmpty();
        }
        enteredAtLastLook = entered;
    }

    @Override
    public void emptied(Lane lane) {
        if (lane.isDeserted() || core.queue.waiting() > 0) {
            lane.leaveIfEmpty();
        }
    }

    @Override
    public void left(Lane lane) {
        over = true;
        openNow.remove(this);
        core.release(Objects.requireNonNull(entry));
    }
}
