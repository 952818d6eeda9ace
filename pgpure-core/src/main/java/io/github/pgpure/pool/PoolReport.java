package io.github.pgpure.pool;

import io.github.pgpure.connection.Session;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Says in words what a pool looks like, for messages. */
final class PoolReport {

    private static final int LONGEST_SQL = 200;
    private static final int MOST_HOLDERS = 5;

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
        Thread caller = Thread.currentThread();
        int nested = 0;
        long own = 0;
        for (int i = 0; i < holdings.size(); i++) {
            Holding<PoolEntry> held = holdings.get(i);
            // Whoever waits for a connection is parked on the queue.
            Thread holder = held.holder();
            boolean waits = holder != null && (holder == caller || LockSupport.getBlocker(holder) == queue);
            nested += waits ? 1 : 0;
            own += holder == caller ? 1 : 0;
            if (i < MOST_HOLDERS) {
                text.append(i == 0 ? ". Held longest: " : "; ");
                appendHolding(text, held, waits);
            }
        }
        if (holdings.size() > MOST_HOLDERS) {
            text.append("; and ").append(holdings.size() - MOST_HOLDERS).append(" more");
        }
        if (nested > 1 && nested == holdings.size()) {
            text.append(". All of them are held by threads that wait for another one, so none can go on");
        }
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

    private static void appendHolding(StringBuilder text, Holding<PoolEntry> held, boolean waits) {
        Session session = held.slot().session;
        text.append("backend ")
                .append(session.backendPid())
                .append(
                        held.holder() == null
                                ? ", shared by several callers"
                                : ", by thread '" + name(held.holder()) + "'")
                .append(" for ")
                .append(millis(held.heldNanos()))
                .append(waits ? ", which waits for another one" : "")
                .append(session.isRunning() ? ", running: " : ", last statement: ")
                .append(shorten(session.lastSql()));
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
