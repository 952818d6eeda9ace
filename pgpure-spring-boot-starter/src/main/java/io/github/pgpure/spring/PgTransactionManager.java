package io.github.pgpure.spring;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.IsolationLevel;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ReadRouting;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.pool.PgPool;
import io.micrometer.observation.ObservationRegistry;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.InvalidIsolationLevelException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Spring's transactions on {@link PgPool#checkoutInTransaction(TransactionOptions)}; thread-safe.
 *
 * <p>A transaction belongs to the thread that began it; {@link PgTemplate} finds it there. All propagations are supported, {@code NESTED}
 * through savepoints. Isolation and read-only are part of the one {@code BEGIN}, read-only is enforced by the server, and the
 * timeout is the deadline of the transaction: the statement that runs when it has passed is cancelled and the transaction rolled back.
 *
 * <ul>
 *   <li>A transaction that cannot begin is a {@link CannotCreateTransactionException}; nothing stays checked out.
 *   <li>A commit that the server refuses (a deferred constraint, a serialization failure) is a {@link
 *       org.springframework.dao.DataAccessException}, translated as by {@link PgExceptionTranslator}.
 *   <li>A commit that the server answers with a rollback, because a statement had failed, is an {@link UnexpectedRollbackException}.
 *   <li>A commit whose outcome is unknown, because the connection was lost, is a {@link TransactionSystemException}.
 * </ul>
 *
 * <p>{@code REQUIRES_NEW} holds two connections of the pool at once, so the pool must be larger than the number of threads that do so
 * at the same time. Where every connection is held by a thread that waits for its second one, the last to come fails at once
 * with a {@link CannotCreateTransactionException} that says so, and the others go on.
 */
public class PgTransactionManager extends AbstractPlatformTransactionManager implements ResourceTransactionManager {

    private static final long serialVersionUID = 1L;

    private final transient PgPool pool;
    private final transient AtomicInteger innerBegins = new AtomicInteger();
    private transient ObservationRegistry observationRegistry = ObservationRegistry.NOOP;

    /** @param pool where the transactions run */
    public PgTransactionManager(PgPool pool) {
        this.pool = pool;
        setNestedTransactionAllowed(true);
    }

    /** The pool where the transactions run. */
    public PgPool pool() {
        return pool;
    }

    /** Where transactions are observed as {@code pgpure.transaction}; by default nowhere. */
    public void setObservationRegistry(ObservationRegistry observationRegistry) {
        this.observationRegistry = observationRegistry;
    }

    @Override
    public Object getResourceFactory() {
        return pool;
    }

    /**
     * The transaction, or its innermost savepoint, that is bound to the calling thread for this pool.
     *
     * <p>Spring ends it: committing or closing it oneself is an error.
     */
    public static Optional<PgTransaction> currentTransaction(PgPool pool) {
        return Optional.ofNullable(boundTransaction(pool));
    }

    static @Nullable PgTransaction boundTransaction(PgPool pool) {
        PgTransactionHolder holder = boundHolder(pool);
        return holder == null ? null : holder.current();
    }

    static @Nullable PgTransactionHolder boundHolder(PgPool pool) {
        return (PgTransactionHolder) TransactionSynchronizationManager.getResource(pool);
    }

    @Override
    protected Object doGetTransaction() {
        return new PgTransactionObject(boundHolder(pool));
    }

    @Override
    protected boolean isExistingTransaction(Object transaction) {
        return ((PgTransactionObject) transaction).hasHolder();
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        var object = (PgTransactionObject) transaction;
        TransactionOptions options = options(definition);
        var observation = PgTransactionObservation.start(observationRegistry, pool.connectOptions(), definition);
        PgTransaction begun;
        try {
            begun = object.outerSuspended() ? beginInner(options) : begin(options);
        } catch (RuntimeException | Error e) {
            observation.error(e);
            observation.stopAfter(e);
            throw e;
        }
        try {
            var holder = new PgTransactionHolder(begun, observation);
            TransactionSynchronizationManager.bindResource(pool, holder);
            object.setHolder(holder);
            observation.acquired();
            observation.resume();
        } catch (RuntimeException | Error e) {
            undoBegin(object, begun, observation, e);
            throw e;
        }
    }

