package io.github.pgpure.pool;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Says in words what a pool looks like, for messages. */
final class PoolReport {

    private static final int LONGEST_SQL = 200;

    private PoolReport() {}

    static String state(String poolName, ConnectionQueue<?> queue) {
        QueueCounts counts = queue.counts();
        return "pool '" + poolName + "' (active=" + counts.active() + ", idle=" + counts.idle() + ", waiting="
                + counts.waiting() + ", opening=" + counts.opening() + ", max=" + queue.max() + ")";
    }

    /** Why the calling thread got no connection. */
    static String timeout(
            String poolName,
            ConnectionQueue<PoolEntry> queue,
            long limitNanos,
            long elapsedNanos,
            @Nullable Throwable connectFailure) {
        var text = new StringBuilder("no connection became free within ")
                .append(millis(limitNanos))
                .append(" (waited ")
                .append(millis(elapsedNanos))
                .append("): ")
                .append(state(poolName, queue));
        List<Holding<PoolEntry>> holdings = queue.holdings(System.nanoTime());
        if (!holdings.isEmpty()) {
            var longest = holdings.get(0);
            text.append(". Held longest: backend ")
                    .append(longest.slot().session.backendPid())
                    .append(", by thread '")
                    .append(name(longest.holder()))
                    .append("' for ")
                    .append(millis(longest.heldNanos()))
                    .append(longest.slot().session.isRunning() ? ", running: " : ", last statement: ")
                    .append(shorten(longest.slot().session.lastSql()));
        }
        Thread caller = Thread.currentThread();
        long own = holdings.stream().filter(held -> held.holder() == caller).count();
        if (own > 0) {
            text.append(". This thread holds ")
                    .append(own)
                    .append(
                            " of them itself (a nested checkout, such as REQUIRES_NEW or a pool call inside a transaction):"
                                    + " use the connection it has, or raise maxConnections above the number of threads that nest");
        } else if (connectFailure != null) {
            text.append(". The last attempt to open one failed: ").append(connectFailure.getMessage());
        } else if (holdings.size() >= queue.max()) {
            text.append(". Close connections sooner, or raise maxConnections");
        }
        return text.toString();
    }

    static String name(Thread thread) {
        return thread.getName().isEmpty() ? "virtual thread #" + thread.getId() : thread.getName();
    }

    static String millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos) + " ms";
    }

    /** A statement on one line, cut short; it has no values of parameters in it. */
    static String shorten(@Nullable String sql) {
        if (sql == null) {
            return "none";
        }
        // Cut first: a statement can be megabytes long.
        String start = sql.substring(0, Math.min(sql.length(), LONGEST_SQL)).replaceAll("\\s+", " ");
        return start.length() < sql.length() && sql.length() > LONGEST_SQL ? start + "…" : start;
    }
}
