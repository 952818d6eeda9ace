package io.github.pgpure.transport;

import java.util.concurrent.TimeUnit;

/**
 * Looks after threads that wait without a time limit of their own, although they have one. Setting a timer and taking it back wakes the thread that
 * keeps a virtual thread's time twice, which costs more than all the rest of a short wait.
 */
public interface LongWaits {

    /** Nobody begins to wait without a time limit who has less time left than this, in nanoseconds. */
    long NEAR_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /**
     * The calling thread is going to wait, and has made known until when. May take a lock, and so use up a permit to go on that the thread was given
     * ({@link java.util.concurrent.locks.LockSupport#unpark}): whoever parks has to look again afterwards. Throws nothing.
     *
     * @return whether it will be woken when its time is near; otherwise it has to set a timer
     */
    boolean begin();
}
