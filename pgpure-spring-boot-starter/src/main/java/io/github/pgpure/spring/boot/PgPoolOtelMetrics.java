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
 * The meters of a pool by OpenTelemetry's conventions
 * (<a href="https://opentelemetry.io/docs/specs/semconv/database/database-metrics/">specification</a>): {@code db.client.connection.*}
 * with the tag {@code db.client.connection.pool.name}.
 */
public class PgPoolOtelMetrics implements MeterBinder {

    private static final String PREFIX = "db.client.connection";
    private static final String STATE = PREFIX + ".state";

    private final PgPool pool;
    private final Tags tags;
    private final Function<PgPool, PoolStats> stats;

    /** @param pool the pool to measure; its name is the tag's value */
    public PgPoolOtelMetrics(PgPool pool) {
        this(pool, pool.options().name(), PgPool::stats);
    }

    private PgPoolOtelMetrics(PgPool pool, String name, Function<PgPool, PoolStats> stats) {
        this.pool = pool;
        this.stats = stats;
        this.tags = Tags.of("db.system.name", "postgresql").and(PREFIX + ".pool.name", name);
    }

    /**
     * Those of a pool's connections for read-only transactions, with {@code -read} after the pool's name.
     *
     * @return empty where the pool keeps none apart
     */
    static Optional<MeterBinder> ofReads(PgPool pool) {
        return pool.readStats()
                .map(first -> new PgPoolOtelMetrics(
                        pool,
                        pool.options().name() + "-read",
                        p -> p.readStats().orElse(first)));
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, ".count", tags.and(STATE, "used"), PoolStats::activeConnections);
        gauge(registry, ".count", tags.and(STATE, "idle"), PoolStats::idleConnections);
        gauge(registry, ".idle.min", tags, PoolStats::minIdle);
        gauge(registry, ".max", tags, PoolStats::maxConnections);
        gauge(registry, ".pending_requests", tags, PoolStats::waitingTasks);
        counter(registry, ".timeouts", PoolStats::acquireTimeouts);
        counter(
                registry,
                ".shared_statements",
                PoolStats::sharedStatements); // a name of our own: they have none for it
        timer(registry, ".create_time", PoolStats::opened, PoolStats::openNanos);
        timer(registry, ".wait_time", PoolStats::acquired, PoolStats::acquireNanos);
        timer(registry, ".use_time", PoolStats::released, PoolStats::usageNanos);
    }

    private void gauge(MeterRegistry registry, String suffix, Tags meterTags, ToDoubleFunction<PoolStats> value) {
        Gauge.builder(PREFIX + suffix, pool, p -> value.applyAsDouble(stats.apply(p)))
                .tags(meterTags)
                .register(registry);
    }

    private void counter(MeterRegistry registry, String suffix, ToDoubleFunction<PoolStats> count) {
        FunctionCounter.builder(PREFIX + suffix, pool, p -> count.applyAsDouble(stats.apply(p)))
                .tags(tags)
                .register(registry);
    }

    private void timer(
            MeterRegistry registry, String suffix, ToLongFunction<PoolStats> count, ToDoubleFunction<PoolStats> nanos) {
        FunctionTimer.builder(
                        PREFIX + suffix,
                        pool,
                        p -> count.applyAsLong(stats.apply(p)),
                        p -> nanos.applyAsDouble(stats.apply(p)),
                        TimeUnit.NANOSECONDS)
                .tags(tags)
                .register(registry);
    }
}
