package io.github.pgpure.connection;

import io.github.pgpure.Credentials;
import io.github.pgpure.Notification;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgHost;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.SqlState;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.BackendKeyData;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.FrontendMessage;
import io.github.pgpure.protocol.ScramKeys;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session with a server, as a pool keeps it; applications see a {@link PgConnection}.
 *
 * <p>A session is always in one of four states, and whoever brings it out of {@code IDLE} owns its wire until it is idle again:
 *
 * <pre>
 *             begin             end
 *   IDLE ------------> RUNNING -----> IDLE
 *                        |  interrupt, deadline, cancel
 *                        v
 *                     DRAINING -----> IDLE        any state ---> DEAD
 * </pre>
 *
 * <p>A cancellation is no more than a reason for the caller's wait to end: interrupt, deadline and {@link #cancel} all end in the caller's
 * thread, which hands the wire to a {@link Drain}. So a cancel request is only ever sent while the statement it is meant for is the
 * session's current one.
 */
public final class Session {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int DRAINING = 2;
    private static final int DEAD = 3;

    /** How long a caller whose statement was cancelled waits to learn what became of it; usually that takes some 2 ms. */
    private static final long CANCEL_GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** How long ending a transaction may take when nobody is left who could wait for it. */
    private static final Duration CLEANUP_LIMIT = Duration.ofSeconds(5);

    static final String COMMIT = "COMMIT";

    private final PgConnectOptions options;
    private final PgHost host;
    private final Endpoint endpoint;
    private final TypeRegistry types;
    private final SessionParameters parameters = new SessionParameters();
    private final Wire wire;
    private final QueryRunner runner;
    private final AtomicInteger state = new AtomicInteger(RUNNING);
    private final Runnable checkpoint = this::checkCancelled;

    private @Nullable BackendKeyData key;
    private volatile @Nullable Thread owner;
    private volatile @Nullable String lastSql;
    private volatile @Nullable Drain drain;
    private volatile @Nullable String deathReason;
    private volatile @Nullable Throwable deathCause;

    /** The number of the operation that runs, or ran last; counting lets a late {@link #cancel} miss rather than hit the next one. */
    private volatile long operation;

    private volatile long cancelledOperation;
    private long sentBeforeEffect;
    private long repliesBeforeEffect;
    private boolean effectPossible;
    private boolean bindComesFirst;

    /** Whether the owner is using the wire right now, rather than only holding it for an open stream. For the owner. */
    private boolean guarded;

    private Deadline transactionDeadline = Deadline.NONE;
    private @Nullable String transactionLoss;
    private @Nullable ConversionContext context;

    private final Announcements announcements = new Announcements();
    private volatile boolean woken;

    Session(PgConnectOptions options, TypeRegistry types, PgHost host, Endpoint endpoint, Transport transport) {
        this.options = options;
        this.types = types;
        this.host = host;
        this.endpoint = endpoint;
        this.wire = new Wire(transport, parameters, announcements);
        this.runner = new QueryRunner(
                this, wire, types, new StatementCache(options.statementCacheSize(), !options.transactionPooling()));
    }

    // --- opening -----------------------------------------------------------------------------------------------------

    /**
     * Connects to the first acceptable host and logs in, within the connect timeout for each host.
     *
     * @param types the types and converters to share with other sessions
     * @throws PgConnectionException when no host can be reached or none is acceptable
     * @throws PgServerException when the server refuses the login
     * @throws QueryCancelledException when the thread is interrupted; its flag stays set
     */
    public static Session open(PgConnectOptions options, TypeRegistry types) {
        return new Connector(options, types).open();
    }

    void login(Credentials credentials, ScramKeys scramKeys, Deadline deadline) throws IOException {
        wire.limitWaits(deadline, true, null);
        key = new Login(wire, options, credentials, scramKeys).run();
        state.set(IDLE);
    }

    boolean isNotLoggedIn() {
        return key == null;
    }

