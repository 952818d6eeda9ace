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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A handle on a session, for as long as it is not closed. */
final class SessionConnection extends SessionOperations implements PgConnection {

    private static final Consumer<Session> NOBODY = none -> {};

    private volatile Session session;
    private volatile long lease;
    private volatile boolean closed;

    /** What the session is given back to, by whoever takes it from here; {@link #NOBODY} once it was, and between two sessions. */
    private final AtomicReference<Consumer<Session>> onClose;

    private @Nullable SessionTransaction transaction;
    private volatile @Nullable Consumer<ServerMessage> noticeHandler;

    /** The names of the statements that were prepared and not closed: the session's next user may want to use them anew. */
    private Set<String> prepared = Set.of();

    /** @param lease the session's lease, which ends when this is closed: from then on the session belongs to others */
    SessionConnection(Session session, long lease, Consumer<Session> onClose) {
        this.session = session;
        this.lease = lease;
        this.onClose = new AtomicReference<>(onClose);
    }

    /** The session, while this handle is good. Whoever needs {@link #lease()} too asks for it afterwards: what it is replaced by is no other's. */
    Session session() {
        if (closed) {
            throw Session.leaseEnded();
        }
        return session;
    }

    @Override
    long lease() {
        return lease;
    }

    /** What gets the server's notices; null for the log. Any thread. */
    @Nullable
    Consumer<ServerMessage> noticeHandler() {
        return noticeHandler;
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
        return session.defaultTimeout();
    }

    @Override
    public boolean ready() {
        return !closed && session.isIdle();
    }

    @Override
    public boolean inTransaction() {
        Session current = session();
        return current.runner().beginPending() || current.transactionStatus() != TransactionStatus.IDLE;
    }

    @Override
    public boolean dead() {
        return closed || session.isDead();
    }

    @Override
    public int backendPid() {
        return session.backendPid();
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
        Session current = session;
        long operation = current.currentOperation();
        if (!closed) {
            current.cancel(operation);
        }
    }

    @Override
    public PreparedStatement prepare(String name, String sql) {
        if (name.isEmpty() || name.startsWith("pgpure_")) {
            throw new IllegalArgumentException("a prepared statement needs a name, which must not begin with pgpure_");
        }
        Session current = usableSession();
        Statement statement = current.run(lease, sql, Deadline.in(defaultTimeout()), wire -> {
            Statement prepared = current.runner().statements().prepare(name, sql);
            current.runner().statements().resolve(prepared);
            return prepared;
        });
        if (prepared.isEmpty()) {
            prepared = new LinkedHashSet<>(); // most uses prepare nothing by name
        }
        prepared.add(name);
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
        Session current = session;
        current.change(lease, () -> {
            current.takeTransactionLoss(lease);
            current.transactionDeadline(deadline);
            current.runner().beginLater(options.beginSql());
        });
    }

    /**
     * Goes on with another session where this one was lost before anything was asked of it. The old one is given back first.
     *
     * @throws IllegalStateException when the handle is closed meanwhile
     */
    private void replace(
            Function<Deadline, Session.Loan> another, Deadline limit, TransactionOptions options, Deadline deadline) {
        if (!giveBack()) {
            throw Session.leaseEnded();
        }
        // For as long as there is no other one, it is what it was: dead.
        lease = SessionState.ANY_LEASE;
        Session.Loan loan = another.apply(limit.earlier(deadline));
        // In this order: nobody meets the new session without its lease.
        lease = loan.session().lendTo(this);
        session = loan.session();
        onClose.set(loan);
        if (closed) { // meanwhile, by another thread, which had nothing to give back
            giveBack();
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
        session().awaitNotifications(lease, Deadline.in(timeout), handler);
    }

    @Override
    public void close() {
        closed = true;
        giveBack();
    }

    /** Gives the session back; false when there is none that was not. */
    private boolean giveBack() {
        Consumer<Session> owner = onClose.getAndSet(NOBODY);
        if (owner == NOBODY) {
            return false;
        }
        Session current = session;
        current.endLease();
        // A transaction that was begun and never used or closed must not begin with the next user's statement.
        current.runner().forgetBegin();
        current.runner().statements().closeLater(prepared);
        owner.accept(current);
        return true;
    }

    @Override
    public String toString() {
        return "connection to " + session.host() + " (backend " + session.backendPid() + ")";
    }
}
