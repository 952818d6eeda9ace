package io.github.pgpure.pool;

import io.github.pgpure.PgException;
import io.github.pgpure.connection.LogPosition;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gives out connections to a standby that has replayed everything committed so far; thread-safe.
 *
 * <p>The floor is the position of the primary at the time of the question, not that of the last commit through this pool: single statements, COPY,
 * and what other programs have committed count as well, and commits cost nothing.
 */
final class CurrentReads {

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final PoolCore primary;
    private final PoolCore reads;
    private final Duration patience;

    /**
     * @param patience how long a standby may take to get there
     */
    CurrentReads(PoolCore primary, PoolCore reads, Duration patience) {
        this.primary = primary;
        this.reads = reads;
        this.patience = patience;
    }

    /**
     * Takes a connection on which everything that is committed by now can be seen.
     *
     * @return null when no standby has got that far in time: the primary is to be asked
     */
    @Nullable
    PoolEntry acquire(Deadline deadline) {
        LogPosition floor = onLiving(primary, deadline, entry -> {
            LogPosition position = entry.session.logPosition(deadline);
            primary.release(entry);
            return position;
        });
        Deadline inTime = Deadline.in(patience).earlier(deadline);
        return onLiving(reads, deadline, entry -> {
            if (reaches(entry, floor, inTime, deadline)) {
                return entry;
            }
            reads.release(entry);
            return null;
        });
    }

    /** Asks something of a connection, which is released when that fails; of another one when the connection turns out to be lost. */
    private static <T extends @Nullable Object> T onLiving(
            PoolCore pool, Deadline deadline, Function<PoolEntry, T> question) {
        for (int attempt = 1; ; attempt++) {
            PoolEntry entry = pool.acquire(deadline);
            try {
                return question.apply(entry);
            } catch (PgException e) {
                boolean lost = entry.session.isDead();
                pool.release(entry);
                if (!lost || attempt > pool.queue.max()) { // of those there were, each can be lost once
                    throw e;
                }
            } catch (RuntimeException | Error e) {
                pool.release(entry);
                throw e;
            }
        }
    }

    /** Waits until a standby has got that far; where no standby is to be had this is the primary, which is always there. */
    private boolean reaches(PoolEntry entry, LogPosition floor, Deadline inTime, Deadline deadline) {
        long pause = FIRST_PAUSE_NANOS;
        while (true) {
            boolean current = entry.session.logPosition(deadline).hasReached(floor);
            if (current || inTime.hasPassed() || Thread.currentThread().isInterrupted()) {
                return current;
            }
            LockSupport.parkNanos(this, Math.min(pause, Math.max(1, inTime.remainingNanos())));
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
    }
}
