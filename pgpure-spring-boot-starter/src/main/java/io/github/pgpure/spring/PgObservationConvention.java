package io.github.pgpure.spring;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/** Names and tags the observations of a {@link PgTemplate}; a bean of this type replaces {@link DefaultPgObservationConvention}. */
public interface PgObservationConvention extends ObservationConvention<PgObservationContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof PgObservationContext;
    }
}
