package io.github.pgpure.pool;

import io.github.pgpure.connection.LogPosition;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
        LogPosition floor = floor(deadline);
        Deadline inTime = Deadline.in(patience).earlier(deadline);
        PoolEntry entry = reads.acquire(deadline);
        boolean current = false;
        try {
            long pause = FIRST_PAUSE_NANOS;
            while (true) {
                // Where no standby is to be had this is the primary, which is always there.
                current = entry.session.logPosition(deadline).hasReached(floor);
                if (current || inTime.hasPassed() || Thread.currentThread().isInterrupted()) {
                    return current ? entry : null;
                }
                LockSupport.parkNanos(this, Math.min(pause, Math.max(1, inTime.remainingNanos())));
                pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            }
        } finally {
            if (!current) {
                reads.release(entry);
            }
        }
    }

    private LogPosition floor(Deadline deadline) {
        PoolEntry entry = primary.acquire(deadline);
        try {
            return entry.session.logPosition(deadline);
        } finally {
            primary.release(entry);
        }
    }
}
