package io.github.pgpure.connection;

import io.github.pgpure.PgProtocolException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.SqlState;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import io.github.pgpure.protocol.FrontendBuffer;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes back and forth on a {@link Lane}. There are two roles, each held by at most one thread at a time, always one of the callers:
 *
 * <ul>
 *   <li>The <em>writer</em> sends what all callers have collected. Whoever submits a call while nobody writes takes the role, and writes
 *       until nothing is left.
 *   <li>The <em>leader</em> reads and waits for the server, for everybody. Whoever submits a call while nobody reads takes the role. When its own answer is
 *       there it wakes those whose answers came along, and hands the role to the first who still waits.
 * </ul>
 *
 * <p>Entering a call, taking the roles and collecting its bytes are one critical section: no call can enter between the last look of a
 * leader who leaves and its leaving, and the order of the calls is the order of their bytes. The lock is held for a few instructions, never over
 * I/O or a callback.
 */
final class LaneTraffic {

    private static final Logger LOG = LoggerFactory.getLogger(LaneTraffic.class);

    /** Who has less than this left waits with a time limit: one tick may be missed. */
    private static final long NEAR_NANOS = 2 * LaneWatch.TICK.toNanos();

    /** Those whose answers came in so many records are not kept waiting for more. */
    private static final int MOST_AT_ONCE = 64;

    /** The share of calls that found the lane empty is looked at after this many. */
    private static final int SAMPLE = 64;

    private final Session session;
    private final Wire wire;
    private final Transport transport;
    private final Lane lane;
    private final Lane.Owner owner;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final CallLine calls = new CallLine(); // those that are not answered, as far as the leader has told
    private final LaneOutput output;
    private final LaneWatch watch = new LaneWatch();
    private final LanePace pace = new LanePace();
    private boolean reading;
    private boolean retired;
    private int holders;
    private boolean cancelAstray;
    private int entered;
    private int enteredEmpty;

    private volatile boolean sealed;
    private volatile boolean deserted;

    /** Whether the leader is to say, by taking this back, that it has looked for more of the server's answer than there is. */
    private volatile boolean lookWanted;

    // For the leader; handed on through the lock.
    private final List<LaneCall> answered = new ArrayList<>();
    private long answeredUpTo;
    private long known;

    LaneTraffic(Session session, Wire wire, Lane lane, Lane.Owner owner) {
        this.session = session;
        this.wire = wire;
        this.transport = wire.transport();
        this.lane = lane;
        this.owner = owner;
        this.output = new LaneOutput(session, transport, lock);
    }

    /** Guards also what the lane keeps of its session. */
    ReentrantLock lock() {
        return lock;
    }

    /** Whether no call can enter any more. */
    boolean isSealed() {
        return sealed;
    }

    /** Whether a cancel request was sent, which any of the calls may have been hit by. */
    boolean isCancelSent() {
        return watch.isCancelSent();
    }

    /** Whether so few callers use it that each had better have a connection of its own. */
    boolean isDeserted() {
        return deserted;
    }

    /** How many calls are on their way now, roughly; without the lock. */
    int inside() {
        return calls.size();
    }

    /** How long it takes for one call now; without the lock. */
    long nanosPerCall() {
        return pace.nanosPerCall();
    }

    /** How many calls have entered so far. */
    long entered() {
        lock.lock();
        try {
            return calls.tail();
        } finally {
            lock.unlock();
        }
    }

    /** Lets nobody in any more; the session is given back when those inside have left. */
    void seal() {
        sealed = true;
        retireIfEmpty();
    }

    /** Gives the session back when nobody uses it. */
    void retireIfEmpty() {
        boolean astray;
        lock.lock();
        try {
            if (retired || reading || !calls.isEmpty()) {
                return;
            }
            sealed = true;
            if (output.isWriting() || watch.isCancelling() || holders > 0) {
                return; // the writer, the cancel, or the last holder comes here at its end
            }
            retired = true;
            astray = cancelAstray;
        } finally {
            lock.unlock();
        }
        if (astray) {
            session.die("a cancel request may still be on its way to it", null); // and must not hit a stranger
        }
        owner.left(lane);
    }

    /** Whether the session was given back, and belongs to others. With the lock. */
    boolean isRetired() {
        return retired;
    }

    /**
     * Keeps the session from being given back until {@link #letGo}: for whoever has something to do with it that the end of a call does not wait for. With
     * the lock, and only while it was not given back.
     */
    void hold() {
        holders++;
    }

