package io.github.pgpure.connection;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for what no caller waits for: cancel requests with their draining, and name resolution, which cannot be given a deadline on the
 * caller's own thread. They are daemons and end when they have been idle for a while.
 */
final class Workers {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static final ThreadPoolExecutor EXECUTOR =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                var thread = new Thread(task, "pgpure-worker-" + NUMBER.incrementAndGet());
                thread.setDaemon(true);
                // The thread that happens to need a worker must not lend it its class loader.
                thread.setContextClassLoader(Workers.class.getClassLoader());
                return thread;
            });

    private Workers() {}

    static Executor executor() {
        return EXECUTOR;
    }
}
