package io.github.pgpure.pool;

import io.github.pgpure.PgFunction;
import io.github.pgpure.connection.PgTransaction;
import java.lang.reflect.UndeclaredThrowableException;
import org.jspecify.annotations.Nullable;

/** Runs work in a transaction: a commit at its end, a rollback when it throws. */
final class TransactionRunner {

    private TransactionRunner() {}

    /**
     * Runs the work, and closes the transaction whatever happens. The work's own failure is what the caller gets; one of the rollback
     * is suppressed in it.
     */
    static <T extends @Nullable Object> T run(PgTransaction transaction, PgFunction<PgTransaction, T> work) {
        boolean interrupted = false;
        try (transaction) {
            T result = work.apply(transaction);
            transaction.commit();
            return result;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Exception e) {
            interrupted = e instanceof InterruptedException;
            throw new UndeclaredThrowableException(e, "the work in a transaction failed: " + e);
        } finally {
            // Set again only now: the rollback should not be interrupted as well.
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
