package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgFunction;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.SqlState;
import io.github.pgpure.protocol.BackendMessage.CommandComplete;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A transaction on a session; for the thread that uses it. */
final class SessionTransaction extends SessionOperations implements PgTransaction {

    private final SessionConnection connection;

    /** Whether the connection belongs to this transaction, and is closed with it. */
    private final boolean owning;

    private int savepoints;

    /** How it ended, null while it is open. */
    private @Nullable String end;

    private final @Nullable Consumer<Deadline> replacement;

    /** Whether nothing was asked of it before the statement that runs, or ran last. */
    private boolean unused;

    /** Whether anything was asked of it, be it in vain. */
    private boolean asked;

    private boolean closed;

    /** Whether it was rolled back by a cancellation, and whoever has it open has not acknowledged that by closing it. */
    private boolean lost;

    /** The savepoints that exist on the server, the innermost first. */
    private final Deque<SessionSavepoint> openSavepoints = new ArrayDeque<>();

    /**
     * @param replacement brings another session in place of one that is lost before the first statement; null where the connection is not
     *     the transaction's own, and stays open after it
     */
    SessionTransaction(SessionConnection connection, @Nullable Consumer<Deadline> replacement) {
        this.connection = connection;
        this.owning = replacement != null;
        this.replacement = replacement;
    }

    boolean isOpen() {
        return end == null;
    }

    /** The session, while the transaction is open on the server or about to be. */
    Session session() {
        Session session = connection.session();
        noticeEnd(session);
        if (end != null) {
            throw ended();
        }
        return session;
    }

    /** Finds out whether it has ended without having been told to. */
    private void noticeEnd(Session session) {
        if (end != null) {
            return;
        }
        String loss = session.takeTransactionLoss(lease());
        if (loss != null) {
            end = "was rolled back, because " + loss;
            lost = true;
        } else if (session.isIdleAnd(lease(), () -> isOver(session))) {
            // A COMMIT or ROLLBACK written as SQL, or a BEGIN that the server refused.
            end = "is not open on the server any more";
        }
    }

    private static boolean isOver(Session session) {
        boolean over = !session.runner().beginPending() && session.transactionStatus() == TransactionStatus.IDLE;
        if (over) {
            session.transactionDeadline(Deadline.NONE);
        }
        return over;
    }

    /**
     * Refuses the use of its connection when a cancellation has rolled it back and it was not closed yet: a statement that is meant to be a
     * part of it would stand by itself.
     */
    void checkNotLost(Session session) {
        noticeEnd(session);
        if (lost) {
            throw ended();
        }
    }

    private IllegalStateException ended() {
        return new IllegalStateException("the transaction " + end + ": begin a new one");
    }

    @Override
    long lease() {
        return connection.lease();
    }

    @Override
    protected Session acquire(Deadline deadline) {
        Session session = session();
        asked = true;
        unused = session.runner().beginPending() && !session.isDead();
        return session;
    }

    @Override
    boolean replaces(Session session, Deadline deadline) {
        if (replacement == null || !unused) {
            return false;
        }
        replacement.accept(deadline);
        return true;
    }

    @Override
    protected void release(Session session) {
        // It stays with the transaction.
    }

    @Override
    protected Duration defaultTimeout() {
        return connection.defaultTimeout();
    }

    @Override
    public void commit() {
        Session session = session();
        try {
            boolean inVain = asked && session.isDead();
            if (session.runner().beginPending() && !session.runner().beginSent() && !inVain) {
                session.change(lease(), () -> session.runner().forgetBegin()); // the server knows nothing of it
            } else {
                CommandComplete command = session.run(
                        lease(),
                        Session.COMMIT,
                        Deadline.in(defaultTimeout()),
                        wire -> session.runner().simple(Session.COMMIT));
                if (command.tag().equals("ROLLBACK")) {
                    end = "was rolled back, because one of its statements had failed";
                    throw rolledBackInstead();
                }
            }
            end = "was committed";
        } catch (PgException e) {
            if (end == null) {
                end = "has failed to commit";
                // A COMMIT that an interrupt or a deadline kept from being sent has left the transaction open; after
                // one
                // that was cancelled, the session is brought to rest already.
                if (session.takeTransactionLoss(lease()) == null) {
                    session.rollback(lease());
                }
            }
            throw e;
        } finally {
            if (end != null) {
                session.isIdleAnd(lease(), () -> isOver(session));
            }
        }
    }

