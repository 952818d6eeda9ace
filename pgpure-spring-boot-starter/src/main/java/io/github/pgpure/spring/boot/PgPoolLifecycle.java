package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolStats;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Lets a pool go through a stop and a start of its context: starts first, stops last; thread-safe.
 *
 * <p>A stop waits, at most the pool's close timeout, for the connections in use and closes all of them; so nothing is open during a pause of a cached
 * test context or in a checkpoint. The pool itself stays usable and opens what is asked of it, since beans that are destroyed
 * later may still need the database. Closing it is left to the end of the context.
 */
final class PgPoolLifecycle implements SmartLifecycle {

    private static final Duration POLL = Duration.ofMillis(5);

    private final Supplier<@Nullable PgPool> existingPool;
    private volatile boolean running;

    /** @param existingPool gives the pool once it has been made, null before: where beans are lazy, this must not be what makes it */
    PgPoolLifecycle(Supplier<@Nullable PgPool> existingPool) {
        this.existingPool = existingPool;
    }

    @Override
    public void start() {
        PgPool pool = existingPool.get();
        if (pool != null && !pool.isClosed()) {
            pool.resize(pool.maxConnections(), Math.min(pool.options().minIdle(), pool.maxConnections()));
        }
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        PgPool pool = existingPool.get();
        if (pool != null && !pool.isClosed()) {
            closeConnections(pool);
        }
    }

    private static void closeConnections(PgPool pool) {
        pool.resize(pool.maxConnections(), 0);
        pool.softEvict();
        long deadlineNanos = System.nanoTime() + pool.options().closeTimeout().toNanos();
        while (count(pool, PoolStats::totalConnections) + count(pool, PoolStats::openingConnections) > 0
                && System.nanoTime() - deadlineNanos < 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(POLL.toNanos());
            if (count(pool, PoolStats::idleConnections) > 0) {
                pool.softEvict(); // one that was being opened when the stop began
            }
        }
    }

    private static int count(PgPool pool, ToIntFunction<PoolStats> number) {
        return number.applyAsInt(pool.stats())
                + pool.readStats().map(number::applyAsInt).orElse(0);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return Integer.MIN_VALUE + 1000;
    }
}
