package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.CompositeHealthContributorConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the health component {@code pgpure}, with one part for each pool where there are several. */
@AutoConfiguration(after = PgPureAutoConfiguration.class)
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(PgPool.class)
@ConditionalOnEnabledHealthIndicator("pgpure")
public final class PgPureHealthContributorAutoConfiguration
        extends CompositeHealthContributorConfiguration<PgPoolHealthIndicator, PgPool> {

    PgPureHealthContributorAutoConfiguration() {
        super(PgPoolHealthIndicator::new);
    }

    @Bean
    @ConditionalOnMissingBean(name = {"pgpureHealthIndicator", "pgpureHealthContributor"})
    HealthContributor pgpureHealthContributor(ConfigurableListableBeanFactory beanFactory) {
        return createContributor(beanFactory, PgPool.class);
    }
}
