package io.github.pgpure.test;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Interrupts threads while they are at something, and never afterwards; thread-safe. */
public final class Interrupter implements AutoCloseable {

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
        var thread = new Thread(task, "interrupter");
        thread.setDaemon(true);
        return thread;
    });

    public Interrupter() {
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Interrupts the calling thread after this time, unless what is returned was closed before. */
    public Window interruptAfter(long nanos) {
        return new Window(Thread.currentThread(), nanos);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** The time within which the interrupt may come. For the thread that opened it. */
    public final class Window implements AutoCloseable {

        private final ReentrantLock lock = new ReentrantLock();
        private final Thread thread;
        private final ScheduledFuture<?> task;
        private boolean over;

        private Window(Thread thread, long nanos) {
            this.thread = thread;
            this.task = timer.schedule(this::interrupt, nanos, TimeUnit.NANOSECONDS);
        }

        private void interrupt() {
            lock.lock();
            try {
                if (!over) {
                    thread.interrupt();
                }
            } finally {
                lock.unlock();
            }
        }

        /** From now on there is no interrupt, and none is left over. */
        @Override
        public void close() {
            task.cancel(false);
            lock.lock();
            try {
                over = true;
            } finally {
                lock.unlock();
            }
            Thread.interrupted();
        }
    }
}
