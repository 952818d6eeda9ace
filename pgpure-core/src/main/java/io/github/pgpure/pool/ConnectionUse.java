package io.github.pgpure.pool;

import io.github.pgpure.PgHost;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is checked out, as it was at one moment.
 *
 * @param backendPid the process id of the backend that serves it
 * @param host the server it is to
 * @param age how long it has been open
 * @param holder the name of the thread that took it
 * @param held for how long it has had it
 * @param running whether a statement runs on it
 * @param sql the statement that runs, or ran last; null when there was none. Bound values are not in it; literals that the
 *     application has written into it are
 */
public record ConnectionUse(
        int backendPid,
        PgHost host,
        Duration age,
        String holder,
        Duration held,
        boolean running,
        @Nullable String sql) {

    static ConnectionUse of(PoolEntry entry, Thread holder, long heldNanos, long now) {
        return new ConnectionUse(
                entry.session.backendPid(),
                entry.session.host(),
                Duration.ofNanos(now - entry.openedAtNanos),
                PoolReport.name(holder),
                Duration.ofNanos(heldNanos),
                entry.session.isRunning(),
                entry.session.lastSql());
    }
}
