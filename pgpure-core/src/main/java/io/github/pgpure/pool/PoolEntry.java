package io.github.pgpure.pool;

import io.github.pgpure.connection.Session;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session in the pool. Its fields belong to whoever owns it at the moment: the thread that checked it out, or the keeper while it
 * is aside; the queue's lock passes them on.
 */
final class PoolEntry extends Slot implements Session.Loan {

    private static final Logger log = LoggerFactory.getLogger(PoolEntry.class);

    /**
     * A session that was seen alive this recently is not asked again. No statement fits into this time, so nobody who has just
     * killed a backend can notice; a checkout in a tight loop is spared most of its read of the socket (0.4 us).
     */
    private static final long SEEN_ALIVE_NANOS = 20_000;

    /** A use that had an answer from the server, and was shorter than this, has seen it alive: so the last sign of life is at most the sum of both times old. */
    private static final long ANSWERED_NANOS = 100_000;

    final Session session;
    final int generation;
    final HostState host;

    /** The {@link System#nanoTime()} at which it was opened. */
    final long openedAtNanos;

    private final PoolCore pool;
    private final int hostGeneration;
    private final long lifetimeNanos;
    private long seenAliveAtNanos;
    private long repliesBefore;
    private long lastRoundTripAtNanos;
    private boolean leakReported;
    private boolean resetWanted;

    /** The ping that is under way, or was the last one. */
    private volatile @Nullable Ping ping;

    /** Where it was checked out, where that is wanted. */
    private volatile @Nullable Throwable checkoutTrace;

    /**
     * @param lifetimeNanos the age at which it is to be replaced, 0 for never
     */
    PoolEntry(PoolCore pool, NewSession opened, long now, long lifetimeNanos) {
        this.pool = pool;
        this.session = opened.session();
        this.generation = opened.generation();
        this.host = opened.host();
        this.hostGeneration = opened.hostGeneration();
        this.openedAtNanos = now;
        this.lifetimeNanos = lifetimeNanos;
        this.seenAliveAtNanos = now;
        this.lastRoundTripAtNanos = now;
    }

    /** Whether it can be used, as far as that can be seen without a round trip. */
    boolean isAlive(long now) {
        repliesBefore = session.replies();
        if (now - seenAliveAtNanos < SEEN_ALIVE_NANOS) {
            return !session.isDead();
        }
        seenAliveAtNanos = now;
        try {
            return session.checkAlive();
        } catch (RuntimeException | Error e) {
            // Whoever asks holds the connection already: it must get a verdict, or the connection would never come
            // back.
            warnOfFailedLook(e);
            return false;
        }
    }

    private void warnOfFailedLook(Throwable failure) {
        try {
            log.warn(
                    "the connection to backend {} could not be looked at and is closed", session.backendPid(), failure);
        } catch (Throwable t) {
            SafeLog.suppress(t, failure);
        }
    }

    /** A use has ended. */
    void used(long now) {
        if (session.replies() != repliesBefore && now - heldAtNanos < ANSWERED_NANOS) {
            seenAliveAtNanos = now;
        }
    }

    /** Takes note that it is about to be pinged. */
    Ping pings() {
        var started = new Ping();
        ping = started;
        return started;
    }

    /** The ping that has had no answer yet; null when there is none. Any thread. */
    @Nullable
    Ping unansweredPing() {
        Ping current = ping;
        return current != null && !current.isSettled() ? current : null;
    }

    /** The keeper has had an answer from the server. */
    void answered(long now) {
        seenAliveAtNanos = now;
        lastRoundTripAtNanos = now;
    }

    /** The time since it was used, or pinged. */
    long silentNanos(long now) {
        return Math.min(now - lastRoundTripAtNanos, now - lastUsedAtNanos);
    }

    /** Whether all connections that its host had at some later time are to be replaced. */
    boolean isRetired() {
        return hostGeneration != host.generation();
    }

    /** Has all connections that its host has now replaced; false when they are to be anyway. */
    boolean retireHost() {
        return host.retire(hostGeneration);
    }

    boolean hasExpired(long now) {
        return lifetimeNanos != 0 && now - openedAtNanos >= lifetimeNanos;
    }

    /** It is checked out on behalf of several callers, none of whom can leak it. */
    void shareCheckout() {
        checkoutTrace = null;
    }

    void traceCheckout() {
        leakReported = false;
        checkoutTrace = new Throwable("checked out here");
    }

    /** Where it was checked out, once for each checkout; for the timer's thread. */
    @Nullable
    Throwable leakToReport() {
        Throwable trace = checkoutTrace;
        if (trace == null || leakReported) {
            return null;
        }
        leakReported = true;
        return trace;
    }

    @Override
    public Session session() {
        return session;
    }

    /** Called by the handle that was checked out, when it is closed. */
    @Override
    public void accept(Session closed) {
        resetWanted = pool.options.resetOnReturn();
        pool.release(this);
    }

    /** Gives it back without its having been used. */
    void giveBack() {
        pool.release(this);
    }

    /** Whether what its user has set for the session is still to be undone. */
    boolean isResetWanted() {
        return resetWanted;
    }

    void hasBeenReset() {
        resetWanted = false;
    }
}
