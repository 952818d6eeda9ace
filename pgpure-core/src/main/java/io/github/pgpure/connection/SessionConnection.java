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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A handle on a session, for as long as it is not closed. */
final class SessionConnection extends SessionOperations implements PgConnection {

    private final AtomicReference<Hold> hold;
    private @Nullable SessionTransaction transaction;
    private volatile @Nullable Consumer<ServerMessage> noticeHandler;

    /** The names of the statements that were prepared and not closed: the session's next user may want to use them anew. */
    private Set<String> prepared = Set.of();

    /**
     * What the handle has; replaced as a whole, so that it is given back exactly once, however the threads race that close it or bring another session.
     *
     * @param lease the session's lease, which ends when the handle is closed: from then on the session belongs to others
     * @param onClose what becomes of the session then
     * @param closed whether that has happened
     */
    private record Hold(Session session, long lease, Consumer<Session> onClose, boolean closed) {

        /** The same without anything to be given back. */
        Hold givenBack(long leaseLeft, boolean nowClosed) {
            return new Hold(session, leaseLeft, nobody -> {}, nowClosed);
        }
    }

    SessionConnection(Session session, long lease, Consumer<Session> onClose) {
        this.hold = new AtomicReference<>(new Hold(session, lease, onClose, false));
    }

    private Hold hold() {
        return Objects.requireNonNull(hold.get());
    }

    /** The session, while this handle is good. Whoever needs {@link #lease()} too asks for it afterwards: what it is replaced by is no other's. */
    Session session() {
        Hold current = hold();
        if (current.closed()) {
            throw Session.leaseEnded();
        }
        return current.session();
    }

    @Override
    long lease() {
        return hold().lease();
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
        return hold().session().defaultTimeout();
    }

    @Override
    public boolean ready() {
        Hold current = hold();
        return !current.closed() && current.session().isIdle();
    }

    @Override
    public boolean inTransaction() {
        Session current = session();
        return current.runner().beginPending() || current.transactionStatus() != TransactionStatus.IDLE;
    }

    @Override
    public boolean dead() {
        Hold current = hold();
        return current.closed() || current.session().isDead();
    }

    @Override
    public int backendPid() {
        return hold().session().backendPid();
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
        Session current = hold().session();
        long operation = current.currentOperation();
        if (!hold().closed()) {
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
        Hold current = hold();
        current.session().change(current.lease(), () -> {
            current.session().takeTransactionLoss(current.lease());
            current.session().transactionDeadline(deadline);
            current.session().runner().beginLater(options.beginSql());
        });
    }

    /**
     * Goes on with another session where this one was lost before anything was asked of it. The old one is given back first.
     *
     * @throws IllegalStateException when the handle is closed meanwhile
     */
    private void replace(
            Function<Deadline, Session.Loan> another, Deadline limit, TransactionOptions options, Deadline deadline) {
        Hold lost = hold();
        // For as long as there is no other one, it is what it was: dead.
        Hold nothing = lost.givenBack(SessionState.ANY_LEASE, false);
        if (lost.closed() || !hold.compareAndSet(lost, nothing)) {
            throw Session.leaseEnded();
        }
        lost.session().endLease();
        lost.onClose().accept(lost.session());
        Session.Loan loan = another.apply(limit.earlier(deadline));
        Session found = loan.session();
        if (!hold.compareAndSet(nothing, new Hold(found, found.lendTo(this), loan, false))) {
            found.endLease();
            loan.accept(found);
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
        Hold last = hold.getAndUpdate(current -> current.closed() ? current : current.givenBack(current.lease(), true));
        if (!last.closed()) {
            Session session = last.session();
            session.endLease();
            // A transaction that was begun and never used or closed must not begin with the next user's statement.
            session.runner().forgetBegin();
            session.runner().statements().closeLater(prepared);
            last.onClose().accept(session);
        }
    }

    @Override
    public String toString() {
        Session session = hold().session();
        return "connection to " + session.host() + " (backend " + session.backendPid() + ")";
    }
}
