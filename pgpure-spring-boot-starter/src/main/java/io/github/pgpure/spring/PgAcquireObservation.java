package io.github.pgpure.spring;

import io.github.pgpure.PgException;
import io.github.pgpure.pool.PoolListener;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes as {@code pgpure.acquire} how long callers wait for a connection of a pool, below the operation or transaction that wants it;
 * thread-safe.
 */
public class PgAcquireObservation implements PoolListener {

    private static final String NAME = "pgpure.acquire";

    private final String pool;
    private volatile ObservationRegistry registry = ObservationRegistry.NOOP;

    /** Set while its thread waits; whoever finds a connection idle, which is the usual case, does not touch it. */
    private final ThreadLocal<@Nullable Observation> waiting = new ThreadLocal<>();

    /** @param pool the pool's name */
    public PgAcquireObservation(String pool) {
        this.pool = pool;
    }

    /** Where waiting is observed; by default nowhere. */
    public void setObservationRegistry(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void waiting() {
        Observation observation = start();
        if (observation != null) {
            waiting.set(observation);
        }
    }

    @Override
    public void acquired(int backendPid, long waitedNanos) {
        Observation observation = waitedNanos == 0 ? start() : taken();
        if (observation != null) {
            observation.stop();
        }
    }

    @Override
    public void acquireFailed(PgException failure) {
        Observation observation = taken();
        if (observation != null) {
            observation.error(failure);
            observation.stop();
        }
    }

    private @Nullable Observation start() {
        ObservationRegistry to = registry;
        if (to.isNoop()) {
            return null;
        }
        return Observation.createNotStarted(NAME, to)
                .contextualName("acquire " + pool)
                .lowCardinalityKeyValue("db.system.name", "postgresql")
                .lowCardinalityKeyValue("db.client.connection.pool.name", pool)
                .start();
    }

    private @Nullable Observation taken() {
        Observation observation = waiting.get();
        waiting.remove();
        return observation;
    }
}
