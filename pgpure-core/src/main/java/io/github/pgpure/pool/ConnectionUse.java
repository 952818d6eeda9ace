package io.github.pgpure.pool;

import io.github.pgpure.PgHost;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a pool and what it is used for, as it was at one moment.
 *
 * @param backendPid the process id of the backend that serves it
 * @param host the server it is to
 * @param age how long it has been open
 * @param holder the name of the thread that took it, {@code several callers} when it is shared; null when it is not checked out
 * @param held for how long it has had it; zero when it is not checked out
 * @param running whether a statement runs on it
 * @param operation the number of the statement that runs among all of this connection, for {@link PgPool#cancel}; 0 when
 *     none runs, and on a connection that is shared
 * @param preparedStatements how many statements it keeps prepared
 * @param sql the statement that runs, or ran last; null when there was none. Bound values are not in it; literals that the
 *     application has written into it are
 */
public record ConnectionUse(
        int backendPid,
        PgHost host,
        Duration age,
        @Nullable String holder,
        Duration held,
        boolean running,
        long operation,
        int preparedStatements,
        @Nullable String sql) {

    /** Whether it is checked out. */
    public boolean inUse() {
        return holder != null;
    }

    static ConnectionUse of(PoolEntry entry, @Nullable Holding<PoolEntry> holding, long now) {
        // The number first: a statement that begins meanwhile has another one, which nobody who read this can cancel.
        long operation = entry.session.currentOperation();
        boolean running = entry.session.isRunning();
        Thread holder = holding == null ? null : holding.holder();
        return new ConnectionUse(
                entry.session.backendPid(),
                entry.session.host(),
                Duration.ofNanos(now - entry.openedAtNanos),
                holding == null ? null : holder == null ? "several callers" : PoolReport.name(holder),
                holding == null ? Duration.ZERO : Duration.ofNanos(holding.heldNanos()),
                running,
                running && holder != null ? operation : 0,
                entry.session.preparedStatements(),
                entry.session.lastSql());
    }
}
