package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The meters of a pool, named as HikariCP's are: {@code pgpure.connections} and below it {@code active}, {@code idle}, {@code pending},
 * {@code max}, {@code min}, {@code timeout}, {@code acquire}, {@code usage} and {@code creation}, and {@code shared} for the statements
 * that were run on a connection shared with other callers, which the others do not count; tag {@code pool}.
 *
 * <p>The pool counts for itself, so that a meter costs nothing until it is read.
 */
public class PgPoolMetrics implements MeterBinder {

    private static final String NAME = "pgpure.connections";

    private final PgPool pool;
    private final Tags tags;
    private final Function<PgPool, PoolStats> stats;

    /** @param pool the pool to measure; its name is the tag's value */
    public PgPoolMetrics(PgPool pool) {
        this(pool, pool.options().name(), PgPool::stats);
    }

    private PgPoolMetrics(PgPool pool, String name, Function<PgPool, PoolStats> stats) {
        this.pool = pool;
        this.stats = stats;
        this.tags = Tags.of("pool", name);
    }

    /**
     * Those of a pool's connections for read-only transactions, with {@code -read} after the pool's name.
     *
     * @return empty where the pool keeps none apart
     */
    static Optional<MeterBinder> ofReads(PgPool pool) {
        return pool.readStats()
                .map(first -> new PgPoolMetrics(
                        pool,
                        pool.options().name() + "-read",
                        p -> p.readStats().orElse(first)));
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "", "Open connections", PoolStats::totalConnections);
        gauge(registry, ".active", "Connections in use", PoolStats::activeConnections);
        gauge(registry, ".idle", "Open connections that are not in use", PoolStats::idleConnections);
        gauge(registry, ".pending", "Callers that wait for a connection", PoolStats::waitingTasks);
        gauge(registry, ".max", "Most connections the pool opens", PoolStats::maxConnections);
        gauge(registry, ".min", "Connections that are kept open without use", PoolStats::minIdle);
        counter(registry, ".timeout", "Callers that gave up waiting for a connection", PoolStats::acquireTimeouts);
        counter(registry, ".shared", "Statements run on a connection shared with others", PoolStats::sharedStatements);
        timer(registry, ".acquire", "Time to get a connection", PoolStats::acquired, PoolStats::acquireNanos);
        timer(registry, ".usage", "Time a connection is used", PoolStats::released, PoolStats::usageNanos);
        timer(registry, ".creation", "Time to open a connection", PoolStats::opened, PoolStats::openNanos);
    }

    private void gauge(MeterRegistry registry, String suffix, String description, ToDoubleFunction<PoolStats> value) {
        Gauge.builder(NAME + suffix, pool, p -> value.applyAsDouble(stats.apply(p)))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void counter(MeterRegistry registry, String suffix, String description, ToDoubleFunction<PoolStats> count) {
        FunctionCounter.builder(NAME + suffix, pool, p -> count.applyAsDouble(stats.apply(p)))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void timer(
            MeterRegistry registry,
            String suffix,
            String description,
            ToLongFunction<PoolStats> count,
            ToDoubleFunction<PoolStats> totalNanos) {
        FunctionTimer.builder(
                        NAME + suffix,
                        pool,
                        p -> count.applyAsLong(stats.apply(p)),
                        p -> totalNanos.applyAsDouble(stats.apply(p)),
                        TimeUnit.NANOSECONDS)
                .description(description)
                .tags(tags)
                .register(registry);
    }
}
