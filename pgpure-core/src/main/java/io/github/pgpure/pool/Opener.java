package io.github.pgpure.pool;

import io.github.pgpure.connection.Session;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections: several at once while that goes well, one at a time with growing pauses while it does not; thread-safe.
 *
 * <p>After a failure that may pass by itself it tries again as long as somebody waits or fewer are idle than should be. After one that
 * will not ({@link ConnectFailures}) it tries only when somebody asks for a connection, so that a wrong password does not fill the
 * server's log or lock the account.
 */
final class Opener {

    private static final Logger log = LoggerFactory.getLogger(Opener.class);

    /** How many connections are opened at the same time. */
    private static final int PARALLEL = 8;

    /** An attempt that takes longer than this no longer holds up the next one. */
    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How many attempts without an answer there may be at the same time. */
    private static final int MAX_SLOW = 2 * PARALLEL;

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    // Somebody waits: a server that is back is found within this time.
    private static final long LONGEST_PAUSE_WAITED_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final String poolName;
    private final ConnectionQueue<PoolEntry> queue;
    private final Keeper keeper;
    private final Supplier<NewSession> connect;
    private final PoolCore pool;

    private final LongAdder opened = new LongAdder();
    private final LongAdder openNanos = new LongAdder();
    private final LongAdder failed = new LongAdder();

    // Taken before the queue's lock, never the other way round.
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private int failuresInARow;
    private double jitter;
    private boolean terminal;
    private long lastFailureAtNanos;
    private long lastSuccessAtNanos;
    private int slow;
    private long lastLoggedAtNanos;
    private long timerAtNanos;
    private boolean timerSet;

    private volatile @Nullable Throwable lastFailure;

    /**
     * @param connect opens a session and makes it ready for use; interruptible
     */
    Opener(
            String poolName,
            ConnectionQueue<PoolEntry> queue,
            Keeper keeper,
            Supplier<NewSession> connect,
            PoolCore pool) {
        this.poolName = poolName;
        this.queue = queue;
        this.keeper = keeper;
        this.connect = connect;
        this.pool = pool;
    }

    /** Opens the pool's first connection, on the calling thread; what goes wrong is the caller's to know. */
    void openFirst() {
        if (queue.claimOpening()) {
            long start = System.nanoTime();
            NewSession session;
            try {
                session = connect.get();
            } catch (Throwable t) {
                queue.openFailed();
                throw t;
            }
            add(session, start);
        }
    }

    /**
     * Has connections opened in the background when more are wanted. Cheap; to be called after every change that may make it so.
     *
     * @param asked whether somebody has just asked for a connection
     */
    void check(boolean asked) {
        int claimed = 0;
        long pause = 0;
        lock.lock();
        try {
            if (slow >= MAX_SLOW) {
                return; // the next one that ends goes on
            } else if (failuresInARow == 0) {
                claimed = queue.claimOpenings(slow == 0 ? PARALLEL : 1, false);
            } else if (queue.counts().opening() == 0 && (asked || !terminal || queue.waiting() > 0)) {
                long now = System.nanoTime();
                pause = lastFailureAtNanos + pauseNanos() - now;
                if (pause <= 0) {
                    claimed = queue.claimOpenings(1, terminal && !asked);
                } else if (timerSet && timerAtNanos - (now + pause) <= 0) {
                    pause = 0; // the timer rings before that anyway
                } else {
                    timerSet = true;
                    timerAtNanos = now + pause;
                }
            }
        } finally {
            lock.unlock();
        }
        if (pause > 0) {
            setTimer(pause);
        }
        for (int i = 0; i < claimed; i++) {
            if (!keeper.run(this::open)) {
                queue.openFailed();
            }
        }
    }

    /** Why no connection could be opened lately; null when the last attempt succeeded. */
    @Nullable
    Throwable lastFailure() {
        return lastFailure;
    }

    long openedCount() {
        return opened.sum();
    }

    long openNanos() {
        return openNanos.sum();
    }

    long failedCount() {
        return failed.sum();
    }

    private void setTimer(long nanos) {
        try {
            keeper.after(nanos, this::timerRings);
        } catch (Throwable t) {
            timerIsOff();
            throw t;
        }
    }

    private void timerRings() {
        timerIsOff();
        check(false);
    }

    private void timerIsOff() {
        lock.lock();
        try {
            timerSet = false;
        } finally {
            lock.unlock();
        }
    }