    void letGo() {
        lock.lock();
        try {
            holders--;
        } finally {
            lock.unlock();
        }
        if (sealed) {
            retireIfEmpty();
        }
    }

    // --- calling -----------------------------------------------------------------------------------------------------

    /**
     * Sends a call.
     *
     * @param sql what to show of it, without values
     * @param messages its messages, with one Sync at their end
     * @return false when the lane is sealed or full
     */
    boolean submit(LaneCall call, String sql, FrontendBuffer messages) {
        boolean write;
        boolean alone;
        boolean first = false;
        lock.lock();
        try {
            if (sealed || calls.isFull()) {
                return false;
            }
            alone = calls.isEmpty();
            call.start = output.collectedBytes();
            calls.add(call);
            write = collect(messages);
            if (alone) {
                pace.begins(System.nanoTime());
            }
            sample(alone);
            session.show(sql);
            if (!reading) {
                reading = true;
                first = true;
                call.state = LaneCall.State.LEADING;
            }
        } finally {
            lock.unlock();
        }
        if (first && write && !lookForFarewell()) {
            return true; // the call has failed, and was not sent
        }
        if (write) {
            if (!alone) {
                Thread.yield(); // whoever is about to call comes along in the same write
            }
            output.write();
            if (sealed) {
                retireIfEmpty();
            }
        }
        return true;
    }

    /** Collects the messages of the last call in line, which must not stay there without them: it would be given the answer to the next one. */
    private boolean collect(FrontendBuffer messages) {
        boolean collected = false;
        try {
            boolean write = output.collect(messages);
            collected = true;
            return write;
        } finally {
            if (!collected) {
                calls.removeLast();
            }
        }
    }

    /** Looks at what the server sent while nobody used the lane; false when it has ended the session, and everybody's call. For the leader. */
    private boolean lookForFarewell() {
        try {
            session.takeUnasked();
            return true;
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
            return false;
        }
    }

    private void sample(boolean empty) {
        enteredEmpty += empty ? 1 : 0;
        if (++entered == SAMPLE) {
            deserted = enteredEmpty > SAMPLE / 2;
            entered = 0;
            enteredEmpty = 0;
        }
    }

