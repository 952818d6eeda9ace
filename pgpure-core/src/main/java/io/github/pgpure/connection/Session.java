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
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.SessionState.Phase;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.BackendMessage.BackendKeyData;
import io.github.pgpure.protocol.FrontendMessage;
import io.github.pgpure.protocol.ScramKeys;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.LongWaits;
import io.github.pgpure.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
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
    private final SessionState state = new SessionState();
    private final Announcements announcements = new Announcements();
    private final OperationNumber operation = new OperationNumber();
    private final SessionEnd end = new SessionEnd(this);
    private final EffectWindow effects;
    private final SessionCare care;
    private final Drains drains;
    private final Runnable checkpoint = this::checkCancelled;

    private @Nullable BackendKeyData key;
    private volatile @Nullable Thread owner;
    private volatile @Nullable String lastSql;

    /** Whether the owner is using the wire right now, rather than only holding it for an open stream. For the owner. */
    private boolean guarded;

    private Deadline transactionDeadline = Deadline.NONE;
    private @Nullable ConversionContext context;

    Session(PgConnectOptions options, TypeRegistry types, PgHost host, Endpoint endpoint, Transport transport) {
        this.options = options;
        this.types = types;
        this.host = host;
        this.endpoint = endpoint;
        this.wire = new Wire(transport, parameters, announcements);
        this.runner = new QueryRunner(
                this, wire, types, new StatementCache(options.statementCacheSize(), !options.transactionPooling()));
        this.effects = new EffectWindow(wire);
        this.drains = new Drains(this, state, wire, endpoint);
        this.care = new SessionCare(this, state, wire, runner, parameters, announcements);
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

    /** @param firstAnswer limits the time until the server's first answer */
    void login(Credentials credentials, ScramKeys scramKeys, Deadline firstAnswer, Deadline deadline)
            throws IOException {
        wire.limitWaits(firstAnswer, true, null);
        key = new Login(wire, options, credentials, scramKeys).run(deadline);
        state.move(Phase.RUNNING, Phase.IDLE);
    }

    boolean isNotLoggedIn() {
        return key == null;
    }

    /**
     * Whether this server is what is wanted, as far as its last answer tells; servers before version 14 do not report it and are asked.
     * For the session's owner.
     */
    public boolean matches(TargetSessionAttrs wanted, Deadline deadline) {
        return care.matches(wanted, deadline);
    }

    // --- handles -----------------------------------------------------------------------------------------------------

    /** An exclusive handle; {@code onClose} is called once, when it is closed, and decides what becomes of the session. */
    public PgConnection connection(Consumer<Session> onClose) {
        return handle(onClose);
    }

    /** A session on loan, and what becomes of it when it is given back. */
    public interface Loan extends Consumer<Session> {
        Session session();
    }

    /**
     * Begins a transaction. BEGIN travels with the first statement.
     *
     * @param loan this session's; is told once, when the transaction is closed, after its commit or rollback
     * @param another gives another session when this one turns out to be lost before the first statement: it was given back by then
     */
    public PgTransaction begin(TransactionOptions transactionOptions, Loan loan, Function<Deadline, Loan> another) {
        return handle(loan).beginOwning(transactionOptions, another);
    }

    /** Lends the session to a handle whose own one was lost. */
    long lendTo(SessionConnection handle) {
        announcements.reset(handle);
        lastSql = null;
        return state.lease();
    }

    private SessionConnection handle(Consumer<Session> onClose) {
        var handle = new SessionConnection(this, state.lease(), onClose);
        announcements.reset(handle);
        if (lastSql != null) {
            lastSql = null; // it was somebody else's
        }
        return handle;
    }

    /**
     * Ends the lease of a handle, which can take the session no more from then on. What still has the wire ends: a stream that was left open,
     * or, where a handle is closed while another thread runs a statement on it, or from within one (by a source of COPY data, say), the session,
     * since two threads must never share a wire.
     */
    void endLease() {
        while (!state.endLease()) {
            if (owner == Thread.currentThread() && !guarded) {
                end();
            } else {
                abort("its handle was closed while a statement was running on it");
            }
        }
        transactionDeadline = Deadline.NONE;
    }

    /**
     * Has a handle change what belongs to the session while nobody else can, after a cancelled statement was brought to its end; does nothing
     * when the session is dead.
     *
     * @throws IllegalStateException when something is running, or the handle was closed
     */
    void change(long lease, Runnable action) {
        try {
            take(lease, Deadline.NONE, false);
        } catch (PgConnectionException e) {
            return; // the next statement will say so
        }
        try {
            action.run();
        } finally {
            end();
        }
    }

    /** Asks something of the session while nobody else can take it; false when it is not idle, or the handle was closed. */
    boolean isIdleAnd(long lease, BooleanSupplier question) {
        if (!state.take(lease)) {
            return false;
        }
        owner = Thread.currentThread();
        try {
            return question.getAsBoolean();
        } finally {
            end();
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

    /** The address it leads to, one of those that its host has. */
    public SocketAddress address() {
        return endpoint.address();
    }

    /** Whether others wait for a session that its present owner could have; for whoever has just taken it. */
    public void crowded(boolean othersWait) {
        wire.crowded(othersWait);
    }

    /** Whether the session is lost or closed. Any thread. */
    public boolean isDead() {
        return state.is(Phase.DEAD);
    }

    /** Why it cannot be used any more, in words; null while it can. Any thread. */
    public @Nullable String causeOfDeath() {
        return end.inWords();
    }

    /** Whether a cancelled statement is still being brought to its end; the session cannot be used before that is over. Any thread. */
    public boolean isDraining() {
        return state.is(Phase.DRAINING);
    }

    /** Whether an operation runs right now. Any thread. */
    public boolean isRunning() {
        return state.is(Phase.RUNNING);
    }

    boolean isIdle() {
        return state.is(Phase.IDLE);
    }

    /** The SQL that is running or ran last since the session was handed out, without values; null before the first. Any thread. */
    public @Nullable String lastSql() {
        return lastSql;
    }

    /** How many statements it keeps prepared. Any thread. */
    public int preparedStatements() {
        return runner.statements().size();
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

    /** Whether {@link #context()} would give this one. Any thread. */
    boolean isCurrent(ConversionContext known) {
        return known.types() == types.snapshot() && known.serverTimeZone() == parameters.timeZone();
    }

    void transactionDeadline(Deadline deadline) {
        transactionDeadline = deadline;
    }

    /** Why the open transaction was rolled back by a cancellation, null when it was not; asking takes it back. */
    @Nullable
    String takeTransactionLoss(long lease) {
        return drains.takeTransactionLoss(lease);
    }

    // --- operations --------------------------------------------------------------------------------------------------

    /**
     * Runs an operation.
     *
     * @param lease the handle's lease, or {@link SessionState#ANY_LEASE}
     * @param sql what to show of it, without values
     * @throws IllegalStateException when another operation is running, or the handle was closed
     */
    <T> T run(long lease, String sql, Deadline deadline, WireOperation<T> work) {
        long number = begin(lease, sql, deadline);
        try {
            return guard(work);
        } finally {
            end(number);
        }
    }

    /** Runs an operation without a result, see {@link #run}. */
    void perform(long lease, String sql, Deadline deadline, WireAction work) {
        long number = begin(lease, sql, deadline);
        try {
            guardAction(work);
        } finally {
            end(number);
        }
    }

    /** Takes possession of the wire, until {@link #end(long)} is given the operation's number, which this gives. */
    long begin(long lease, String sql, Deadline deadline) {
        if (Thread.currentThread().isInterrupted()) {
            throw QueryCancelledException.requested(
                    "the thread was interrupted before the statement was sent", Outcome.NOT_SENT);
        }
        if (deadline.hasPassed()) {
            throw passed(deadline);
        }
        take(lease, deadline, true);
        Deadline effective = deadline.earlier(transactionDeadline);
        if (effective.hasPassed()) {
            end();
            throw passed(effective);
        }
        lastSql = sql;
        operation.next();
        effects.reset();
        wire.limitWaits(effective, true, checkpoint);
        return operation.current();
    }

    private static QueryTimeoutException passed(Deadline deadline) {
        return new QueryTimeoutException(
                "the deadline of " + deadline + " had passed before the statement was sent", Outcome.NOT_SENT, null);
    }

    /**
     * Gives the wire back, if this operation still has it. One that was cancelled has lost it, and while its caller waited to learn what has become of it
     * the session may have gone to others.
     */
    void end(long number) {
        if (isOwnedBy(number)) {
            end();
        }
    }

    /** Gives the wire back: the session is idle again, or is brought to rest where the operation has left something behind. For its owner. */
    void end() {
        if (!state.is(Phase.RUNNING)) {
            return;
        }
        owner = null;
        guarded = false;
        if (wire.atRest()) {
            operation.next(); // before anybody can take the wire: what still holds the old number has lost it
            state.move(Phase.RUNNING, Phase.IDLE);
        } else {
            try {
                startDrain("an operation was given up before its end");
            } catch (RuntimeException | Error e) {
                die("an operation could not be brought to its end", e);
                throw e;
            }
        }
    }

    /**
     * Whether the operation with this number still has the wire. For the thread that began it.
     *
     * @param number what {@link #currentOperation()} gave
     */
    boolean isOwnedBy(long number) {
        return operation.current() == number && state.is(Phase.RUNNING);
    }

    /** Runs a part of an operation, and turns what goes wrong on the wire into what the caller is to see. */
    <T> T guard(WireOperation<T> work) {
        boolean outermost = !guarded;
        long number = operation.current();
        guarded = true;
        try {
            T result = work.run(wire);
            checkParameters();
            return result;
        } catch (WaitEnded e) {
            if (e.reason() == WaitEnded.Reason.INTERRUPTED && operation.current() != number) {
                Thread.currentThread().interrupt();
            }
            checkOwned(number);
            throw abandon(e.reason());
        } catch (IOException e) {
            checkOwned(number);
            throw lost(e);
        } catch (QueryRunner.LookupFailed e) {
            checkOwned(number);
            throw lost(e.getCause());
        } catch (PgProtocolException e) {
            checkOwned(number);
            die("the server broke the protocol", e);
            throw e;
        } finally {
            if (outermost && operation.current() == number) {
                guarded = false;
            }
        }
    }

    /** What has gone wrong for an operation that has lost the wire is not the business of whoever has it now. */
    private void checkOwned(long number) {
        if (operation.current() != number) {
            throw leaseEnded();
        }
    }

    /** Ends the session when a statement has changed what the converters rely on: wrong values would be the alternative. */
    void checkParameters() {
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
        effects.open(bindComesFirst);
    }

    /** A part of the operation stays, or may stay, although the rest of it is rolled back. */
    void effectByParts() {
        effects.byParts();
    }

    boolean isEffectByParts() {
        return effects.isByParts();
    }

    /**
     * Cancels the operation that runs, if it is the one with this number; never a later one. Any thread.
     *
     * @param number what {@link #currentOperation()} gave
     */
    void cancel(long number) {
        operation.cancel(number);
        if (state.is(Phase.RUNNING)) {
            wire.transport().wakeup();
        }
    }

    /** Names what runs, for those who look at the pool. */
    void show(String sql) {
        lastSql = sql;
    }

    /** Opens it for many callers, until they have all left. For the session's owner. */
    public Lane share(Lane.Owner laneOwner) {
        long number = begin(SessionState.ANY_LEASE, "shared by several callers", Deadline.NONE);
        Lane lane = null;
        try {
            lane = new Lane(this, wire, laneOwner);
        } finally {
            if (lane == null) {
                end(number);
            }
        }
        owner = null; // what runs belongs to many, and cannot be cancelled by the number of one operation
        return lane;
    }

    /**
     * Sends a cancel request for whatever runs, and waits until the server has dealt with it. For whoever keeps the session from other
     * use meanwhile.
     */
    void sendCancelRequest(Deadline deadline) throws IOException, InterruptedException {
        CancelRequester.cancel(endpoint, Objects.requireNonNull(key), deadline);
    }

    /** The number of the operation that runs, or ran last. Any thread. */
    public long currentOperation() {
        return operation.current();
    }

    /**
     * Cancels the operation with this number if it runs right now; never another one. Any thread.
     *
     * @param number what {@link #currentOperation()} gave
     * @return whether it ran
     */
    public boolean cancelIfRunning(long number) {
        // Without an owner it is only being looked at, or shared, and the number is that of nothing.
        if (operation.current() != number || owner == null || !state.is(Phase.RUNNING)) {
            return false;
        }
        cancel(number);
        return true;
    }

    /** Ends the operation that runs if it was cancelled. */
    void checkCancelled() {
        if (operation.isCancelled()) {
            throw new WaitEnded(WaitEnded.Reason.CANCELLED);
        }
    }

    /** Runs the action once no statement is being drained (the session is then idle, or dead). */
    public void whenDrained(Runnable action) {
        drains.whenDone(action);
    }

    // --- care, for a pool --------------------------------------------------------------------------------------------

    /**
     * Takes note, without waiting, of what the server sent since the session was last used: notices, parameters, its farewell.
     *
     * @return whether the session can be used
     */
    public boolean checkAlive() {
        return care.checkAlive();
    }

    /** Has somebody look after waits whose end is far away. Before the session is used by others. */
    public void watchWaits(LongWaits longWaits) {
        wire.transport().watchWaits(longWaits);
    }

    /**
     * Wakes a thread that waits without a time limit and has no more time left than this. Any thread.
     *
     * @return false when no thread waits so
     */
    public boolean wakeNear(long leftNanos) {
        return wire.transport().wakeNear(leftNanos);
    }

    /** How many answers the server has ever given. For the session's owner. */
    public long replies() {
        return wire.replies();
    }

    /**
     * Takes what the server sent while nobody asked it anything, without waiting. For the session's owner.
     *
     * @throws ServerClosed when the server has ended the session
     */
    void takeUnasked() throws IOException {
        care.takeUnasked();
    }

    /**
     * The OID of a type, see {@link TypeRegistry#findOid}; asks the server where the registry does not know it.
     *
     * @return empty when there is no such type
     */
    public OptionalInt findOid(String typeName, Deadline deadline) {
        return run(
                SessionState.ANY_LEASE,
                "find the OID of type " + typeName,
                deadline,
                w -> types.findOid(typeName, runner::lookUp));
    }

    /** A round trip without a statement; not interruptible. Closes the session and returns false on failure or timeout. */
    public boolean ping(Duration timeout) {
        return care.ping(timeout);
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

    /** Whether a cancelled statement is being brought to its end, and was not answered with a single message so far. Any thread. */
    public boolean isDrainSilent() {
        return drains.isSilent();
    }

    /**
     * Closes the session if a cancelled statement has not been answered with a single message for so long. Any thread.
     *
     * @param nanos from when the server has dealt with the cancel request; as long as it has not, twice that time from the beginning
     * @return whether it did
     */
    public boolean abortSilentDrain(long nanos, String reason) {
        return drains.abortIfSilent(nanos, reason);
    }

    /**
     * Undoes what its users have set for the session; prepared statements stay. Not interruptible. Closes the session and returns false on
     * failure or timeout.
     */
    public boolean reset(Duration timeout) {
        return care.reset(timeout);
    }

    /** How far the server is in its write-ahead log: what it has written, or as a standby replayed. For the session's owner. */
    public LogPosition logPosition(Deadline deadline) {
        return care.logPosition(deadline);
    }

    /** Rolls back whatever transaction is open; not interruptible. Closes the session and returns false on failure or timeout. */
    public boolean rollback(Duration timeout) {
        return care.rollback(SessionState.ANY_LEASE, timeout);
    }

    /**
     * Rolls back whatever transaction is open, within the time that clean-ups have; a stream that this thread has left open ends.
     *
     * @throws IllegalStateException when a statement is running, of which the transaction is left as it is, or the handle was closed
     */
    void rollback(long lease) {
        if (!state.isLease(lease)) {
            throw leaseEnded();
        }
        if (state.is(Phase.RUNNING) && owner == Thread.currentThread() && !guarded) {
            end();
        }
        if (state.is(Phase.RUNNING)) {
            throw busy();
        }
        care.rollback(lease, CLEANUP_LIMIT);
    }

    /**
     * The same where a part of the transaction must not be committed: when a statement keeps it from being rolled back, the session is closed.
     *
     * @param why what the statement's caller, and those after it, are told
     */
    void rollbackOrDie(long lease, String why) {
        try {
            rollback(lease);
        } catch (IllegalStateException e) {
            abort(lease, "a transaction could not go on while a statement was running on it: " + why);
        }
    }

    /**
     * Waits for notifications and delivers them on this thread, first those that came while a statement ran; returns after at least one,
     * when {@linkplain #wakeup() woken}, interrupted (the flag stays set), or at the deadline.
     *
     * @throws PgConnectionException when the connection is lost
     */
    public void awaitNotifications(Deadline deadline, Consumer<Notification> consumer) {
        awaitNotifications(SessionState.ANY_LEASE, deadline, consumer);
    }

    void awaitNotifications(long lease, Deadline deadline, Consumer<Notification> consumer) {
        care.awaitNotifications(lease, deadline, consumer);
    }

    /** Ends {@link #awaitNotifications}, the running or the next one. Any thread. */
    public void wakeup() {
        care.wakeup();
    }

    // --- the end -----------------------------------------------------------------------------------------------------

    /** Says farewell and closes, without waiting; a second call does nothing. An operation that runs is ended. */
    public void close() {
        if (state.move(Phase.IDLE, Phase.DEAD)) {
            end.because("it was closed", null);
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

    /** The same, unless the lease has ended: the session may be somebody else's by then. */
    void abort(long lease, String reason) {
        if (state.die(lease)) {
            markDead(reason, null);
        }
    }

    /** Marks the session dead and closes its socket. */
    void die(String reason, @Nullable Throwable cause) {
        if (state.die()) {
            markDead(reason, cause);
        } else {
            wire.transport().close();
        }
    }

    private void markDead(String reason, @Nullable Throwable cause) {
        end.because(reason, cause);
        LOG.debug("{} is dead: {}", this, reason, cause);
        wire.transport().close();
    }

    @Override
    public String toString() {
        return "session " + (key == null ? "" : key.processId() + " ") + "with " + host;
    }

    // --- inside ------------------------------------------------------------------------------------------------------

    /** Takes the session for what must be done whether or not the thread is interrupted. */
    void takeUninterruptibly(long lease, Deadline deadline) {
        take(lease, deadline, false);
    }

    private void take(long lease, Deadline deadline, boolean interruptible) {
        while (!state.take(lease)) {
            Phase phase = state.phase();
            if (!state.isLease(lease)) {
                throw leaseEnded();
            }
            switch (phase) {
                case DEAD -> throw end.refusal();
                case DRAINING -> drains.await(deadline, interruptible);
                case RUNNING -> throw busy();
                case IDLE -> {} // it has become so meanwhile
            }
        }
        owner = Thread.currentThread();
    }

    static IllegalStateException leaseEnded() {
        return new IllegalStateException("the connection is closed, or was returned to its pool");
    }

    private IllegalStateException busy() {
        Thread other = owner;
        return new IllegalStateException("the connection is busy with a statement of "
                + (other == Thread.currentThread()
                        ? "this very thread: close its stream first"
                        : "thread " + (other == null ? "?" : other.getName())
                                + ": a connection serves one thread at a time, use the pool for several"));
    }

    /**
     * Hands the wire to a drain, which also rolls back the open transaction.
     *
     * @param reason why, as a transaction that is lost by it will say
     */
    private Drain startDrain(String reason) {
        if (runner.inTransaction() || runner.beginPending()) {
            drains.loseTransaction(reason);
            transactionDeadline = Deadline.NONE;
            runner.forgetBegin();
        }
        Drain drain = drains.create(Objects.requireNonNull(key)); // before anything that cannot be taken back
        operation.next();
        guarded = false;
        owner = null;
        announcements.quiet(true);
        drains.start(drain);
        return drain;
    }

    void drained() {
        announcements.quiet(false);
        wire.limitWaits(Deadline.NONE, true, checkpoint);
        // The drain is done after this: whoever waits for it must find the session idle.
        state.move(Phase.DRAINING, Phase.IDLE);
    }

    private PgException abandon(WaitEnded.Reason reason) {
        Deadline deadline = wire.deadline();
        // What has become of a COMMIT, only the outcome can say.
        String what =
                runner.inTransaction() && !COMMIT.equalsIgnoreCase(lastSql) ? "; its transaction was rolled back" : "";
        Drain drain = startDrain(
                switch (reason) {
                    case INTERRUPTED -> "a statement was cancelled by an interrupt";
                    case TIMED_OUT -> "a statement did not finish within " + deadline;
                    case CANCELLED -> "a statement was cancelled";
                });
        return Drains.failure(drain, reason, deadline, what);
    }

    private PgException lost(IOException cause) {
        ServerMessage farewell = wire.farewell();
        Outcome outcome = effects.outcomeOfLoss(farewell);
        String known = state.is(Phase.DEAD) ? end.reason() : null;
        String reason = known == null ? "the connection was lost" : known;
        die(reason, cause);
        return end.loss(reason, cause, outcome, farewell);
    }
}
