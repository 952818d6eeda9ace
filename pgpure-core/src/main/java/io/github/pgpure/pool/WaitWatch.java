package io.github.pgpure.pool;

import io.github.pgpure.transport.LongWaits;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wakes those virtual threads whose time is near, be it that they wait for a connection or for the server; every 50 ms while there are any. Thread-safe. */
final class WaitWatch implements LongWaits {

    private static final Logger log = LoggerFactory.getLogger(WaitWatch.class);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** After a timer could not be set nobody tries to for so long: each try wakes all who wait. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ConnectionQueue<PoolEntry> queue;
    private final Keeper keeper;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile boolean stopped;

    private volatile boolean failed;
    private volatile long failedAtNanos;

    WaitWatch(ConnectionQueue<PoolEntry> queue, Keeper keeper) {
        this.queue = queue;
        this.keeper = keeper;
    }

    @Override
    public boolean begin() {
        if (failed) {
            if (System.nanoTime() - failedAtNanos < PAUSE_NANOS) {
                return false;
            }
            failed = false;
        }
        if (!stopped && !looking.get() && looking.compareAndSet(false, true)) {
            try {
                keeper.after(LOOK_NANOS, this::look);
            } catch (RuntimeException | Error e) { // no memory, or no thread
                failedAtNanos = System.nanoTime();
                failed = true;
                looking.set(false);
                wake(Long.MAX_VALUE); // who was promised this look meanwhile
                SafeLog.error(log, "the pool's timer could not be set; each thread that waits sets its own", e);
                return false;
            }
        }
        return !stopped; // after the look was promised: whoever stops wakes all who were promised one
    }

    /** From now on everybody sets a timer. The keeper has been stopped. */
    void stop() {
        stopped = true;
        wake(Long.MAX_VALUE);
    }

    private void look() {
        looking.set(false); // whoever begins to wait from now on asks for the next look
        boolean others = true;
        try {
            others = wake(NEAR_NANOS);
        } finally {
            if (others && !begin()) {
                wake(Long.MAX_VALUE);
            }
        }
    }

    /** Wakes those who have no more time left than this; false when nobody waits without a time limit. */
    private boolean wake(long leftNanos) {
        boolean any = queue.wakeNear(leftNanos);
        for (PoolEntry entry : queue.members()) {
            any |= entry.session.wakeNear(leftNanos);
        }
        return any;
    }
}
