package io.github.pgpure.spring.boot;

import io.github.pgpure.PgConnectOptions;

/** A bean that has the last word on the auto-configured {@link PgConnectOptions}. */
@FunctionalInterface
public interface PgConnectOptionsBuilderCustomizer {

    /** @param builder has the settings of the {@code pgpure.*} properties already */
    void customize(PgConnectOptions.Builder builder);
}
