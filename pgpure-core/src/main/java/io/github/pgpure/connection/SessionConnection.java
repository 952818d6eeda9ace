package io.github.pgpure.connection;

import io.github.pgpure.Notification;
import io.github.pgpure.PgFunction;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A handle on a session, for as long as it is not closed. */
final class SessionConnection extends SessionOperations implements PgConnection {

    /** It has a session, which is given back when it is closed. */
    private static final int OPEN = 0;

    /** The session was lost and given back, and there is no other one yet, or there never will be. */
    private static final int REPLACING = 1;

    private static final int CLOSED = 2;

    /** Whoever takes it from {@link #OPEN} to another state gives the session back. Not written here, which would cost each checkout a fence. */
    private final AtomicInteger state = new AtomicInteger();

    private final Lease first;

    /** What has taken the place of the first one; null for most handles. */
    private volatile @Nullable Lease replacement;

    private @Nullable SessionTransaction transaction;
    private volatile @Nullable Consumer<ServerMessage> noticeHandler;

    /** The names of the statements that were prepared and not closed: the session's next user may want to use them anew. */
    private Set<String> prepared = Set.of();

    /**
     * A session that is lent to a handle.
     *
     * @param number the session's lease, which ends when the handle is closed: from then on the session belongs to others
     * @param onEnd what the session is given back to
     */
    private record Lease(Session session, long number, Consumer<Session> onEnd) {}

    /** @param lease the session's lease, which ends when this is closed: from then on the session belongs to others */
    SessionConnection(Session session, long lease, Consumer<Session> onClose) {
        this.first = new Lease(session, lease, onClose);
    }

    private Lease current() {
        Lease later = replacement;
        return later == null ? first : later;
    }

    private boolean isClosed() {
        return state.get() == CLOSED;
    }

    /** The session, while this handle is good. Whoever needs {@link #lease()} too asks for it afterwards: what it is replaced by is no other's. */
    Session session() {
        if (isClosed()) {
            throw Session.leaseEnded();
        }
        return current().session();
    }

    @Override
    long lease() {
        return current().number();
    }

    /** What gets the server's notices; null for the log, where they go once this is closed. Any thread. */
    @Nullable
    Consumer<ServerMessage> noticeHandler() {
        return isClosed() ? null : noticeHandler;
    }

    /** The session, for statements that are not given to a transaction's handle. */
    Session usableSession() {
        Session current = session();
        SessionTransaction begun = transaction;
        if (begun != null) {
            begun.checkNotLost(current);
        }
        return current;
    }

    @Override
    protected Session acquire(Deadline deadline) {
        return usableSession();
    }

    @Override
    protected void release(Session session) {
        // It stays checked out until close.
    }

    @Override
    protected Duration defaultTimeout() {
        return current().session().defaultTimeout();
    }

    @Override
    public boolean ready() {
        return !isClosed() && current().session().isIdle();
    }

    @Override
    public boolean inTransaction() {
        Session current = session();
        return current.runner().beginPending() || current.transactionStatus() != TransactionStatus.IDLE;
    }

    @Override
    public boolean dead() {
        return isClosed() || current().session().isDead();
    }

    @Override
    public int backendPid() {
        return current().session().backendPid();
    }

    @Override
    public ZoneId serverTimeZone() {
        return session().timeZone();
    }

    @Override
    public Map<String, String> parameters() {
        return session().parameters();
    }

    @Override
    public void cancel() {
        // In this order: the number is then at most that of this handle's last operation, never that of the session's
        // next user.
        Session current = current().session();
        long operation = current.currentOperation();
        if (!isClosed()) {
            current.cancel(operation);
        }
    }

    @Override
    public PreparedStatement prepare(String name, String sql) {
        if (name.isEmpty() || name.startsWith("pgpure_")) {
            throw new IllegalArgumentException("a prepared statement needs a name, which must not begin with pgpure_");
        }
        Session current = usableSession();
        Statement statement = current.run(lease(), sql, Deadline.in(defaultTimeout()), wire -> {
            Statement described = current.runner().statements().prepare(name, sql);
            if (prepared.isEmpty()) {
                prepared = new LinkedHashSet<>(); // most uses prepare nothing by name
            }
            prepared.add(name); // here, where the handle cannot be closed meanwhile
            current.runner().statements().resolve(described);
            return described;
        });
        return new SessionPreparedStatement(this, statement);
    }