    /**
     * Waits until a call is done.
     *
     * @throws WaitEnded when an interrupt (the flag is cleared) or the deadline came first, and the call is given up
     */
    void await(LaneCall call, Deadline deadline) {
        while (!call.isDone()) {
            if (call.state == LaneCall.State.LEADING) {
                lead(call, deadline);
                continue;
            }
            WaitEnded.Reason end = null;
            if (Thread.interrupted()) {
                end = WaitEnded.Reason.INTERRUPTED;
            } else if (deadline.hasPassed()) {
                end = WaitEnded.Reason.TIMED_OUT;
            }
            if (end != null) {
                giveUp(call, end);
            } else if (isWokenInTime(deadline)) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, deadline.remainingNanos());
            }
        }
    }

    /** Waits for a call that was given up, at most so long; an interrupt does not end the wait and is kept. */
    void awaitEnd(LaneCall call, long nanos) {
        boolean interrupted = false;
        long end = System.nanoTime() + nanos;
        while (!call.isDone() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(this, Math.max(1, end - System.nanoTime()));
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops waiting for a call, unless it has just been done. */
    private void giveUp(LaneCall call, WaitEnded.Reason reason) {
        boolean leading;
        lock.lock();
        try {
            if (call.isDone()) {
                if (reason == WaitEnded.Reason.INTERRUPTED) {
                    Thread.currentThread().interrupt();
                }
                return;
            }
            call.givenUp = true;
            leading = call.state == LaneCall.State.LEADING;
            if (leading) {
                call.state = LaneCall.State.WAITING;
            }
        } finally {
            lock.unlock();
        }
        if (leading) {
            handOn(false);
        }
        throw new WaitEnded(reason);
    }

    // --- reading -----------------------------------------------------------------------------------------------------

    /**
     * Reads for everybody until the call of this thread is done.
     *
     * @param mine null for a thread that only brings calls to their end that were given up
     */
    private void lead(@Nullable LaneCall mine, Deadline deadline) {
        WaitEnded.Reason end = null;
        try {
            do {
                if (takeAnswers()) {
                    wake(mine);
                    if (mine == null ? handOn(true) : mine.isDone()) {
                        break;
                    }
                }
                end = waitForMore(mine, deadline);
            } while (end == null);
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
            return;
        }
        if (end != null && mine != null) {
            giveUp(mine, end);
        } else if (mine != null) {
            handOn(false);
        }
    }

    /**
     * Takes all that was read, and all that TLS has: it gives one record at a time, which is one answer, and the role would be handed on after each.
     *
     * @return whether calls were completed by it
     */
    private boolean takeAnswers() throws IOException {
        int records = 0;
        while (wire.unread() > 0) {
            int before = answered.size();
            takeUnread();
            // An answer of many records is long: in between, interrupts, deadlines and the others are looked after.
            boolean goOn = transport.isEncrypted()
                    && answered.size() > before
                    && ++records < MOST_AT_ONCE
                    && !wire.isDrained();
            if (!goOn || wire.read() == 0) { // what was read is taken, before anybody waits
                break;
            }
        }
        return !answered.isEmpty();
    }

    private void takeUnread() throws IOException {
        int more;
        lock.lock();
        try {
            more = (int) (calls.tail() - known);
            known = calls.tail();
        } finally {
            lock.unlock();
        }
        wire.expectReplies(more);
        BackendMessage message;
        while ((message = wire.receiveNow()) != null) {
            if (answeredUpTo == known) {
                throw new PgProtocolException(
                        "the server sent " + message.getClass().getSimpleName() + " without having been asked");
            }
            LaneCall call = calls.get(answeredUpTo);
            if (message instanceof ReadyForQuery) {
                answered.add(call);
                answeredUpTo++;
            } else {
                call.take(message, wire);
            }
        }
        session.checkParameters();
    }

    /** Completes the calls that were answered, and wakes their owners. */
    private void wake(@Nullable LaneCall mine) {
        long now = System.nanoTime();
        lock.lock();
        try {
            pace.ended(answered.size(), now);
            calls.removeUpTo(answeredUpTo);
        } finally {
            lock.unlock();
        }
        for (LaneCall call : answered) {
            call.state = LaneCall.State.DONE;
            if (call != mine) {
                LockSupport.unpark(call.owner);
            }
        }
        answered.clear();
    }

    private WaitEnded.@Nullable Reason waitForMore(@Nullable LaneCall mine, Deadline deadline) throws IOException {
        boolean stalled = output.isStalled();
        if (!wire.isDrained() && wire.read() > 0) {
            if (lookWanted) {
                lookWanted = false; // it has taken all that there was, and the answer is longer
            }
            // A server that always has more to send must not keep an interrupt or a deadline from being seen.
            if (mine != null && Thread.interrupted()) {
                return WaitEnded.Reason.INTERRUPTED;
            }
            return mine != null && deadline.hasPassed() ? WaitEnded.Reason.TIMED_OUT : null;
        }
        switch (transport.await(stalled, isWokenInTime(deadline) ? Deadline.NONE : deadline, mine != null)) {
            case INTERRUPTED -> {
                return WaitEnded.Reason.INTERRUPTED;
            }
            case TIMED_OUT -> {
                return WaitEnded.Reason.TIMED_OUT;
            }
            case READY -> {
                if (wire.read() == 0 && lookWanted) {
                    lookWanted = false;
                }
            }
        }
        return null;
    }

    /**
     * Gives up the role: to the first call that somebody still waits for, or to a worker when all have been given up.
     *
     * @param worker whether it is a worker that has the role
     * @return false when the worker has to keep it
     */
    private boolean handOn(boolean worker) {
        LaneCall next = null;
        boolean leftOver = false;
        lock.lock();
        try {
            for (long at = calls.head(); at < calls.tail() && next == null; at++) {
                LaneCall call = calls.get(at);
                next = call.givenUp ? null : call;
            }
            if (next != null) {
                next.state = LaneCall.State.LEADING;
            } else if (!calls.isEmpty()) {
                leftOver = true;
            } else {
                reading = false;
            }
        } finally {
            lock.unlock();
        }
        if (next != null) {
            LockSupport.unpark(next.owner);
        } else if (leftOver && worker) {
            return false;
        } else if (leftOver) {
            work(() -> lead(null, Deadline.NONE));
        } else if (sealed) {
            retireIfEmpty();
        } else {
            owner.emptied(lane);
        }
        return true;
    }

    private void work(Runnable task) {
        try {
            Workers.executor().execute(task);
        } catch (RuntimeException | Error e) {
            fail(e); // no thread to be had: nobody may be left waiting for this
        }
    }

    // --- calls that take too long ------------------------------------------------------------------------------------

    /**
     * Whether a tick wakes whoever waits well before the deadline. Waiting with a time limit costs a virtual thread more than all else that it does
     * for a short statement: it has a timer set and taken back.
     */
    private boolean isWokenInTime(Deadline deadline) {
        return deadline.isNone() || deadline.remainingNanos() > NEAR_NANOS;
    }

    /** Looks after the first call in line, and wakes those whose deadline is near, who wait with a time limit from then on. By the timer. */
    void tick(long now) {
        boolean cancel = false;
        boolean wakeLeader = false;
        IOException hung = null;
        List<Thread> near = new ArrayList<>();
        lock.lock();
        try {
            for (long at = calls.head(); at < calls.tail(); at++) {
                LaneCall call = calls.get(at);
                if (!call.givenUp && !isWokenInTime(call.deadline)) {
                    wakeLeader |= call.state == LaneCall.State.LEADING;
                    near.add(call.owner);
                }
            }
            LaneCall first = calls.first();
            boolean asked = first != null && first.start < output.givenToSocket();
            if (watch.isHeldUp(first, !lookWanted && asked) && first != null) {
                sealed = true;
                lookWanted = true;
                wakeLeader = true;
                cancel = watch.isToCancel(first, calls.size() > 1, now);
            }
        } catch (IOException e) {
            hung = e;
            hold(); // or it might be somebody else's session that dies
        } finally {
            lock.unlock();
        }
        if (cancel) {
            cancelLater(); // first of all: the session is not given back before it
        }
        if (hung != null) {
            try {
                session.die("the connection was lost", hung); // which the leader notices, who fails everybody
            } finally {
                letGo();
            }
        }
        near.forEach(LockSupport::unpark);
        if (wakeLeader) {
            transport.wakeup();
        }
    }

    private void cancelLater() {
        try {
            Workers.executor().execute(this::cancel);
        } catch (RuntimeException | Error e) {
            session.die("no thread was to be had to cancel a statement", e);
            endOfCancel();
        }
    }

    private void cancel() {
        try {
            session.sendCancelRequest(LaneWatch.cancelDeadline());
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            LOG.debug("it is not known what has become of a cancel request for {}", session, e);
            lock.lock();
            try {
                cancelAstray = true;
            } finally {
                lock.unlock();
            }
        } finally {
            endOfCancel();
        }
    }

    private void endOfCancel() {
        lock.lock();
        try {
            watch.cancelled();
        } finally {
            lock.unlock();
        }
        retireIfEmpty();
    }

    // --- the end -----------------------------------------------------------------------------------------------------

    /**
     * Whether the server's farewell says that it had not got as far as this call: it takes them in order, and of the one in whose place the
     * farewell came it had done nothing if it ended for a reason of its own.
     */
    private boolean wasNotBegun(LaneCall call, boolean first) {
        ServerMessage farewell = wire.farewell();
        return farewell != null
                && (!first
                        || !call.wasBegun()
                                && (farewell.sqlState().equals(SqlState.ADMIN_SHUTDOWN)
                                        || farewell.sqlState().equals(SqlState.IDLE_SESSION_TIMEOUT)));
    }

    /** The connection is lost: so is everybody who waits. For the leader. */
    private void fail(Throwable cause) {
        lock.lock();
        try {
            if (retired) {
                LOG.error("{} was given back, but what followed failed", session, cause);
                return; // it is somebody else's now
            }
            hold();
        } finally {
            lock.unlock();
        }
        try {
            session.die("the connection was lost", cause);
        } finally {
            failAll(cause);
        }
        if (cause instanceof Error error && !(error instanceof LinkageError)) {
            LOG.error("a lane of {} failed", session, cause);
        }
    }

    private void failAll(Throwable cause) {
        List<LaneCall> lost;
        lock.lock();
        try {
            sealed = true;
            lost = new ArrayList<>(answered.size() + calls.size());
            for (LaneCall call : answered) {
                call.state = LaneCall.State.DONE;
                lost.add(call);
            }
            answered.clear();
            for (long at = answeredUpTo; at < calls.tail(); at++) {
                LaneCall call = calls.get(at);
                call.fail(cause, call.start < output.givenToSocket() && !wasNotBegun(call, at == answeredUpTo));
                lost.add(call);
            }
            answeredUpTo = calls.tail();
            calls.removeUpTo(answeredUpTo);
            reading = false;
            output.end();
        } finally {
            lock.unlock();
        }
        for (LaneCall call : lost) {
            LockSupport.unpark(call.owner);
        }
        letGo();
    }
}
