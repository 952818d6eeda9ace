package io.github.pgpure.spring;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * The threads of one {@link PgListener} method; there while there is work. What they have not got to yet is bounded: whoever brings more
 * waits.
 */
final class PgListenerWorkers {

    private static final int MAX_WAITING = 1_000;
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final ThreadPoolExecutor executor;

    /**
     * @param name what the threads' names begin with
     * @param concurrency how many there are at most
     */
    PgListenerWorkers(String name, int concurrency) {
        var threads = new CustomizableThreadFactory(name + "-");
        threads.setDaemon(true);
        executor = new ThreadPoolExecutor(
                concurrency,
                concurrency,
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                threads,
                PgListenerWorkers::waitForRoom);
        executor.allowCoreThreadTimeOut(true);
    }

    void run(Runnable work) {
        executor.execute(work);
    }

    private static void waitForRoom(Runnable work, ThreadPoolExecutor executor) {
        try {
            while (!executor.isShutdown()) {
                if (executor.getQueue().offer(work, 100, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new RejectedExecutionException("listening has ended");
    }

    /** Takes nothing more; what waits is still done. */
    void shutdown() {
        executor.shutdown();
    }

    /** Waits for what is still being done, and interrupts it when the time is over. */
    void awaitEnd(long nanos) {
        try {
            if (!executor.awaitTermination(nanos, TimeUnit.NANOSECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
