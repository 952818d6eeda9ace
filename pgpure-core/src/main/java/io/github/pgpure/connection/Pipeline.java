package io.github.pgpure.connection;

import io.github.pgpure.Query;
import io.github.pgpure.Rows;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Takes statements that are sent together and answered together; for one thread.
 *
 * <p>Outside a transaction the failure of one statement does not touch the others: they are then run again, each for itself. Until then
 * they are one transaction on the server, so what a function of yours does that no rollback undoes can happen twice; where one of the statements commits, or names a
 * function of the server whose effect stays (session-level advisory locks, {@code dblink}), each runs by itself from the start, and none of them is run again. In a
 * transaction the ones after a failed one fail too, and it can no longer be committed, also where that one could not even be sent. {@code get()} or {@code join()} on a future, or
 * on one that is derived from it ({@code thenApply} and the like, not {@code allOf}), sends what has been gathered and waits. For what is derived only this thread sends; another
 * one that waits for it waits until this one does.
 */
public interface Pipeline {

    /** Adds a statement whose rows do not matter; the future has its row count. */
    default CompletableFuture<Long> execute(String sql, @Nullable Object... params) {
        return execute(Query.of(sql, params));
    }

    /** Adds a statement whose rows do not matter; the future has its row count. */
    CompletableFuture<Long> execute(Query query);

    /** Adds a statement; the future has its rows. */
    default CompletableFuture<Rows> fetch(String sql, @Nullable Object... params) {
        return fetch(Query.of(sql, params));
    }

    /** Adds a statement; the future has its rows. */
    CompletableFuture<Rows> fetch(Query query);

    /**
     * Adds the commit of the transaction, so that a whole transaction is one exchange with the server; nothing may follow it. Where a
     * statement before it fails, the transaction is not committed, and the future fails too.
     *
     * @return is complete when the transaction is committed
     * @throws IllegalStateException when this is not the pipeline of a transaction
     */
    CompletableFuture<?> commit();

    /** Sends what has been gathered and reads all answers. */
    void flush();
}
