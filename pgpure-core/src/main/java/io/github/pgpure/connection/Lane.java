package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.SqlState;
import io.github.pgpure.protocol.FrontendBuffer;
import io.github.pgpure.protocol.FrontendMessage.Bind;
import io.github.pgpure.protocol.FrontendMessage.Describe;
import io.github.pgpure.protocol.FrontendMessage.Execute;
import io.github.pgpure.protocol.FrontendMessage.Parse;
import io.github.pgpure.protocol.FrontendMessage.Sync;
import io.github.pgpure.protocol.FrontendMessage.Target;
import io.github.pgpure.protocol.NamedParameters;
import io.github.pgpure.protocol.ParsedSql;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A session that many callers use at the same time, each for one statement, or one transaction that is known as a whole; thread-safe.
 *
 * <p>What they send follows each other closely on the wire, each with its own Sync: so each has its own error, and the callers share system
 * calls and the server's time slices instead of waiting for one another. It is only for short statements that do not change the session; whoever opens
 * the lane sees to that. {@link LaneTraffic} has the mechanism.
 *
 * <p>A call whose caller stops waiting is brought to its end by the others; when the server is still busy with it after some 20 ms it is cancelled. A
 * cancel request may hit one of its neighbours instead: the server then says that their statement was rolled back, and they run it again
 * elsewhere ({@link LaneCall.Fate#REFUSED}). The session is not given back before every cancel request has been dealt with.
 */
public final class Lane {

    /** Whoever gave the session. */
    public interface Owner {

        /** Nobody uses the lane now. {@link #seal()} gives the session back. */
        void emptied(Lane lane);

        /** Nobody uses the lane any more: the session is at rest, or dead. Called once. */
        void left(Lane lane);
    }

    /** The interval at which {@link #tick} is to be called. */
    public static final Duration TICK = LaneWatch.TICK;

    private static final Sync SYNC = new Sync();

    /** The room for the messages of a call whose values are short. */
    private static final int USUAL_SIZE = 160;

    private static final int MOST_STATEMENTS = 1_000;

    /** What has more to send than this keeps others waiting. */
    private static final int MOST_BYTES = 64 * 1024;

    private final Session session;
    private final QueryRunner runner;
    private final SessionStatements sessionStatements;
    private final LaneTraffic traffic;
    private final ReentrantLock lock;

    /** Those that were used on this lane; a subset of the session's own cache, which is guarded by the lock, and left alone once the session was given back. */
    private final Map<String, Statement> statements = new ConcurrentHashMap<>();

    Lane(Session session, Wire wire, Owner owner) {
        this.session = session;
        this.runner = session.runner();
        this.sessionStatements = runner.statements();
        this.traffic = new LaneTraffic(session, wire, this, new Leaving(session, owner));
        this.lock = traffic.lock();
    }

    /** Makes the session idle before it is given back. */
    private record Leaving(Session session, Owner owner) implements Owner {

        @Override
        public void emptied(Lane lane) {
            owner.emptied(lane);
        }

        @Override
        public void left(Lane lane) {
            try {
                session.end();
            } finally {
                owner.left(lane);
            }
        }
    }

    /** Whether no call can enter any more. */
    public boolean isSealed() {
        return traffic.isSealed();
    }

    /** Lets nobody in any more: the session is given back as soon as those inside have their answers. */
    public void seal() {
        traffic.seal();
    }

    /** To be called at intervals of {@link #TICK} as long as the session has not been given back: it is what ends calls that take too long. */
    public void tick(long now) {
        traffic.tick(now);
    }

    /** Gives the session back when nobody uses it at the moment. */
    public void leaveIfEmpty() {
        traffic.retireIfEmpty();
    }

    /** Whether so few callers use it that each had better have a connection of its own. */
    public boolean isDeserted() {
        return traffic.isDeserted();
    }

    /** How many calls are on their way now, roughly; without a lock. */
    public int inside() {
        return traffic.inside();
    }

    /** How long it takes for one call while calls are under way, in nanoseconds; {@link Long#MAX_VALUE} as long as it is not known. */
    public long nanosPerCall() {
        return traffic.nanosPerCall();
    }

    /** How many calls have entered so far. */
    public long entered() {
        return traffic.entered();
    }

    /**
     * Runs a statement.
     *
     * @throws PgServerException when the server refuses the statement
     * @throws QueryTimeoutException when the deadline comes first
     * @throws QueryCancelledException when the thread is interrupted; its flag stays set
     * @throws PgConnectionException when the connection is lost
     */
    public LaneCall fetch(Query query, Deadline deadline) {
        Statement statement = current(query.sql(), deadline);
        if (statement == null) {
            return notPrepared();
        }
        var messages = new FrontendBuffer(USUAL_SIZE);
        BoundValues values = encode(statement, query, messages);
        if (messages.position() > MOST_BYTES) {
            return LaneCall.NOT_FOR_LANES;
        }
        SYNC.encode(messages);
        var replies = new ExtendedReplies(runner, statement, values.shape(), null);
        var call = new LaneCall(replies);
        if (!run(call, query.sql(), messages, deadline)) {
            return LaneCall.NOT_TAKEN;
        }
        ServerMessage error = call.error();
        if (error != null) {
            return refused(call, error, List.of(statement));
        }
        replies.check();
        call.rows(replies.rows());
        return call;
    }

    /**
     * Runs a transaction: its statements follow each other without a Sync, up to which the server takes them for one transaction. What
     * was answered is in it afterwards.
     *
     * @throws PgServerException when the server refuses one of the statements, or the commit: it has undone all of it then
     * @throws QueryTimeoutException when the deadline comes first
     * @throws QueryCancelledException when the thread is interrupted; its flag stays set
     * @throws PgConnectionException when the connection is lost
     */
    public LaneCall run(GatheredTransaction transaction, Deadline deadline) {
        List<Statement> statements = new ArrayList<>(transaction.size());
        for (int i = 0; i < transaction.size(); i++) {
            Statement statement = current(transaction.query(i).sql(), deadline);
            if (statement == null) {
                return notPrepared();
            }
            statements.add(statement);
        }
        var messages = new FrontendBuffer(USUAL_SIZE * statements.size());
        var each = new ExtendedReplies[statements.size()];
        for (int i = 0; i < each.length; i++) {
            Statement statement = statements.get(i);
            BoundValues values = encode(statement, transaction.query(i), messages);
            each[i] = new ExtendedReplies(runner, statement, transaction.keepsRows(i) ? values.shape() : null);
        }
        if (messages.position() > MOST_BYTES) {
            return LaneCall.NOT_FOR_LANES;
        }
        SYNC.encode(messages);
        var replies = new TransactionReplies(each);
        var call = new LaneCall(replies);
        if (!run(call, transaction.sql(0), messages, deadline)) {
            return LaneCall.NOT_TAKEN;
        }
        ServerMessage error = call.error();
        if (error != null) {
            return refused(call, error, statements);
        }
        replies.check();
        replies.giveTo(transaction);
        return call;
    }

    /** Appends the messages that run a statement, but for the Sync. */
    private static BoundValues encode(Statement statement, Query query, FrontendBuffer messages) {
        BoundValues values = BoundValues.of(statement, query);
        new Bind("", statement.name(), values, values.shape().formats()).encode(messages);
        (query.maxRows() == 0 ? Execute.ALL : new Execute("", query.maxRows())).encode(messages);
        return values;
    }

    private LaneCall notPrepared() {
        return isSealed() ? LaneCall.NOT_TAKEN : LaneCall.NOT_FOR_LANES;
    }

    /** What to do with a call that had no effect: an error of its own is thrown. */
    private LaneCall refused(LaneCall call, ServerMessage error, List<Statement> statements) {
        if (wasOurCancel(error)) {
            return call.slow ? LaneCall.TOO_SLOW : LaneCall.NOT_TAKEN;
        }
        PgServerException refusal = Replies.error(error);
        if (SessionStatements.isStale(refusal)) {
            statements.forEach(this::forget);
            return LaneCall.NOT_FOR_LANES;
        }
        throw refusal;
    }

    /** Whether a statement was rolled back because of a cancel request of this lane, rather than of somebody else's. */
    private boolean wasOurCancel(ServerMessage error) {
        return traffic.isCancelSent() && error.sqlState().equals(SqlState.QUERY_CANCELED);
    }

    // --- statements --------------------------------------------------------------------------------------------------

    /** The statement for this SQL, as it is to be run now; null when that cannot be done here. */
    private @Nullable Statement current(String sql, Deadline deadline) {
        Statement statement = statements.get(sql);
        if (statement != null && session.isCurrent(statement.resolution().context())) {
            return statement;
        }
        statement = prepared(sql, deadline);
        if (statements.size() > MOST_STATEMENTS) {
            seal(); // those that the cache has no room for are closed only after it
        }
        return statement;
    }

    /** The statement for this SQL, prepared where it was not; null when that cannot be done here. */
    private @Nullable Statement prepared(String sql, Deadline deadline) {
        if (CopyCommand.is(sql)) {
            return null; // the server would take the messages of the other callers for its data
        }
        String name;
        lock.lock();
        try {
            if (traffic.isSealed()) {
                return null; // and perhaps the session's statements are somebody else's now
            }
            Statement known = sessionStatements.cached(sql);
            if (known != null) {
                return resolved(known);
            }
            name = sessionStatements.nextName();
            if (name.isEmpty()) {
                return null;
            }
            traffic.hold(); // what was prepared is to be kept, also where the lane is left as soon as that is answered
        } finally {
            lock.unlock();
        }
        try {
            return prepare(name, sql, deadline);
        } finally {
            traffic.letGo();
        }
    }

    private @Nullable Statement prepare(String name, String sql, Deadline deadline) {
        ParsedSql parsed = NamedParameters.parse(sql);
        var messages = new FrontendBuffer(USUAL_SIZE + sql.length());
        new Parse(name, parsed.sql()).encode(messages);
        new Describe(Target.STATEMENT, name).encode(messages);
        SYNC.encode(messages);
        var description = new StatementDescription();
        var call = new LaneCall(description);
        boolean prepared = false;
        boolean onServer = true; // as far as is known
        try {
            if (!run(call, sql, messages, deadline)) {
                onServer = false;
                return null;
            }
            ServerMessage error = call.error();
            if (error != null) {
                onServer = call.wasBegun();
                if (wasOurCancel(error)) {
                    return null;
                }
                throw Replies.error(error);
            }
            Statement statement = description.statement(name, sql, parsed);
            lock.lock();
            try {
                Statement other = sessionStatements.cached(sql);
                if (other != null) {
                    return resolved(other); // somebody else was faster; this one is closed below
                }
                prepared = true;
                sessionStatements.keep(statement);
                return resolved(statement);
            } finally {
                lock.unlock();
            }
        } finally {
            if (!prepared && onServer) {
                lock.lock();
                try {
                    sessionStatements.closeLater(List.of(name));
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private @Nullable Statement resolved(Statement statement) {
        if (statement.isUnnamed() || !sessionStatements.resolveFromKnown(statement)) {
            return null;
        }
        statements.put(statement.sql(), statement);
        return statement;
    }

    private void forget(Statement statement) {
        lock.lock();
        try {
            statements.remove(statement.sql(), statement);
            if (!traffic.isRetired()) {
                sessionStatements.forget(statement);
            }
        } finally {
            lock.unlock();
        }
    }

    // --- a call and its end ------------------------------------------------------------------------------------------

    /** Sends a call and waits for its end; false when nothing of it has come to the server. */
    private boolean run(LaneCall call, String sql, FrontendBuffer messages, Deadline deadline) {
        if (Thread.currentThread().isInterrupted()) {
            throw QueryCancelledException.requested(
                    "the thread was interrupted before the statement was sent", Outcome.NOT_SENT);
        }
        if (deadline.hasPassed()) {
            throw new QueryTimeoutException(
                    "the deadline of " + deadline + " had passed before the statement was sent",
                    Outcome.NOT_SENT,
                    null);
        }
        call.deadline = deadline;
        if (!traffic.submit(call, sql, messages)) {
            return false;
        }
        try {
            traffic.await(call, deadline);
        } catch (WaitEnded e) {
            throw abandoned(call, e.reason(), deadline);
        }
        Throwable loss = call.lossOfLane();
        if (loss == null) {
            return true;
        }
        if (!call.wasSent()) {
            return false;
        }
        throw lost(call, loss);
    }

    private PgException abandoned(LaneCall call, WaitEnded.Reason reason, Deadline deadline) {
        traffic.awaitEnd(call, Drains.grace(reason, deadline));
        Outcome outcome = Outcome.UNKNOWN;
        if (call.isDone()) {
            if (call.lossOfLane() == null) {
                outcome = call.error() == null ? Outcome.UNKNOWN : Outcome.ROLLED_BACK;
            } else if (!call.wasSent()) {
                outcome = Outcome.NOT_SENT;
            }
        }
        if (reason == WaitEnded.Reason.TIMED_OUT) {
            return new QueryTimeoutException(
                    "the statement did not finish within " + deadline + " and was cancelled", outcome, null);
        }
        Thread.currentThread().interrupt();
        return QueryCancelledException.requested(
                "the statement was cancelled because its thread was interrupted", outcome);
    }

    private PgException lost(LaneCall call, Throwable cause) {
        ServerMessage error = call.error();
        if (error != null && error.isFatal()) {
            return PgServerException.of(error, Outcome.UNKNOWN);
        }
        if (cause instanceof PgProtocolException) {
            return new PgProtocolException(String.valueOf(cause.getMessage()));
        }
        return new PgConnectionException(
                "the connection to " + session.host() + " (backend " + session.backendPid()
                        + ") is gone, which several callers shared: "
                        + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage()),
                Outcome.UNKNOWN,
                cause);
    }
}
