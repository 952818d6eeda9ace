package io.github.pgpure.spring;

import io.github.pgpure.PgException;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Subscribes while the application runs already, and tries again until it succeeds or is stopped: for pools whose server may come after
 * the application. Thread-safe; its one thread is there while there is something to subscribe to.
 */
final class PgLateSubscriber {

    private static final Log logger = LogFactory.getLog(PgListener.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    // A wrong password does not get right by itself, and too many of them may lock the account.
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final ScheduledThreadPoolExecutor executor;
    private boolean warned; // for the executor's thread

    PgLateSubscriber() {
        var threads = new CustomizableThreadFactory("pg-listener-subscriber-");
        threads.setDaemon(true);
        executor = new ScheduledThreadPoolExecutor(1, threads, new ThreadPoolExecutor.DiscardPolicy());
        executor.setKeepAliveTime(IDLE.toMillis(), TimeUnit.MILLISECONDS);
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * Returns at once.
     *
     * @param attempt subscribes, or throws
     */
    void subscribe(Runnable attempt) {
        executor.execute(() -> run(attempt, FIRST_PAUSE));
    }

    /** Ends what it is trying; an attempt that succeeds all the same is for its caller to undo. */
    void stop() {
        executor.shutdownNow();
    }

    private void run(Runnable attempt, Duration pause) {
        try {
            attempt.run();
            warned = false;
        } catch (PgException e) {
            failed(e);
            Duration next = pause.multipliedBy(2);
            executor.schedule(
                    () -> run(attempt, next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE),
                    pause.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RuntimeException e) {
            logger.error("A @PgListener does not listen, and will not", e);
        }
    }

    private void failed(PgException failure) {
        if (executor.isShutdown()) {
            return;
        }
        if (warned) {
            logger.debug("Still no subscription for a @PgListener", failure);
        } else {
            warned = true;
            logger.warn("A @PgListener does not listen yet, and will as soon as it can: " + failure.getMessage());
        }
    }
}
