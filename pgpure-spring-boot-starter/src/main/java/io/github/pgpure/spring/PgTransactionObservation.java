package io.github.pgpure.spring;

import io.github.pgpure.PgConnectOptions;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionDefinition;

/**
 * The observation {@code pgpure.transaction}, from before the connection is acquired to the end, with the statements below it; for the
 * thread of the transaction.
 */
final class PgTransactionObservation {

    private static final String OUTCOME = "pgpure.transaction.outcome";

    private final ObservationRegistry registry;
    private final Observation observation;
    private Observation.@Nullable Scope scope;
    private Observation.@Nullable Scope before;

    private PgTransactionObservation(ObservationRegistry registry, Observation observation) {
        this.registry = registry;
        this.observation = observation;
    }

    static PgTransactionObservation start(
            ObservationRegistry registry, PgConnectOptions options, TransactionDefinition definition) {
        if (registry.isNoop()) {
            return new PgTransactionObservation(registry, Observation.NOOP);
        }
        Observation observation = Observation.createNotStarted("pgpure.transaction", registry)
                .contextualName("transaction")
                .lowCardinalityKeyValue("db.system.name", "postgresql")
                .lowCardinalityKeyValue("db.namespace", options.database())
                .lowCardinalityKeyValue("pgpure.transaction.read_only", String.valueOf(definition.isReadOnly()))
                .lowCardinalityKeyValue(OUTCOME, "rolled_back");
        if (definition.getName() != null) {
            observation.highCardinalityKeyValue("pgpure.transaction.name", definition.getName());
        }
        return new PgTransactionObservation(registry, observation.start());
    }

    void acquired() {
        observation.event(Observation.Event.of("pgpure.connection.acquired", "acquired"));
    }

    /** Makes it the parent of what the thread does from now on. */
    void resume() {
        before = registry.getCurrentObservationScope();
        try {
            scope = observation.openScope();
        } catch (RuntimeException | Error e) {
            registry.setCurrentObservationScope(before); // else it stays the current one when a handler fails
            throw e;
        }
    }

    void suspend() {
        if (scope != null) {
            Observation.Scope open = scope;
            scope = null;
            try {
                open.close();
            } catch (RuntimeException | Error e) {
                registry.setCurrentObservationScope(before); // else it stays the current one when a handler fails
                throw e;
            }
        }
    }

    void committed() {
        observation.lowCardinalityKeyValue(OUTCOME, "committed");
    }

    /** A handler that fails must not hide the error. */
    void error(Throwable error) {
        try {
            observation.error(error);
        } catch (RuntimeException e) {
            error.addSuppressed(e);
        }
    }

    void stop() {
        try {
            suspend();
        } finally {
            observation.stop();
        }
    }

    /** Stops where something else has failed, which a handler that fails too must not hide. */
    void stopAfter(Throwable reason) {
        try {
            stop();
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }
}