    /**
     * Whether this server is what is wanted, as far as its last answer tells; servers before version 14 do not report it and are asked.
     * For the session's owner.
     */
    public boolean matches(TargetSessionAttrs wanted, Deadline deadline) {
        String standby = parameters.get("in_hot_standby");
        String readOnly = parameters.get("default_transaction_read_only");
        if (standby == null || readOnly == null) {
            var row = run(
                            "target_session_attrs",
                            deadline,
                            w -> runner.simpleRows(
                                    "select case when pg_is_in_recovery() then 'on' else 'off' end, current_setting('transaction_read_only')"))
                    .get(0);
            standby = row[0];
            readOnly = row[1];
        }
        boolean isStandby = "on".equals(standby);
        boolean isReadOnly = isStandby || "on".equals(readOnly);
        return switch (wanted) {
            case ANY, PREFER_STANDBY -> true;
            case READ_WRITE -> !isReadOnly;
            case READ_ONLY -> isReadOnly;
            case PRIMARY -> !isStandby;
            case STANDBY -> isStandby;
        };
    }

    // --- handles -----------------------------------------------------------------------------------------------------

    /** An exclusive handle; {@code onClose} is called once, when it is closed, and decides what becomes of the session. */
    public PgConnection connection(Consumer<Session> onClose) {
        beginUse();
        return new SessionConnection(this, onClose);
    }

    /**
     * Begins a transaction. BEGIN travels with the first statement.
     *
     * @param onClose is called once, when it is closed, after its commit or rollback
     */
    public PgTransaction begin(TransactionOptions transactionOptions, Consumer<Session> onClose) {
        beginUse();
        return new SessionConnection(this, onClose).beginOwning(transactionOptions);
    }

    /** What the user before has left behind is not this one's. */
    private void beginUse() {
        announcements.reset();
        if (lastSql != null) {
            lastSql = null;
        }
    }

    // --- what it is and does -----------------------------------------------------------------------------------------

    public int backendPid() {
        return Objects.requireNonNull(key).processId();
    }

    /** The number of bytes in the key for cancel requests: 4 with protocol 3.0. */
    int cancelKeyLength() {
        return Objects.requireNonNull(key).secretKey().length;
    }

    public PgHost host() {
        return host;
    }

    /** Whether the session is lost or closed. Any thread. */
    public boolean isDead() {
        return state.get() == DEAD;
    }

    /** Whether a cancelled statement is still being brought to its end; the session cannot be used before that is over. Any thread. */
    public boolean isDraining() {
        return state.get() == DRAINING;
    }

    /** Whether an operation runs right now. Any thread. */
    public boolean isRunning() {
        return state.get() == RUNNING;
    }

    boolean isIdle() {
        return state.get() == IDLE;
    }

    /** The SQL that is running or ran last since the session was handed out, without values; null before the first. Any thread. */
    public @Nullable String lastSql() {
        return lastSql;
    }

    /** The transaction status as of the last answer. For the session's owner. */
    public TransactionStatus transactionStatus() {
        return wire.status();
    }

    /** Whether {@link #matches} gets by without asking the server. */
    public boolean reportsRole() {
        return parameters.get("in_hot_standby") != null && parameters.get("default_transaction_read_only") != null;
    }

    /** Whether the server has refused a write as read-only (25006) since this was last asked. For the session's owner. */
    public boolean takeRefusedAsReadOnly() {
        return wire.takeRefusedAsReadOnly();
    }

    Map<String, String> parameters() {
        return parameters.copy();
    }

    ZoneId timeZone() {
        return parameters.timeZone();
    }

    QueryRunner runner() {
        return runner;
    }

    Duration defaultTimeout() {
        return options.queryTimeout();
    }

    /** What converters may know now; the same instance for as long as nothing of it changes. */
    ConversionContext context() {
        ConversionContext current = context;
        TypeRegistry.Snapshot snapshot = types.snapshot();
        ZoneId zone = parameters.timeZone();
        if (current == null || current.types() != snapshot || current.serverTimeZone() != zone) {
            current = new ConversionContext(snapshot, zone);
            context = current;
        }
        return current;
    }

    void onNotice(@Nullable Consumer<ServerMessage> handler) {
        announcements.onNotice(handler);
    }

    void transactionDeadline(Deadline deadline) {
        transactionDeadline = deadline;
    }

    /** Why the open transaction was rolled back by a cancellation, null when it was not; asking takes it back. */
    @Nullable
    String takeTransactionLoss() {
        String loss = transactionLoss;
        transactionLoss = null;
        return loss;
    }

