package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.connection.SessionState.Phase;
import io.github.pgpure.protocol.BackendMessage.BackendKeyData;
import io.github.pgpure.transport.Deadline;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The abandoned operations of a {@link Session}: has each brought to its end by a {@link Drain}, tells its caller what became of it, has others
 * wait for that, and remembers the transaction that was lost by it. Any thread, but for what says otherwise.
 */
final class Drains {

    /** How long a caller whose statement was cancelled waits to learn what became of it; usually that takes some 2 ms. */
    private static final long CANCEL_GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Session session;
    private final SessionState state;
    private final Wire wire;
    private final Endpoint endpoint;
    private final AtomicReference<@Nullable Loss> transactionLoss = new AtomicReference<>();

    /** The one that runs, or ran last: whoever waits for it must find it also when it is over. */
    private volatile @Nullable Drain current;

    Drains(Session session, SessionState state, Wire wire, Endpoint endpoint) {
        this.session = session;
        this.state = state;
        this.wire = wire;
        this.endpoint = endpoint;
    }

    /** Why the transaction of a lease was rolled back by a cancellation. */
    private record Loss(long lease, String reason) {}

    // --- for the session's owner -------------------------------------------------------------------------------------

    /** The drain that begins next also rolls back the open transaction. */
    void loseTransaction(String reason) {
        transactionLoss.set(new Loss(state.lease(), reason));
    }

    /** One that the wire can be handed to. */
    Drain create(BackendKeyData key) {
        return new Drain(session, wire, endpoint, key);
    }

    /** Hands the wire to a drain. */
    void start(Drain drain) {
        current = drain;
        if (state.move(Phase.RUNNING, Phase.DRAINING)) {
            try {
                Workers.executor().execute(drain);
            } catch (RuntimeException | Error e) {
                // No thread to be had: nobody may be left waiting for this.
                session.die("a cancelled statement could not be ended: " + e, e);
                drain.done().complete(null);
            }
        } else {
            drain.done().complete(null); // the session has died meanwhile
        }
    }

    /**
     * What to tell the caller of the operation that was just abandoned; waits a little to learn what became of it.
     *
     * @param drain that operation's own
     * @param what what to say of its transaction
     */
    static PgException failure(Drain drain, WaitEnded.Reason reason, Deadline deadline, String what) {
        drain.await(grace(reason, deadline));
        Outcome outcome = drain.outcome();
        return switch (reason) {
            case INTERRUPTED -> {
                Thread.currentThread().interrupt();
                yield QueryCancelledException.requested(
                        "the statement was cancelled because its thread was interrupted" + what, outcome);
            }
            case CANCELLED ->
                QueryCancelledException.requested("the statement was cancelled on request" + what, outcome);
            case TIMED_OUT ->
                new QueryTimeoutException(
                        "the statement did not finish within " + deadline + " and was cancelled" + what, outcome, null);
        };
    }

    /** How many nanoseconds the caller of a cancelled statement waits to learn what became of it. */
    static long grace(WaitEnded.Reason reason, Deadline deadline) {
        if (reason == WaitEnded.Reason.TIMED_OUT) {
            // Learning what became of the statement must not make much of a deadline.
            return Math.min(
                    CANCEL_GRACE_NANOS / 5,
                    Math.max(TimeUnit.MILLISECONDS.toNanos(10), deadline.limit().toNanos() / 20));
        }
        return CANCEL_GRACE_NANOS;
    }

    // --- for those who want the session next -------------------------------------------------------------------------

    /**
     * Waits for the drain that runs.
     *
     * @throws QueryTimeoutException at the deadline
     * @throws QueryCancelledException when the thread is interrupted; its flag stays set
     */
    void await(Deadline deadline, boolean interruptible) {
        Drain drain = current;
        if (drain == null) {
            return;
        }
        long nanos = Math.min(deadline.remainingNanos(), LONGEST_WAIT_NANOS);
        boolean done;
        if (interruptible) {
            try {
                done = drain.awaitInterruptibly(nanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw QueryCancelledException.requested(
                        "the thread was interrupted while an earlier, cancelled statement was being ended",
                        Outcome.NOT_SENT);
            }
        } else {
            done = drain.await(nanos);
        }
        if (!done && deadline.hasPassed()) {
            throw new QueryTimeoutException(
                    "the deadline of " + deadline + " passed while an earlier, cancelled statement was being ended",
                    Outcome.NOT_SENT,
                    null);
        }
    }

    /** Runs the action once no statement is being drained. */
    void whenDone(Runnable action) {
        Drain drain = current;
        if (drain == null) {
            action.run();
        } else {
            drain.done().thenRun(action);
        }
    }

    /** Why the open transaction of this lease was rolled back, null when it was not; asking takes it back. */
    @Nullable
    String takeTransactionLoss(long lease) {
        Loss loss = transactionLoss.get();
        return loss != null && loss.lease() == lease && transactionLoss.compareAndSet(loss, null)
                ? loss.reason()
                : null;
    }

    // --- for the pool ------------------------------------------------------------------------------------------------

    /** Whether the one that runs has not been answered with a single message. */
    boolean isSilent() {
        Drain drain = current;
        return drain != null && state.is(Phase.DRAINING) && drain.isSilent();
    }

    /** Closes the session if the one that runs was cancelled so long ago and not answered with a single message; whether it did. */
    boolean abortIfSilent(long nanos, String reason) {
        Drain drain = current;
        if (drain == null || !drain.giveUpIfSilent(nanos)) {
            return false;
        }
        session.abort(reason);
        // The drain itself may wait for the answer to a cancel request until its own time is up.
        drain.done().complete(null);
        return true;
    }
}
