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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A transaction on a session; for the thread that uses it. */
final class SessionTransaction extends SessionOperations implements PgTransaction {

    private final SessionConnection connection;

    /** Whether the connection belongs to this transaction, and is closed with it. */
    private final boolean owning;

    private int savepoints;

    /** How it ended, null while it is open. */
    private @Nullable String end;

    private boolean closed;

    SessionTransaction(SessionConnection connection, boolean owning) {
        this.connection = connection;
        this.owning = owning;
    }

    boolean isOpen() {
        return end == null;
    }

    /** The session, while the transaction is open on the server or about to be. */
    Session session() {
        Session session = connection.session();
        String loss = session.takeTransactionLoss();
        if (loss != null && end == null) {
            end = "was rolled back, because " + loss;
        }
        if (end == null
                && session.isIdle()
                && !session.runner().beginPending()
                && session.transactionStatus() == TransactionStatus.IDLE) {
            // A COMMIT or ROLLBACK written as SQL, or a BEGIN that the server refused.
            end = "is not open on the server any more";
        }
        if (end != null) {
            throw new IllegalStateException("the transaction " + end + ": begin a new one");
        }
        return session;
    }

    @Override
    protected Session acquire(Deadline deadline) {
        return session();
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
            if (session.runner().beginPending()) {
                session.runner().forgetBegin(); // nothing was asked of it
            } else {
                CommandComplete command = session.run(
                        "COMMIT",
                        Deadline.in(defaultTimeout()),
                        wire -> session.runner().simple("COMMIT"));
                if (command.tag().equals("ROLLBACK")) {
                    end = "was rolled back, because one of its statements had failed";
                    throw rolledBackInstead();
                }
            }
            end = "was committed";
        } catch (PgException e) {
            if (end == null) {
                end = "has failed to commit";
                // A COMMIT that an interrupt or a deadline kept from being sent has left the transaction open.
                session.takeTransactionLoss();
                session.rollback();
            }
            throw e;
        } finally {
            if (end != null) {
                session.transactionDeadline(Deadline.NONE);
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
        if (end != null) {
            return;
        }
        end = "was rolled back";
        Session session = connection.session();
        session.takeTransactionLoss();
        session.rollback();
    }

    @Override
    public PgTransaction savepoint() {
        Session session = session();
        String name = "pgpure_" + ++savepoints;
        session.perform(
                "SAVEPOINT",
                Deadline.in(defaultTimeout()),
                wire -> session.runner().simple("SAVEPOINT " + name));
        return new SessionSavepoint(this, name);
    }

    @Override
    public PgConnection connection() {
        return connection;
    }

    @Override
    public boolean active() {
        Session session = connection.session();
        return end == null
                && !session.isDead()
                && (session.runner().beginPending() || session.transactionStatus() == TransactionStatus.IN_TRANSACTION);
    }

    @Override
    public <T extends @Nullable Object> T pipeline(PgFunction<Pipeline, T> work) {
        Session session = session();
        Runnable committed = () -> {
            end = "was committed";
            session.transactionDeadline(Deadline.NONE);
        };
        return SessionPipeline.run(session, defaultTimeout(), committed, work);
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
