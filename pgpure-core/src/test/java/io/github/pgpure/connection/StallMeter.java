package io.github.pgpure.connection;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures for how long the machine keeps a thread from running: threads that sleep for half a millisecond again and again note when they come back late. There is one
 * for each processor, since a thread can be kept waiting on one of them alone.
 */
final class StallMeter implements AutoCloseable {

    private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    /** What a nap takes longer on a machine with nothing to do. */
    private static final long USUAL_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private record Stall(long from, long to) {}

    private final Queue<Stall> stalls = new ConcurrentLinkedQueue<>();

    /** When each thread is to be back from its nap. */
    private final AtomicLongArray due;

    private volatile boolean closed;

    StallMeter() {
        due = new AtomicLongArray(Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < due.length(); i++) {
            int index = i;
            due.set(i, System.nanoTime() + NAP_NANOS);
            var thread = new Thread(() -> measure(index), "stall-meter-" + i);
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void measure(int index) {
        while (!closed) {
            long back = System.nanoTime() + NAP_NANOS;
            due.set(index, back);
            LockSupport.parkNanos(NAP_NANOS);
            long now = System.nanoTime();
            if (now - back > USUAL_NANOS) {
                stalls.add(new Stall(back, now));
            }
        }
    }

    /** For how many nanoseconds of this span at least one thread was kept from running. */
    long between(long from, long to) {
        List<Stall> all = new ArrayList<>();
        for (Stall stall = stalls.poll(); stall != null; stall = stalls.poll()) {
            all.add(stall);
        }
        for (int i = 0; i < due.length(); i++) {
            if (to - due.get(i) > USUAL_NANOS) {
                all.add(new Stall(due.get(i), to)); // it is still away
            }
        }
        all.sort(Comparator.comparingLong(Stall::from));
        long sum = 0;
        long counted = from;
        for (Stall stall : all) {
            long end = Math.min(to, stall.to());
            sum += Math.max(0, end - Math.max(counted, stall.from()));
            counted = Math.max(counted, end);
        }
        return sum;
    }

    @Override
    public void close() {
        closed = true;
    }
}