    /** The server answers COMMIT with a rollback, and without an error, when a statement of the transaction had failed. */
    private static PgServerException rolledBackInstead() {
        return PgServerException.of(
                new ServerMessage(
                        Map.of(
                                'V',
                                "ERROR",
                                'C',
                                SqlState.IN_FAILED_SQL_TRANSACTION,
                                'M',
                                "the transaction was rolled back instead of committed, because one of its statements had failed; "
                                        + "do not catch the errors of statements whose transaction is to be committed, or use a savepoint")),
                Outcome.ROLLED_BACK);
    }

    @Override
    public void rollback() {
        lost = false;
        if (end != null) {
            return;
        }
        Session session = connection.session();
        // What a cancellation has begun to roll back need not be waited for.
        if (session.takeTransactionLoss(lease()) == null) {
            session.rollback(lease());
            session.takeTransactionLoss(lease());
        }
        end = "was rolled back";
    }

    /** The savepoint has ended, and with it those inside it. */
    void ended(SessionSavepoint savepoint) {
        while (!openSavepoints.isEmpty()) {
            SessionSavepoint innermost = openSavepoints.pop();
            innermost.markEnded();
            if (innermost == savepoint) {
                return;
            }
        }
    }

    /** Its session while it is open, null afterwards. */
    @Nullable
    Session sessionIfOpen() {
        if (end != null) {
            return null;
        }
        Session session = connection.session();
        noticeEnd(session);
        return end == null ? session : null;
    }

    /** Rolls back all of it, where a part of it could not be undone by itself. */
    void giveUp(Session session, String why) {
        end = "was rolled back, because " + why;
        lost = true;
        if (session.takeTransactionLoss(lease()) == null) {
            session.rollbackOrDie(lease(), why);
        }
    }

    @Override
    public PgTransaction savepoint() {
        Session session = session();
        String name = "pgpure_" + ++savepoints;
        session.perform(
                lease(),
                "SAVEPOINT",
                Deadline.in(defaultTimeout()),
                wire -> session.runner().simple("SAVEPOINT " + name));
        var savepoint = new SessionSavepoint(this, name);
        openSavepoints.push(savepoint);
        return savepoint;
    }

    @Override
    public PgConnection connection() {
        return connection;
    }

    @Override
    public boolean active() {
        if (end != null) {
            return false;
        }
        Session session = connection.session();
        return !session.isDead()
                && (session.runner().beginPending() || session.transactionStatus() == TransactionStatus.IN_TRANSACTION);
    }

    @Override
    public <T extends @Nullable Object> T pipeline(PgFunction<Pipeline, T> work) {
        return pipeline(defaultTimeout(), work);
    }

    /** @param timeout of each exchange with the server, beside that of the transaction; 0 for none */
    <T extends @Nullable Object> T pipeline(Duration timeout, PgFunction<Pipeline, T> work) {
        asked = true;
        return SessionPipeline.run(this::session, this::lease, timeout, this::committedByPipeline, work);
    }

    private void committedByPipeline(String tag) {
        boolean committed = tag.equals(Session.COMMIT);
        end = committed ? "was committed" : "was rolled back, because one of its statements had failed";
        connection.session().transactionDeadline(Deadline.NONE);
        if (!committed) {
            throw rolledBackInstead();
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            rollback();
        } finally {
            if (owning) {
                connection.close();
            }
        }
    }

    @Override
    public String toString() {
        return "transaction on " + connection + (end == null ? "" : ", which " + end);
    }
}
