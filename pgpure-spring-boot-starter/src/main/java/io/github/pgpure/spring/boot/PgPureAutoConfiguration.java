package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgExceptionTranslator;
import io.github.pgpure.spring.PgObservationConvention;
import io.github.pgpure.spring.PgTemplate;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Auto-configuration of a {@link PgPool} with the application's converters, and of the {@link PgTemplate} on it. */
@AutoConfiguration
@EnableConfigurationProperties(PgPureProperties.class)
// Imported, since nested classes would come first: the pool's conditions must see an embedded server.
@Import({EmbeddedPgConfiguration.class, PgPoolConfiguration.class})
public final class PgPureAutoConfiguration {

    @Bean
    @ConditionalOnSingleCandidate(PgPool.class)
    @ConditionalOnMissingBean
    PgTemplate pgTemplate(
            PgPool pool,
            PgPureProperties properties,
            ObjectProvider<ObservationRegistry> observationRegistry,
            ObjectProvider<PgObservationConvention> observationConvention) {
        var template = new PgTemplate(pool);
        template.setSlowQueryThreshold(properties.getSlowQueryThreshold());
        observationRegistry.ifAvailable(
                registry -> template.setObservation(registry, observationConvention.getIfAvailable()));
        return template;
    }

    /** Serves {@code @Repository} classes where the application has them translated, as Spring Boot does by default. */
    @Bean
    @ConditionalOnMissingBean
    static PgExceptionTranslator pgExceptionTranslator() {
        return new PgExceptionTranslator();
    }
}