    // --- operations --------------------------------------------------------------------------------------------------

    /**
     * Runs an operation.
     *
     * @param sql what to show of it, without values
     * @throws IllegalStateException when another operation is running
     */
    <T> T run(String sql, Deadline deadline, WireOperation<T> work) {
        begin(sql, deadline);
        try {
            return guard(work);
        } finally {
            end();
        }
    }

    /** Runs an operation without a result, see {@link #run}. */
    void perform(String sql, Deadline deadline, WireAction work) {
        begin(sql, deadline);
        try {
            guardAction(work);
        } finally {
            end();
        }
    }

    /** Takes possession of the wire, until {@link #end()}. */
    void begin(String sql, Deadline deadline) {
        if (Thread.currentThread().isInterrupted()) {
            throw QueryCancelledException.requested(
                    "the thread was interrupted before the statement was sent", Outcome.NOT_SENT);
        }
        Deadline effective = deadline.earlier(transactionDeadline);
        if (effective.hasPassed()) {
            throw new QueryTimeoutException(
                    "the deadline of " + effective + " had passed before the statement was sent",
                    Outcome.NOT_SENT,
                    null);
        }
        take(effective);
        lastSql = sql;
        operation++;
        effectPossible = false;
        wire.limitWaits(effective, true, checkpoint);
    }

    /** Gives the wire back: the session is idle again, or is brought to rest where the operation has left something behind. */
    void end() {
        if (state.get() != RUNNING) {
            return;
        }
        owner = null;
        if (wire.atRest()) {
            operation++; // before anybody can take the wire: what still holds the old number has lost it
            state.compareAndSet(RUNNING, IDLE);
        } else {
            startDrain("an operation was given up before its end");
        }
    }

    /**
     * Ends what still has the wire when its handle is closed: a stream that was left open, or, where a handle is closed while another thread
     * runs a statement on it, or from within one (by a source of COPY data, say), the session, since two threads must never share a wire.
     */
    void endForgotten() {
        if (state.get() == RUNNING) {
            if (owner == Thread.currentThread() && !guarded) {
                end();
            } else {
                abort("its handle was closed while a statement was running on it");
            }
        }
    }

    /**
     * Whether the operation with this number still has the wire. For the thread that began it.
     *
     * @param number what {@link #currentOperation()} gave
     */
    boolean isOwnedBy(long number) {
        return operation == number && state.get() == RUNNING;
    }

    /** Runs a part of an operation, and turns what goes wrong on the wire into what the caller is to see. */
    <T> T guard(WireOperation<T> work) {
        boolean outermost = !guarded;
        guarded = true;
        try {
            T result = work.run(wire);
            checkParameters();
            return result;
        } catch (WaitEnded e) {
            throw abandon(e.reason());
        } catch (IOException e) {
            throw lost(e);
        } catch (QueryRunner.LookupFailed e) {
            throw lost(e.getCause());
        } catch (PgProtocolException e) {
            die("the server broke the protocol", e);
            throw e;
        } finally {
            if (outermost) {
                guarded = false;
            }
        }
    }

    /** Ends the session when a statement has changed what the converters rely on: wrong values would be the alternative. */
    private void checkParameters() {
        String violation = parameters.violation();
        if (violation != null) {
            die(violation, null);
            throw new PgConnectionException(
                    violation + ": the connection to " + host
                            + " was closed, since values could not be read rightly any more",
                    Outcome.UNKNOWN,
                    null);
        }
    }

    /** Runs a part of an operation without a result, see {@link #guard}. */
    void guardAction(WireAction work) {
        guard(w -> {
            work.run(w);
            return Boolean.TRUE;
        });
    }

    /**
     * From now on the operation may have an effect on the server, as soon as it is sent.
     *
     * @param bindComesFirst whether the server answers a Bind before anything can have an effect
     */
    void effectPossible(boolean bindComesFirst) {
        if (!effectPossible) {
            effectPossible = true;
            this.bindComesFirst = bindComesFirst;
            sentBeforeEffect = wire.totalSent();
            repliesBeforeEffect = wire.replies();
        }
    }

