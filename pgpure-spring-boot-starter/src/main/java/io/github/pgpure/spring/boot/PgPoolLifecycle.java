package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolStats;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToIntFunction;
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

    private final PgPool pool;
    private final int minIdle;
    private volatile boolean running;

    PgPoolLifecycle(PgPool pool) {
        this.pool = pool;
        this.minIdle = pool.options().minIdle();
    }

    @Override
    public void start() {
        if (!pool.isClosed()) {
            pool.resize(pool.maxConnections(), Math.min(minIdle, pool.maxConnections()));
        }
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        if (pool.isClosed()) {
            return;
        }
        pool.resize(pool.maxConnections(), 0);
        pool.softEvict();
        long deadlineNanos = System.nanoTime() + pool.options().closeTimeout().toNanos();
        while (count(PoolStats::totalConnections) + count(PoolStats::openingConnections) > 0
                && System.nanoTime() - deadlineNanos < 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(POLL.toNanos());
            if (count(PoolStats::idleConnections) > 0) {
                pool.softEvict(); // one that was being opened when the stop began
            }
        }
    }

    private int count(ToIntFunction<PoolStats> number) {
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