    private void open() {
        long start = System.nanoTime();
        // True until the attempt has its answer, or is found slow and gives its room to another one.
        var holdsRoom = new AtomicBoolean(true);
        try {
            NewSession session;
            try {
                keeper.after(SLOW_NANOS, () -> letOthersTry(holdsRoom));
                session = connect.get();
            } catch (Throwable t) {
                if (holdsRoom.getAndSet(false)) {
                    queue.openFailed();
                } else {
                    slowAttemptEnds();
                }
                throw t;
            }
            connected(session, holdsRoom.getAndSet(false), start);
        } catch (Throwable t) {
            failed(t, start);
        } finally {
            check(false);
        }
    }

    private void connected(NewSession session, boolean inTime, long startNanos) {
        if (!inTime) {
            slowAttemptEnds();
        }
        if (inTime || queue.claimOpening()) {
            add(session, startNanos);
        } else {
            session.session().close();
        }
    }

    /**
     * An address where packets vanish answers only after the whole connect timeout, and a packet that was lost is sent again after longer
     * and longer pauses: a new attempt, or one at another host, may be there much sooner.
     */
    private void letOthersTry(AtomicBoolean holdsRoom) {
        if (holdsRoom.getAndSet(false)) {
            lock.lock();
            try {
                slow++;
            } finally {
                lock.unlock();
            }
            queue.openFailed();
            check(false);
        }
    }

    private void slowAttemptEnds() {
        lock.lock();
        try {
            slow--;
        } finally {
            lock.unlock();
        }
    }

    /** Adds a session to the pool; where that fails it is closed, and its room given back. */
    private void add(NewSession opened, long startNanos) {
        long now = System.nanoTime();
        PoolEntry entry;
        try {
            succeeded(opened.session(), now, startNanos);
            entry = pool.entry(opened, now);
        } catch (Throwable t) {
            try {
                pool.forget(opened.session());
            } finally {
                queue.openFailed();
            }
            throw t;
        }
        pool.add(entry, now);
    }

    private void succeeded(Session session, long now, long startNanos) {
        opened.increment();
        openNanos.add(now - startNanos);
        int failures;
        lock.lock();
        try {
            failures = failuresInARow;
            failuresInARow = 0;
            lastSuccessAtNanos = now;
            terminal = false;
            lastFailure = null;
        } finally {
            lock.unlock();
        }
        if (failures > 0) {
            log.info("pool '{}' can open connections again, after {} failures in a row", poolName, failures);
        }
        pool.events.opened(session.backendPid(), session.host(), now - startNanos);
    }

    private void failed(Throwable failure, long startNanos) {
        failed.increment();
        long now = System.nanoTime();
        boolean first = false;
        boolean logIt;
        boolean fatal = ConnectFailures.isTerminal(failure);
        lock.lock();
        try {
            if (now - startNanos > SLOW_NANOS && lastSuccessAtNanos - startNanos > 0) {
                return; // others, made later, have succeeded meanwhile: old news
            }
            // Attempts made side by side fail side by side: that is one failure.
            if (failuresInARow == 0 || startNanos - lastFailureAtNanos > 0) {
                failuresInARow++;
                first = failuresInARow == 1;
                jitter = ThreadLocalRandom.current().nextDouble(0.5, 1);
            }
            lastFailureAtNanos = now;
            terminal = fatal;
            logIt = first || now - lastLoggedAtNanos > LOG_EVERY_NANOS;
            if (logIt) {
                lastLoggedAtNanos = now;
            }
            lastFailure = failure;
        } finally {
            lock.unlock();
        }
        if (fatal) {
            queue.failWaitersIfEmpty(failure);
        }
        if (pool.isClosed()) {
            return;
        }
        pool.events.openFailed(failure);
        if (logIt) {
            log.warn(
                    "pool '{}' cannot open a connection{}: {}",
                    poolName,
                    fatal ? "; it tries again when one is asked for" : "; it goes on trying",
                    failure.toString());
        } else {
            log.debug("pool '{}' cannot open a connection", poolName, failure);
        }
    }

    private long pauseNanos() {
        long longest = queue.waiting() > 0 && !terminal ? LONGEST_PAUSE_WAITED_FOR_NANOS : LONGEST_PAUSE_NANOS;
        long pause = FIRST_PAUSE_NANOS << Math.min(failuresInARow - 1, 10);
        return (long) (Math.min(pause, longest) * jitter);
    }
}
