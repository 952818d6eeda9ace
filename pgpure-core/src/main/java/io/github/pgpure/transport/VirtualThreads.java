package io.github.pgpure.transport;

import org.jspecify.annotations.Nullable;

/** Tells virtual threads from others; also before Java 21, where there are none. */
public final class VirtualThreads {

    private static final @Nullable Class<?> TYPE = type();

    private VirtualThreads() {}

    /** Whether the calling thread is one. */
    public static boolean isCurrent() {
        return Thread.currentThread().getClass() == TYPE;
    }

    private static @Nullable Class<?> type() {
        try {
            return Class.forName("java.lang.VirtualThread", false, null);
        } catch (ClassNotFoundException e) {
            return null;
        }
    }
}