    /** Leaves the thread, and the pool, as they were before: Spring may still have to resume an outer transaction there. */
    private void undoBegin(
            PgTransactionObject object, PgTransaction begun, PgTransactionObservation observation, Throwable reason) {
        TransactionSynchronizationManager.unbindResourceIfPossible(pool);
        object.setHolder(null);
        observation.stopAfter(reason);
        try {
            begun.close();
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    @Override
    protected Object doSuspend(Object transaction) {
        var object = (PgTransactionObject) transaction;
        object.holder().observation().suspend();
        object.suspendOuter();
        return TransactionSynchronizationManager.unbindResource(pool);
    }

    @Override
    protected void doResume(@Nullable Object transaction, Object suspendedResources) {
        TransactionSynchronizationManager.bindResource(pool, suspendedResources);
        try {
            ((PgTransactionHolder) suspendedResources).observation().resume();
        } catch (RuntimeException e) {
            // Spring would not restore the rest of what belongs to the transaction.
            logger.warn("Could not resume the observation of the transaction", e);
        }
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
        PgTransactionHolder holder = ((PgTransactionObject) status.getTransaction()).holder();
        try {
            holder.closeStreams();
            commit(holder.transaction());
            holder.observation().committed();
        } catch (RuntimeException | Error e) {
            holder.observation().error(e);
            throw e;
        }
    }

    private static void commit(PgTransaction transaction) {
        try {
            transaction.commit();
        } catch (PgServerException e) {
            if (e.sqlState().equals("25P02")) {
                throw new UnexpectedRollbackException(
                        "the server rolled the transaction back, since one of its statements had failed and the error was caught: "
                                + "let the error pass, or run that statement in a nested transaction (PROPAGATION_NESTED)",
                        e);
            }
            throw commitFailure(e);
        } catch (PgException e) {
            throw commitFailure(e);
        } catch (IllegalStateException e) {
            throw new UnexpectedRollbackException("the transaction had ended before the commit: " + e.getMessage(), e);
        }
    }

    @Override
    protected void doRollback(DefaultTransactionStatus status) {
        PgTransactionHolder holder = ((PgTransactionObject) status.getTransaction()).holder();
        holder.giveUpStreams();
        try {
            holder.transaction().rollback();
        } catch (PgConnectionException e) {
            // The session is gone and its transaction with it; an exception here would hide the one that led to the
            // rollback.
            logger.debug("The connection was lost before the rollback: the server rolls back by itself", e);
        } catch (PgException | IllegalStateException e) {
            throw new TransactionSystemException("could not roll back: " + e.getMessage(), e);
        }
    }

    @Override
    protected void doSetRollbackOnly(DefaultTransactionStatus status) {
        ((PgTransactionObject) status.getTransaction()).holder().setRollbackOnly();
    }

    @Override
    protected void doCleanupAfterCompletion(Object transaction) {
        var object = (PgTransactionObject) transaction;
        PgTransactionHolder holder = object.holder();
        TransactionSynchronizationManager.unbindResource(pool);
        object.setHolder(null);
        try {
            holder.transaction().close();
        } catch (RuntimeException e) {
            logger.warn("Could not close the transaction; its connection is given up", e);
        }
        try {
            holder.observation().stop();
        } catch (RuntimeException e) {
            // Spring would not resume the outer transaction.
            logger.warn("Could not end the observation of the transaction", e);
        }
        holder.clear();
    }

    private TransactionOptions options(TransactionDefinition definition) {
        TransactionOptions options = TransactionOptions.defaults();
        IsolationLevel isolation = isolation(definition.getIsolationLevel());
        if (isolation != null) {
            options = options.isolation(isolation);
        }
        // false is also what a definition says that says nothing: the server's default_transaction_read_only then
        // decides.
        if (definition.isReadOnly()) {
            options = options.readOnly(true);
        }
        int timeoutSeconds = determineTimeout(definition);
        return timeoutSeconds > 0 ? options.timeout(Duration.ofSeconds(timeoutSeconds)) : options;
    }

    private static @Nullable IsolationLevel isolation(int level) {
        return switch (level) {
            case TransactionDefinition.ISOLATION_DEFAULT -> null;
            case TransactionDefinition.ISOLATION_READ_UNCOMMITTED -> IsolationLevel.READ_UNCOMMITTED;
            case TransactionDefinition.ISOLATION_READ_COMMITTED -> IsolationLevel.READ_COMMITTED;
            case TransactionDefinition.ISOLATION_REPEATABLE_READ -> IsolationLevel.REPEATABLE_READ;
            case TransactionDefinition.ISOLATION_SERIALIZABLE -> IsolationLevel.SERIALIZABLE;
            default -> throw new InvalidIsolationLevelException("PostgreSQL has no isolation level " + level);
        };
    }

    private PgTransaction begin(TransactionOptions options) {
        try {
            return pool.checkoutInTransaction(options);
        } catch (PgException | IllegalStateException e) {
            throw new CannotCreateTransactionException("could not begin a transaction: " + e.getMessage(), e);
        }
    }

    /**
     * Begins a transaction on a thread that holds a connection already. When as many threads as the pool has connections are here,
     * all connections are held by threads that wait for another one: that cannot end, so the last to come is told at once.
     */
    private PgTransaction beginInner(TransactionOptions options) {
        int waiting = innerBegins.incrementAndGet();
        try {
            // Where read-only transactions have connections of their own, counting alone does not tell.
            if (waiting >= pool.maxConnections() && pool.options().readRouting() == ReadRouting.SAME_SERVER) {
                throw new CannotCreateTransactionException("could not begin a transaction: " + starvation(waiting));
            }
            return pool.checkoutInTransaction(options);
        } catch (AcquireTimeoutException e) {
            throw new CannotCreateTransactionException(
                    "could not begin a transaction: " + e.getMessage() + "; " + starvation(waiting), e);
        } catch (PgException | IllegalStateException e) {
            throw new CannotCreateTransactionException("could not begin a transaction: " + e.getMessage(), e);
        } finally {
            innerBegins.decrementAndGet();
        }
    }

    private String starvation(int waiting) {
        return waiting + " of the pool's " + pool.maxConnections()
                + " connections belong to suspended transactions whose threads wait "
                + "for a second connection (PROPAGATION_REQUIRES_NEW): give the pool more connections than there are threads doing so, "
                + "or do the inner work in the same transaction (REQUIRED or NESTED)";
    }

    private static RuntimeException commitFailure(PgException e) {
        // Spring takes a TransactionSystemException for "unknown" and any other exception for "rolled back".
        return e.outcome() == Outcome.UNKNOWN
                ? new TransactionSystemException("it is not known whether the commit took effect: " + e.getMessage(), e)
                : PgExceptionTranslator.translate("could not commit", e);
    }

    // The superclass is Serializable, a pool cannot be: say so instead of writing a manager without one.
    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException(getClass().getName());
    }
}
