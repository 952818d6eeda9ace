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

    private final Observation observation;
    private Observation.@Nullable Scope scope;

    private PgTransactionObservation(Observation observation) {
        this.observation = observation;
    }

    static PgTransactionObservation start(
            ObservationRegistry registry, PgConnectOptions options, TransactionDefinition definition) {
        if (registry.isNoop()) {
            return new PgTransactionObservation(Observation.NOOP);
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
        return new PgTransactionObservation(observation.start());
    }

    void acquired() {
        observation.event(Observation.Event.of("pgpure.connection.acquired", "acquired"));
    }

    /** Makes it the parent of what the thread does from now on. */
    void resume() {
        scope = observation.openScope();
    }

    void suspend() {
        if (scope != null) {
            scope.close();
            scope = null;
        }
    }

    void committed() {
        observation.lowCardinalityKeyValue(OUTCOME, "committed");
    }

    void error(Throwable error) {
        observation.error(error);
    }

    void stop() {
        suspend();
        observation.stop();
    }
}