    /**
     * Cancels the operation that runs, if it is the one with this number; never a later one. Any thread.
     *
     * @param number what {@link #currentOperation()} gave
     */
    void cancel(long number) {
        cancelledOperation = number;
        if (state.get() == RUNNING) {
            wire.transport().wakeup();
        }
    }

    /** The number of the operation that runs, or ran last. Any thread. */
    long currentOperation() {
        return operation;
    }

    /** Ends the operation that runs if it was cancelled. */
    void checkCancelled() {
        if (cancelledOperation == operation) {
            throw new WaitEnded(WaitEnded.Reason.CANCELLED);
        }
    }

    /** Runs the action once no statement is being drained (the session is then idle, or dead). */
    public void whenDrained(Runnable action) {
        Drain current = drain;
        if (current == null) {
            action.run();
        } else {
            current.done().thenRun(action);
        }
    }

    // --- care, for a pool --------------------------------------------------------------------------------------------

    /**
     * Takes note, without waiting, of what the server sent since the session was last used: notices, parameters, its farewell.
     *
     * @return whether the session can be used
     */
    public boolean checkAlive() {
        if (!state.compareAndSet(IDLE, RUNNING)) {
            return false;
        }
        try {
            do {
                BackendMessage message = wire.receiveNow();
                if (message instanceof ErrorResponse error && error.error().isFatal()) {
                    die("the server has ended the session: " + error.error(), null);
                    return false;
                }
                if (message != null) {
                    die("the server sent " + message.getClass().getSimpleName() + " without having been asked", null);
                    return false;
                }
            } while (wire.read() > 0);
            return true;
        } catch (IOException | PgProtocolException e) {
            die("the connection was lost", e);
            return false;
        } finally {
            end();
        }
    }

    /**
     * The OID of a type, see {@link TypeRegistry#findOid}; asks the server where the registry does not know it.
     *
     * @return empty when there is no such type
     */
    public OptionalInt findOid(String typeName, Deadline deadline) {
        return run("find the OID of type " + typeName, deadline, w -> types.findOid(typeName, runner::lookUp));
    }

    /** A round trip without a statement; not interruptible. Closes the session and returns false on failure or timeout. */
    public boolean ping(Duration timeout) {
        return tend(timeout, w -> runner.ping());
    }

