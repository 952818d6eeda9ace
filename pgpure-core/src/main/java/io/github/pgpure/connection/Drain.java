package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.BackendKeyData;
import io.github.pgpure.protocol.BackendMessage.CommandComplete;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendMessage;
import io.github.pgpure.protocol.FrontendMessage.Bind;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Brings a session whose operation was abandoned to rest: cancels what runs on the server, reads the answers to their end, and rolls
 * back an open transaction.
 *
 * <p>It owns the session's wire from its creation until it is done, on a thread of {@link Workers}. Every cancel request it sends has been dealt
 * with by the server before the session is offered again, so that none can hit a later statement.
 */
final class Drain implements Runnable {

    /** How long it may take before the session is given up. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /**
     * A cancel request that arrives before its statement has begun is ignored by the server, and of several statements it ends only the one that
     * runs: so it is repeated, at first after this time, or twice the time that the request took.
     */
    private static final Duration FIRST_PATIENCE = Duration.ofMillis(20);

    /** How many times as long as the cancel request itself the end of what it cancels may take. */
    private static final int REQUESTS_OF_PATIENCE = 8;

    /** Nobody has prepared this: binding it fails, and a failure is what undoes a transaction without a BEGIN. */
    static final Bind NOTHING = new Bind("", "pgpure_given_up", Bind.Values.NONE, new Format[0]);

    private final Session session;
    private final Wire wire;
    private final Endpoint endpoint;
    private final BackendKeyData key;
    private final @Nullable String sql;
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private final long startedAtNanos = System.nanoTime();

    /** Whether it is settled that the session lives, or that it is given up: whoever finds out first. */
    private final AtomicBoolean settled = new AtomicBoolean();

    /** How long the first cancel request took; written before {@link #cancelledAtNanos}. */
    private long requestNanos;

    /** When the server had dealt with the first cancel request; 0 as long as it has not. */
    private volatile long cancelledAtNanos;

    private boolean heard;
    private volatile Outcome outcome = Outcome.UNKNOWN;
    private boolean failed;

    /** Whether a part of what was abandoned stays. */
    private boolean committed;

    Drain(Session session, Wire wire, Endpoint endpoint, BackendKeyData key) {
        this.session = session;
        this.wire = wire;
        this.endpoint = endpoint;
        this.key = key;
        this.sql = session.lastSql();
        this.committed = session.isEffectByParts();
    }

    /** What has become of the abandoned statement, as far as it is known by now. */
    Outcome outcome() {
        return outcome;
    }

    /** Whether the server has not sent a single message since it began. Any thread. */
    boolean isSilent() {
        return !settled.get() && !done.isDone();
    }

    /**
     * Gives it up if it is silent although it was cancelled so long ago; the caller is to close the session if this returns true. Any thread.
     *
     * @param nanos from when the server has dealt with the cancel request; as long as it has not, twice that time from the beginning
     */
    boolean giveUpIfSilent(long nanos) {
        long now = System.nanoTime();
        long cancelled = cancelledAtNanos;
        // A server that takes long to deal with the request takes long for everything else.
        boolean longEnough = cancelled == 0
                ? now - startedAtNanos >= 2 * nanos
                : now - cancelled >= Math.max(nanos, REQUESTS_OF_PATIENCE * requestNanos);
        return longEnough && isSilent() && settled.compareAndSet(false, true);
    }

    /** Is complete when the session is at rest again, or dead. */
    CompletableFuture<@Nullable Void> done() {
        return done;
    }

    /** Waits until it is done, at most so long, or for an interrupt. */
    boolean awaitInterruptibly(long nanos) throws InterruptedException {
        try {
            done.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return done.isDone();
        }
    }

    /** Waits until it is done, at most so long; an interrupt does not end the wait and is kept. */
    boolean await(long nanos) {
        boolean interrupted = false;
        long end = System.nanoTime() + nanos;
        try {
            while (true) {
                try {
                    done.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                    return true;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (Exception e) {
                    return done.isDone();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void run() {
        try {
            drain(Deadline.in(LIMIT));
            if (!heard && !settled.compareAndSet(false, true)) {
                throw new IOException("it was given up at its end");
            }
            session.drained();
        } catch (WaitEnded e) {
            session.die("a cancelled statement did not end within " + LIMIT.toMillis() + " ms", null);
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            session.die("the connection was lost while a cancelled statement was being ended", e);
        } finally {
            done.complete(null);
        }
    }

    private void drain(Deadline limit) throws IOException, InterruptedException {
        boolean single = wire.pendingReplies() + (wire.isUnsynced() ? 1 : 0) == 1;
        if (wire.inCopyIn()) {
            wire.sendCopyEnd(new FrontendMessage.CopyFail("cancelled"));
        }
        if (wire.isUnsynced()) {
            // What has been given up must not take effect by halves, as a Sync alone would let it.
            wire.send(NOTHING);
            wire.sendSync();
        }
        // Often the answer is there already, and then there is nothing to cancel.
        wire.write();
        wire.read();
        takeArrived();
        Duration patience = FIRST_PATIENCE;
        int pending = wire.pendingReplies();
        while (!wire.atRest()) {
            long start = System.nanoTime();
            CancelRequester.cancel(endpoint, key, limit);
            long now = System.nanoTime();
            if (cancelledAtNanos == 0) {
                requestNanos = now - start;
                cancelledAtNanos = now;
            }
            Duration roundTrips = Duration.ofNanos(2 * (now - start));
            patience = patience.compareTo(roundTrips) < 0 ? roundTrips : patience;
            waitForRest(limit, limit.earlier(Deadline.in(patience)));
            patience = wire.pendingReplies() < pending ? FIRST_PATIENCE : patience.multipliedBy(2);
            pending = wire.pendingReplies();
        }
        if (wire.status() != TransactionStatus.IDLE) {
            wire.sendQuery("ROLLBACK");
            waitForRest(limit, limit);
            if (!committed) {
                outcome = Outcome.ROLLED_BACK;
            }
        } else if (single && failed && !committed && (sql == null || !CommittingCommand.is(sql))) {
            outcome = Outcome.ROLLED_BACK;
        }
    }

    private void waitForRest(Deadline limit, Deadline patience) throws IOException {
        wire.limitWaits(patience, false, null);
        try {
            wire.flush();
            while (!wire.atRest()) {
                take(wire.receive());
            }
        } catch (WaitEnded e) {
            if (limit.hasPassed()) {
                throw e;
            }
        }
    }

    private void takeArrived() throws IOException {
        for (BackendMessage message = wire.receiveNow(); message != null; message = wire.receiveNow()) {
            take(message);
        }
    }

    private void take(BackendMessage message) throws IOException {
        if (!heard) {
            heard = true;
            if (!settled.compareAndSet(false, true)) {
                throw new IOException("it was given up a moment before the server answered");
            }
        }
        if (message instanceof ErrorResponse) {
            failed = true;
        } else if (message instanceof CommandComplete command) {
            // Of several statements, those up to a COMMIT stay.
            committed |= command.tag().startsWith(Session.COMMIT);
        } else if (wire.inCopyIn()) {
            // The COPY command that was abandoned had not begun when the draining did.
            wire.sendCopyEnd(new FrontendMessage.CopyFail("cancelled"));
        }
    }
}
