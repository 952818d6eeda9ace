package io.github.pgpure.pool;

import io.github.pgpure.PgException;
import io.github.pgpure.PgFunction;
import io.github.pgpure.PgServerException;
import io.github.pgpure.SqlState;
import io.github.pgpure.connection.GatheredTransaction;
import io.github.pgpure.connection.PgTransaction;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs work in a transaction: a commit at its end, a rollback when it throws, and another try where that was asked for. */
final class TransactionRunner {

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** One transaction may meet several connections that are dead, or know its statements as they were. */
    private static final int MAX_ATTEMPTS = 10;

    private TransactionRunner() {}

    /**
     * Runs the work, again in a new transaction when the server says that it could not be serialized with others.
     *
     * @param begin begins a transaction
     * @param retries how many more times it may be tried
     */
    static <T extends @Nullable Object> T run(
            Supplier<PgTransaction> begin, int retries, PgFunction<PgTransaction, T> work) {
        return retrying(retries, () -> run(begin.get(), work));
    }

    /** Has a transaction run again when the server says that it could not be serialized with others. */
    static <T extends @Nullable Object> T retrying(int retries, Supplier<T> transaction) {
        for (int attempt = 0; ; attempt++) {
            try {
                return transaction.get();
            } catch (RuntimeException e) {
                if (attempt >= retries || !isSerializationFailure(e) || !pause(attempt)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Runs statements that are sent as a whole, on another connection when one was lost before they had an effect, and again when what was prepared has become outdated.
     *
     * @param cost is told how many nanoseconds the server and the connection took; null where nobody wants to know
     */
    static void run(Supplier<PgTransaction> begin, GatheredTransaction statements, @Nullable LongConsumer cost) {
        for (int attempt = 1; ; attempt++) {
            PgTransaction transaction = begin.get();
            try (transaction) {
                long start = System.nanoTime();
                statements.runIn(transaction, cost != null);
                if (cost != null) {
                    cost.accept(System.nanoTime() - start);
                }
                return;
            } catch (PgException e) {
                if (attempt == MAX_ATTEMPTS || !GatheredTransaction.isHarmless(e)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Runs the work once, and closes the transaction whatever happens. The work's own failure is what the caller gets; one of the rollback
     * is suppressed in it.
     */
    private static <T extends @Nullable Object> T run(PgTransaction transaction, PgFunction<PgTransaction, T> work) {
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

    /** Whether the server rolled the transaction back because of others, so that it may well succeed the next time. */
    private static boolean isSerializationFailure(Throwable failure) {
        // The work may have wrapped it.
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PgServerException e) {
                return e.sqlState().equals(SqlState.SERIALIZATION_FAILURE)
                        || e.sqlState().equals(SqlState.DEADLOCK_DETECTED);
            }
        }
        return false;
    }

    /** Waits longer each time, and not as long as the others do; false when the thread was interrupted. */
    private static boolean pause(int attempt) {
        long longest = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(attempt, 10));
        long end = System.nanoTime() + ThreadLocalRandom.current().nextLong(longest / 4, longest);
        long left = end - System.nanoTime();
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = end - System.nanoTime();
        }
        return !Thread.currentThread().isInterrupted();
    }
}
