package io.github.pgpure.pool;

import io.github.pgpure.connection.Session;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Notices statements that take long, once each: it may be the query, and it may be the link. Costs a look at the connections in use every
 * 50 ms for as long as there are any, and nothing in the callers' threads; thread-safe.
 */
final class SlowStatements {

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ConnectionQueue<PoolEntry> queue;
    private final Keeper keeper;
    private final Runnable onSlow;
    private final AtomicBoolean looking = new AtomicBoolean();

    /** The operations that ran at the last look, by their numbers; negative for those that were noticed. For the timer's thread. */
    private Map<PoolEntry, Long> running = Map.of();

    SlowStatements(ConnectionQueue<PoolEntry> queue, Keeper keeper, Runnable onSlow) {
        this.queue = queue;
        this.keeper = keeper;
        this.onSlow = onSlow;
    }

    /** A connection was checked out. Cheap. */
    void begin() {
        if (!looking.get() && looking.compareAndSet(false, true)) {
            keeper.after(LOOK_NANOS, this::look, looking);
        }
    }

    private void look() {
        boolean goOn = true;
        try {
            goOn = lookOnce();
        } finally {
            if (goOn) { // also after a failure: nobody else would ever begin again
                keeper.after(LOOK_NANOS, this::look, looking);
            }
        }
    }

    /** Whether there is anything to look at again. */
    private boolean lookOnce() {
        List<Holding<PoolEntry>> held = queue.holdings(System.nanoTime());
        if (held.isEmpty()) {
            running = Map.of();
            looking.set(false);
            if (queue.counts().active() > 0) {
                begin(); // taken at the last moment, by somebody who found this still looking
            }
            return false;
        }
        Map<PoolEntry, Long> now = new IdentityHashMap<>();
        boolean slow = false;
        for (Holding<PoolEntry> holding : held) {
            Session session = holding.slot().session;
            long operation = session.currentOperation();
            // One that is shared by several callers runs all the time.
            if (holding.holder() != null && session.isRunning()) {
                long before = running.getOrDefault(holding.slot(), 0L);
                boolean same = Math.abs(before) == operation;
                slow |= same && before > 0;
                now.put(holding.slot(), same ? -operation : operation);
            }
        }
        running = now;
        if (slow) {
            onSlow.run();
        }
        return true;
    }
}
