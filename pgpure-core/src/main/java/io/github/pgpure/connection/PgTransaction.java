package io.github.pgpure.connection;

import io.github.pgpure.PgFunction;
import io.github.pgpure.PgOperations;
import org.jspecify.annotations.Nullable;

/**
 * A transaction, or a savepoint in one; for one thread at a time.
 *
 * <p>Closing it without {@link #commit()} rolls it back. An interrupt, a deadline or a cancel that ends one of its statements
 * rolls it back too; what is then asked of it fails with a clear error.
 */
public interface PgTransaction extends PgOperations, AutoCloseable {

    /**
     * Commits, or releases the savepoint.
     *
     * @throws io.github.pgpure.PgServerException when the server refuses, and for a transaction in which a statement had failed, since
     *     the server answers that with a rollback (SQLSTATE 25P02)
     * @throws IllegalStateException when it has ended already
     */
    void commit();

    /** Rolls back, to the savepoint for a savepoint; does nothing when it has ended already. */
    void rollback();

    /** Sets a savepoint: its commit releases it, its rollback undoes what came after it. May be nested to any depth. */
    PgTransaction savepoint();

    /** The connection this runs on; closing it is not allowed while the transaction is open. */
    PgConnection connection();

    /** Whether it can take statements: it has neither ended nor failed. */
    boolean active();

    /** Runs several statements in one go, see {@link PgConnection#pipeline}. */
    <T extends @Nullable Object> T pipeline(PgFunction<Pipeline, T> work);

    /** Rolls back unless committed; a transaction from a pool also gives its connection back. A second call does nothing. */
    @Override
    void close();
}
