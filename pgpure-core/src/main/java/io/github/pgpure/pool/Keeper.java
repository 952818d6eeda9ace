package io.github.pgpure.pool;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a pool, for what no caller waits for; thread-safe. One timer thread, which never blocks, and as many workers as
 * there is blocking work: their number is bounded by that work (openings have a cap, everything else has a connection of its own).
 */
final class Keeper {

    private static final Logger log = LoggerFactory.getLogger(Keeper.class);
    private static final long WORKER_IDLE_SECONDS = 10;

    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor workers;

    Keeper(String poolName) {
        this(poolName, Thread::new);
    }

    /** @param threads makes the threads, which get their names here */
    Keeper(String poolName, ThreadFactory threads) {
        timer = new ScheduledThreadPoolExecutor(1, daemons(poolName + "-keeper", threads));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        workers = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                WORKER_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                daemons(poolName + "-worker", threads));
    }

    /**
     * Runs work that may block.
     *
     * @return false when the keeper has been stopped, or no thread is to be had
     */
    boolean run(Runnable work) {
        try {
            workers.execute(logged(work));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        } catch (OutOfMemoryError e) { // what a JVM says to whom it has no thread for
            logFailure(e);
            return false;
        }
    }

    /** Runs work that does not block, on the timer's thread; never when the keeper is stopped before. */
    void after(long delayNanos, Runnable work) {
        try {
            timer.schedule(logged(work), delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.trace("the keeper has been stopped", e);
        }
    }

    /**
     * The same for work that is asked for once at a time, which the flag says.
     *
     * @param asked set by the caller; taken back where no timer can be set, or nobody would ever ask again
     */
    void after(long delayNanos, Runnable work, AtomicBoolean asked) {
        try {
            after(delayNanos, work);
        } catch (Throwable t) {
            asked.set(false);
            throw t;
        }
    }

    /** Runs work that does not block, again and again, on the timer's thread. */
    void every(long periodNanos, Runnable work) {
        timer.scheduleWithFixedDelay(logged(work), periodNanos, periodNanos, TimeUnit.NANOSECONDS);
    }

    /** Takes no more work and interrupts what is being opened. */
    void stop() {
        timer.shutdownNow();
        workers.shutdownNow();
    }

    /** Waits for the threads to end, after {@link #stop()}. */
    void awaitStopped(long nanos) throws InterruptedException {
        long start = System.nanoTime();
        if (timer.awaitTermination(nanos, TimeUnit.NANOSECONDS)) {
            workers.awaitTermination(nanos - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
        }
    }

    // A periodic task that throws would silently never run again.
    private static Runnable logged(Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (Throwable t) {
                logFailure(t);
            }
        };
    }

    private static void logFailure(Throwable failure) {
        SafeLog.error(log, "a task of the pool's keeper failed", failure);
    }

    private static ThreadFactory daemons(String prefix, ThreadFactory threads) {
        var count = new AtomicInteger();
        // That of whoever opens the pool: a caller who happens to need a worker must not lend it its own.
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        return task -> {
            Thread thread = threads.newThread(task);
            thread.setName(prefix + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            thread.setContextClassLoader(loader);
            return thread;
        };
    }
}
