package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the meters of all pools, see {@link PgPoolMetrics} and {@link PgPoolOtelMetrics}. */
@AutoConfiguration(
        after = PgPureAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({PgPool.class, MeterRegistry.class})
public final class PgPureMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "pgpureMeterBinder")
    MeterBinder pgpureMeterBinder(ConfigurableListableBeanFactory beanFactory) {
        // Second pools too, which are usually declared as no default candidates.
        List<MeterBinder> binders =
                SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, PgPool.class).values().stream()
                        .flatMap(PgPureMetricsAutoConfiguration::binders)
                        .toList();
        return registry -> binders.forEach(binder -> binder.bindTo(registry));
    }

    private static Stream<MeterBinder> binders(PgPool pool) {
        Stream<MeterBinder> own = Stream.of(new PgPoolMetrics(pool), new PgPoolOtelMetrics(pool));
        Stream<MeterBinder> reads = Stream.of(PgPoolMetrics.ofReads(pool), PgPoolOtelMetrics.ofReads(pool))
                .flatMap(Optional::stream);
        return Stream.concat(own, reads);
    }
}
