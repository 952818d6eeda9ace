package io.github.pgpure.spring;

import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.NestedTransactionNotSupportedException;
import org.springframework.transaction.SavepointManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.TransactionUsageException;
import org.springframework.transaction.support.SmartTransactionObject;

/** What {@link PgTransactionManager} knows of one {@code getTransaction} call; manages the savepoints of nested ones. */
final class PgTransactionObject implements SavepointManager, SmartTransactionObject {

    private static final Log logger = LogFactory.getLog(PgTransactionManager.class);

    private @Nullable PgTransactionHolder holder;
    private boolean outerSuspended;

    PgTransactionObject(@Nullable PgTransactionHolder holder) {
        this.holder = holder;
    }

    boolean hasHolder() {
        return holder != null;
    }

    PgTransactionHolder holder() {
        if (holder == null) {
            throw new IllegalStateException("no transaction is active");
        }
        return holder;
    }

    void setHolder(@Nullable PgTransactionHolder holder) {
        this.holder = holder;
    }

    /** The calling thread keeps the connection of the transaction that gives way to a new one. */
    void suspendOuter() {
        holder = null;
        outerSuspended = true;
    }

    boolean outerSuspended() {
        return outerSuspended;
    }

    @Override
    public boolean isRollbackOnly() {
        return holder != null && holder.isRollbackOnly();
    }

    @Override
    public Object createSavepoint() {
        if (holder == null) {
            throw new NestedTransactionNotSupportedException("a savepoint needs an active transaction");
        }
        if (holder.isRollbackOnly()) {
            throw new CannotCreateTransactionException(
                    "could not set a savepoint: the transaction is marked as rollback-only already");
        }
        try {
            return holder.createSavepoint();
        } catch (PgException | IllegalStateException e) {
            throw new CannotCreateTransactionException("could not set a savepoint: " + e.getMessage(), e);
        }
    }

    @Override
    public void rollbackToSavepoint(Object savepoint) {
        PgSavepoint own = own(savepoint);
        try {
            holder().rollbackTo(own);
            holder().resetRollbackOnly();
        } catch (PgConnectionException | IllegalStateException e) {
            // The whole transaction is gone already, by a deadline or with its connection: more is undone than was
            // asked for. Its
            // commit says so; an exception here would hide the one that led to the rollback.
            logger.debug("The transaction was rolled back before the rollback to its savepoint", e);
        } catch (PgException e) {
            throw new TransactionSystemException("could not roll back to the savepoint: " + e.getMessage(), e);
        }
    }

    @Override
    public void releaseSavepoint(Object savepoint) {
        if (!holder().holds(savepoint)) {
            return; // released with one that was set before it
        }
        try {
            holder().release(own(savepoint));
        } catch (PgException | IllegalStateException e) {
            throw new TransactionSystemException("could not release the savepoint: " + e.getMessage(), e);
        }
    }

    private PgSavepoint own(Object savepoint) {
        if (!holder().holds(savepoint)) {
            throw new TransactionUsageException(
                    "not a savepoint of this transaction, or one that is gone: " + savepoint);
        }
        return (PgSavepoint) savepoint;
    }
}
