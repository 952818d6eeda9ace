package io.github.pgpure.connection;

import io.github.pgpure.PgException;
import io.github.pgpure.PgFunction;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A savepoint in a transaction; for the thread that uses it. */
final class SessionSavepoint extends SessionOperations implements PgTransaction {

    private final SessionTransaction transaction;
    private final String name;
    private boolean ended;

    SessionSavepoint(SessionTransaction transaction, String name) {
        this.transaction = transaction;
        this.name = name;
    }

    private Session session() {
        if (ended) {
            throw new IllegalStateException("the savepoint was released or rolled back to already");
        }
        return transaction.session();
    }

    @Override
    long lease() {
        return transaction.lease();
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
        return transaction.defaultTimeout();
    }

    @Override
    public void commit() {
        run("RELEASE SAVEPOINT " + name);
        transaction.ended(this);
    }

    @Override
    public void rollback() {
        if (ended) {
            return;
        }
        transaction.ended(this);
        ended = true;
        Session session = transaction.sessionIfOpen();
        if (session == null) {
            return;
        }
        // What is not undone now would be committed with the rest: an interrupt must not keep it from being sent.
        boolean interrupted = Thread.interrupted();
        try {
            session.perform(
                    lease(),
                    "ROLLBACK TO SAVEPOINT",
                    Deadline.in(defaultTimeout()),
                    wire -> session.runner().simple("ROLLBACK TO SAVEPOINT " + name + "; RELEASE SAVEPOINT " + name));
        } catch (PgException
                | IllegalStateException e) { // the latter where a stream is open, or another thread's statement runs
            transaction.giveUp(session, "it could not be rolled back to a savepoint");
            throw e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** It does not exist on the server any more. */
    void markEnded() {
        ended = true;
    }

    private void run(String sql) {
        Session session = session();
        session.perform(
                lease(),
                sql,
                Deadline.in(defaultTimeout()),
                wire -> session.runner().simple(sql));
    }

    @Override
    public PgTransaction savepoint() {
        session();
        return transaction.savepoint();
    }

    @Override
    public PgConnection connection() {
        return transaction.connection();
    }

    @Override
    public boolean active() {
        return !ended && transaction.active();
    }

    @Override
    public <T extends @Nullable Object> T pipeline(PgFunction<Pipeline, T> work) {
        return SessionPipeline.run(this::session, this::lease, defaultTimeout(), null, work);
    }

    @Override
    public void close() {
        rollback();
    }

    @Override
    public String toString() {
        return "savepoint of " + transaction;
    }
}
