package io.github.pgpure.spring.boot;

import io.github.pgpure.PgPoolOptions;

/** A bean that has the last word on the auto-configured {@link PgPoolOptions}. */
@FunctionalInterface
public interface PgPoolOptionsBuilderCustomizer {

    /** @param builder has the settings of the {@code pgpure.*} properties already */
    void customize(PgPoolOptions.Builder builder);
}