    /** The statement that was prepared by this name is not there any more, or will not be when the next one is prepared. */
    void forgetPrepared(String name) {
        if (!prepared.isEmpty()) {
            prepared.remove(name);
        }
    }

    @Override
    public PgTransaction begin(TransactionOptions options) {
        return begin(options, null);
    }

    /**
     * Begins a transaction whose closing closes this handle too.
     *
     * @param another gives another session in place of one that is lost before the first statement
     */
    PgTransaction beginOwning(TransactionOptions options, Function<Deadline, Session.Loan> another) {
        return begin(options, another);
    }

    private PgTransaction begin(TransactionOptions options, @Nullable Function<Deadline, Session.Loan> another) {
        Session current = session();
        if (transaction != null && transaction.isOpen() || inTransaction()) {
            throw new IllegalStateException(
                    "a transaction is open on this connection already: use PgTransaction.savepoint() for a nested one");
        }
        Deadline deadline = Deadline.in(options.timeout());
        beginLater(options, deadline);
        Function<Deadline, Session.Loan> replacement = another;
        var begun = new SessionTransaction(
                this, replacement == null ? null : limit -> replace(replacement, limit, options, deadline));
        transaction = begun;
        return begun;
    }

    private void beginLater(TransactionOptions options, Deadline deadline) {
        Lease lease = current();
        Session session = lease.session();
        session.change(lease.number(), () -> {
            session.takeTransactionLoss(lease.number());
            session.transactionDeadline(deadline);
            session.runner().beginLater(options.beginSql());
        });
    }

    /**
     * Goes on with another session where this one was lost before anything was asked of it. The old one is given back first.
     *
     * @throws IllegalStateException when the handle is closed meanwhile
     */
    private void replace(
            Function<Deadline, Session.Loan> another, Deadline limit, TransactionOptions options, Deadline deadline) {
        if (!state.compareAndSet(OPEN, REPLACING)) {
            throw Session.leaseEnded();
        }
        Lease lost = current();
        giveBack(lost);
        // For as long as there is no other one, it is what it was: dead.
        replacement = new Lease(lost.session(), SessionState.ANY_LEASE, lost.onEnd());
        Session.Loan loan = another.apply(limit.earlier(deadline));
        var found = new Lease(loan.session(), loan.session().lendTo(this), loan);
        replacement = found;
        if (!state.compareAndSet(
                REPLACING, OPEN)) { // closed meanwhile, by another thread, which had nothing to give back
            giveBack(found);
            throw Session.leaseEnded();
        }
        beginLater(options, deadline);
    }

    @Override
    public <T extends @Nullable Object> T pipeline(PgFunction<Pipeline, T> work) {
        return SessionPipeline.run(this::usableSession, this::lease, defaultTimeout(), null, work);
    }

    @Override
    public void onNotice(Consumer<ServerMessage> handler) {
        session();
        noticeHandler = handler;
    }

    @Override
    public void awaitNotifications(Duration timeout, Consumer<Notification> handler) {
        session().awaitNotifications(lease(), Deadline.in(timeout), handler);
    }

    @Override
    public void close() {
        if (state.getAndSet(CLOSED) == OPEN) {
            giveBack(current());
        }
        if (noticeHandler != null) {
            noticeHandler = null; // the session keeps this handle until it has its next one
        }
    }

    private void giveBack(Lease lease) {
        Session session = lease.session();
        session.endLease();
        try {
            if (!session.isDead()) { // else somebody may still be about to notice
                // A transaction that was begun and never used or closed must not begin with the next user's statement.
                session.runner().forgetBegin();
                session.runner().statements().closeLater(prepared);
            }
        } finally {
            lease.onEnd().accept(session);
        }
    }

    @Override
    public String toString() {
        Session session = current().session();
        return "connection to " + session.host() + " (backend " + session.backendPid() + ")";
    }
}
