package io.github.pgpure.spring;

import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

/** The kinds of threads this JVM has; tests are compiled for Java 17, which has no name for virtual ones. */
enum ThreadKind {
    PLATFORM,
    VIRTUAL;

    static Stream<ThreadKind> available() {
        return Arrays.stream(values())
                .filter(kind -> kind == PLATFORM || Runtime.version().feature() >= 21);
    }

    ThreadFactory factory() {
        if (this == PLATFORM) {
            return Thread::new;
        }
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Class<?> type = Class.forName("java.lang.Thread$Builder");
            return (ThreadFactory) type.getMethod("factory").invoke(builder);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs the work on a new thread of this kind and throws what it throws. */
    void run(ThrowingRunnable work) throws Exception {
        var task = new FutureTask<Void>(() -> {
            work.run();
            return null;
        });
        factory().newThread(task).start();
        try {
            task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (Exception) e.getCause();
        }
    }

    @FunctionalInterface
    interface ThrowingRunnable {
        void run() throws Exception;
    }
}
