package io.github.pgpure.pool;

import io.github.pgpure.connection.Lane;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a pool, once: nobody gets a connection any more, those in use have some time to come back, and all threads end. Each step is taken
 * whatever has become of the others. Thread-safe.
 */
final class PoolClosing {

    private static final Logger log = LoggerFactory.getLogger(PoolClosing.class);
    private static final long THREADS_END_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final PoolCore core;
    private final WaitWatch waitWatch;
    private final AcquireFailures failures;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** The thread that closes the pool, while it does. */
    private volatile @Nullable Thread closer;

    /** @param failures what those get who wait for a connection, or ask for one later */
    PoolClosing(PoolCore core, WaitWatch waitWatch, AcquireFailures failures) {
        this.core = core;
        this.waitWatch = waitWatch;
        this.failures = failures;
    }

    boolean hasBegun() {
        return begun.get();
    }

    /** Closes the pool; whoever calls this while it goes on waits for its end. */
    void run() {
        if (!begun.compareAndSet(false, true)) {
            awaitClosed();
            return;
        }
        closer = Thread.currentThread();
        boolean interrupted = false;
        try {
            safely(core.keeper::stop);
            safely(waitWatch::stop);
            if (core.lanes != null) {
                safely(core.lanes::close);
            }
            core.queue.close(failures.closed()).forEach(this::discardForGood);
            interrupted = !closeThoseInUse();
        } finally {
            interrupted |= !awaitThreads();
            closer = null;
            closed.countDown();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void awaitClosed() {
        if (closer == Thread.currentThread()) {
            return; // a callback of the closing itself: it would wait for its own return
        }
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for those in use, and closes what is left then; false when the thread was interrupted. */
    private boolean closeThoseInUse() {
        boolean interrupted = false;
        try {
            if (!awaitEmpty(PoolCore.nanos(core.options.closeTimeout()))) {
                safely(() -> log.warn(
                        "{}: still in use after {}, closed anyway", core.describe(), core.options.closeTimeout()));
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        for (PoolEntry entry : core.queue.members()) {
            safely(() -> entry.session.abort("the pool '" + core.options.name() + "' was closed while it was in use"));
            discardForGood(entry);
        }
        return !interrupted;
    }

    private boolean awaitThreads() {
        try {
            core.keeper.awaitStopped(THREADS_END_NANOS);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void discardForGood(PoolEntry entry) {
        safely(() -> core.discard(entry, CloseReason.POOL_CLOSED));
    }

    /** A step of the closing, all of which are taken whatever fails. */
    private void safely(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            SafeLog.error(log, "pool '" + core.options.name() + "': a step in closing it failed", e);
        }
    }

    private boolean awaitEmpty(long nanos) throws InterruptedException {
        if (core.lanes == null) {
            return core.queue.awaitEmpty(nanos);
        }
        long end = System.nanoTime() + nanos;
        for (long left = nanos;
                !core.queue.awaitEmpty(Math.min(left, Lane.TICK.toNanos()));
                left = end - System.nanoTime()) {
            if (left <= 0) {
                return false;
            }
            safely(core.lanes::tick); // there is no timer any more
        }
        return true;
    }
}
