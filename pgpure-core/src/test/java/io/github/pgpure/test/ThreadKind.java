package io.github.pgpure.test;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

/** The kinds of threads that callers may run on; virtual ones are there from JDK 21 on. */
public enum ThreadKind {
    PLATFORM,
    VIRTUAL;

    private static final boolean VIRTUAL_AVAILABLE = Runtime.version().feature() >= 21;

    /** Those that this JDK has: the source of parameterised tests. */
    public static Stream<ThreadKind> available() {
        if (!VIRTUAL_AVAILABLE) {
            System.err.println(
                    "Not run on virtual threads: JDK " + Runtime.version().feature() + " has none");
        }
        return Arrays.stream(values()).filter(kind -> kind == PLATFORM || VIRTUAL_AVAILABLE);
    }

    /** Makes daemon threads of this kind; this code is compiled for JDK 17, so virtual ones through reflection. */
    public ThreadFactory factory() {
        if (this == PLATFORM) {
            return task -> {
                var thread = new Thread(task);
                thread.setDaemon(true);
                return thread;
            };
        }
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Method factory = Class.forName("java.lang.Thread$Builder").getMethod("factory");
            return (ThreadFactory) factory.invoke(builder);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no virtual threads here", e);
        }
    }

    /** An executor that starts a thread of this kind for each task. */
    public ExecutorService executor() {
        return Executors.newCachedThreadPool(factory());
    }

    /** Starts a thread of this kind. */
    public Thread start(Runnable task) {
        Thread thread = factory().newThread(task);
        thread.start();
        return thread;
    }
}