    /** Whether the session's server answers on a new connection; interruptible. Any thread. */
    public boolean serverAnswers(Duration timeout) {
        try {
            endpoint.awaitAnswer(Deadline.in(timeout));
            return true;
        } catch (PgProtocolException e) {
            return true; // of an odd kind
        } catch (IOException e) {
            LOG.debug("the server of {} does not answer on a new connection", this, e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether a cancelled statement has not been answered with a single message for so long. Any thread. */
    public boolean isDrainSilent(long nanos) {
        Drain current = drain;
        return current != null && isDraining() && current.isSilent(nanos);
    }

    /**
     * Closes the session if a cancelled statement has not been answered with a single message for so long. Any thread.
     *
     * @return whether it did
     */
    public boolean abortSilentDrain(long nanos, String reason) {
        Drain current = drain;
        if (current == null || !current.giveUpIfSilent(nanos)) {
            return false;
        }
        abort(reason);
        // The drain itself may wait for the answer to a cancel request until its own time is up.
        current.done().complete(null);
        return true;
    }

    /** Rolls back whatever transaction is open; not interruptible. Closes the session and returns false on failure or timeout. */
    public boolean rollback(Duration timeout) {
        return tend(timeout, w -> {
            runner.forgetBegin();
            transactionDeadline = Deadline.NONE;
            if (w.status() != TransactionStatus.IDLE) {
                runner.simple("ROLLBACK");
            }
        });
    }

    /**
     * Rolls back whatever transaction is open, within the time that clean-ups have; a stream that this thread has left open ends.
     *
     * @throws IllegalStateException when a statement is running, of which the transaction is left as it is
     */
    void rollback() {
        if (state.get() == RUNNING && owner == Thread.currentThread() && !guarded) {
            end();
        }
        if (state.get() == RUNNING) {
            throw busy();
        }
        rollback(CLEANUP_LIMIT);
    }

    private boolean tend(Duration timeout, WireAction work) {
        Deadline deadline = Deadline.in(timeout);
        try {
            take(deadline);
        } catch (PgException | IllegalStateException e) {
            return false;
        }
        try {
            wire.limitWaits(deadline, false, null);
            work.run(wire);
            return true;
        } catch (WaitEnded | IOException | PgException e) {
            die("the server did not answer a clean-up within " + timeout.toMillis() + " ms", e);
            return false;
        } finally {
            end();
        }
    }

    /**
     * Waits for notifications and delivers them on this thread, first those that came while a statement ran; returns after at least one,
     * when {@linkplain #wakeup() woken}, interrupted (the flag stays set), or at the deadline.
     *
     * @throws PgConnectionException when the connection is lost
     */
    public void awaitNotifications(Deadline deadline, Consumer<Notification> consumer) {
        boolean[] delivered = {false};
        perform("waiting for notifications", Deadline.NONE, w -> {
            try {
                announcements.receive(notification -> {
                    delivered[0] = true;
                    consumer.accept(notification);
                });
                w.limitWaits(deadline, true, checkpoint);
                while (!delivered[0] && !woken) {
                    BackendMessage message = w.receiveNow();
                    if (message instanceof ErrorResponse) {
                        throw new ServerClosed();
                    } else if (message != null) {
                        throw new PgProtocolException(
                                "the server sent " + message.getClass().getSimpleName() + " without having been asked");
                    } else if (!delivered[0] && w.read() == 0) {
                        w.await(false);
                    }
                }
                woken = false;
            } catch (WaitEnded e) {
                if (e.reason() == WaitEnded.Reason.INTERRUPTED) {
                    Thread.currentThread().interrupt();
                }
            } finally {
                announcements.receive(null);
            }
        });
    }

    /** Ends {@link #awaitNotifications}, the running or the next one. Any thread. */
    public void wakeup() {
        woken = true;
        wire.transport().wakeup();
    }

    // --- the end -----------------------------------------------------------------------------------------------------

    /** Says farewell and closes, without waiting; a second call does nothing. An operation that runs is ended. */
    public void close() {
        if (state.compareAndSet(IDLE, DEAD)) {
            deathReason = "it was closed";
            try {
                wire.sendPart(new FrontendMessage.Terminate());
                wire.write();
            } catch (IOException e) {
                LOG.trace("the server of {} did not take the farewell", this, e);
            }
            wire.transport().close();
        } else {
            abort("it was closed");
        }
    }

    /** Closes at once. A caller that waits gets a {@link PgConnectionException}. Any thread. */
    public void abort(String reason) {
        die(reason, null);
    }

    /** Marks the session dead and closes its socket. */
    void die(String reason, @Nullable Throwable cause) {
        if (state.getAndSet(DEAD) != DEAD) {
            deathReason = reason;
            deathCause = cause;
            LOG.debug("{} is dead: {}", this, reason, cause);
        }
        wire.transport().close();
    }

    @Override
    public String toString() {
        return "session " + (key == null ? "" : key.processId() + " ") + "with " + host;
    }

    // --- inside ------------------------------------------------------------------------------------------------------

    private void take(Deadline deadline) {
        while (!state.compareAndSet(IDLE, RUNNING)) {
            switch (state.get()) {
                case DEAD -> throw dead();
                case DRAINING -> awaitDrain(deadline);
                case RUNNING -> throw busy();
                default -> {} // it has become idle meanwhile
            }
        }
        owner = Thread.currentThread();
    }

    private IllegalStateException busy() {
        Thread other = owner;
        return new IllegalStateException("the connection is busy with a statement of "
                + (other == Thread.currentThread()
                        ? "this very thread: close its stream first"
                        : "thread " + (other == null ? "?" : other.getName())
                                + ": a connection serves one thread at a time, use the pool for several"));
    }

    private void awaitDrain(Deadline deadline) {
        Drain current = drain;
        if (current != null
                && !current.await(Math.min(deadline.remainingNanos(), TimeUnit.SECONDS.toNanos(10)))
                && deadline.hasPassed()) {
            throw new QueryTimeoutException(
                    "the deadline of " + deadline + " passed while an earlier, cancelled statement was being ended",
                    Outcome.NOT_SENT,
                    null);
        }
    }

    /**
     * Hands the wire to a drain, which also rolls back the open transaction.
     *
     * @param reason why, as a transaction that is lost by it will say
     */
    private Drain startDrain(String reason) {
        if (runner.inTransaction() || runner.beginPending()) {
            transactionLoss = reason;
            transactionDeadline = Deadline.NONE;
            runner.forgetBegin();
        }
        var current = new Drain(this, wire, endpoint, Objects.requireNonNull(key));
        operation++;
        drain = current;
        if (state.compareAndSet(RUNNING, DRAINING)) {
            try {
                Workers.executor().execute(current);
            } catch (RuntimeException | Error e) {
                // No thread to be had: nobody may be left waiting for this.
                die("a cancelled statement could not be ended: " + e, e);
                current.done().complete(null);
            }
        } else {
            current.done().complete(null); // the session has died meanwhile
        }
        return current;
    }

    void drained() {
        wire.limitWaits(Deadline.NONE, true, checkpoint);
        // The drain stays where it is, and is done after this: whoever waits for it must find the session idle.
        state.compareAndSet(DRAINING, IDLE);
    }

    private PgException abandon(WaitEnded.Reason reason) {
        Deadline deadline = wire.deadline();
        // What has become of a COMMIT, only the outcome can say.
        String what =
                runner.inTransaction() && !COMMIT.equalsIgnoreCase(lastSql) ? "; its transaction was rolled back" : "";
        Drain current = startDrain(
                switch (reason) {
                    case INTERRUPTED -> "a statement was cancelled by an interrupt";
                    case TIMED_OUT -> "a statement did not finish within " + deadline;
                    case CANCELLED -> "a statement was cancelled";
                });
        long grace = CANCEL_GRACE_NANOS;
        if (reason == WaitEnded.Reason.TIMED_OUT) {
            // Learning what became of the statement must not make much of a deadline.
            grace = Math.min(
                    grace / 5,
                    Math.max(TimeUnit.MILLISECONDS.toNanos(10), deadline.limit().toNanos() / 20));
        }
        current.await(grace);
        return switch (reason) {
            case INTERRUPTED -> {
                Thread.currentThread().interrupt();
                yield QueryCancelledException.requested(
                        "the statement was cancelled because its thread was interrupted" + what, current.outcome());
            }
            case CANCELLED ->
                QueryCancelledException.requested("the statement was cancelled on request" + what, current.outcome());
            case TIMED_OUT ->
                new QueryTimeoutException(
                        "the statement did not finish within " + deadline + " and was cancelled" + what,
                        current.outcome(),
                        null);
        };
    }

    private PgException lost(IOException cause) {
        ServerMessage farewell = wire.farewell();
        Outcome outcome = outcomeOfLoss(farewell);
        String reason = state.get() == DEAD && deathReason != null ? deathReason : "the connection was lost";
        die(reason, cause);
        if (farewell != null) {
            return PgServerException.of(farewell, outcome);
        }
        return new PgConnectionException(
                "the connection to " + host + " (backend " + backendPid() + ") is gone: " + reason
                        + (cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")"),
                outcome,
                cause);
    }

    private Outcome outcomeOfLoss(@Nullable ServerMessage farewell) {
        if (!effectPossible || wire.totalSent() == sentBeforeEffect) {
            return Outcome.NOT_SENT;
        }
        // The server answers in order: one whose first answer is its farewell has not got as far as the Bind, let alone
        // what follows it.
        boolean hadEndedBefore = bindComesFirst
                && farewell != null
                && (farewell.sqlState().equals(SqlState.ADMIN_SHUTDOWN)
                        || farewell.sqlState().equals(SqlState.IDLE_SESSION_TIMEOUT))
                && wire.replies() == repliesBeforeEffect + 1;
        return hadEndedBefore ? Outcome.ROLLED_BACK : Outcome.UNKNOWN;
    }

    private PgConnectionException dead() {
        return new PgConnectionException(
                "the connection to " + host + " (backend " + backendPid() + ") cannot be used any more: " + deathReason,
                Outcome.NOT_SENT,
                deathCause);
    }
}
