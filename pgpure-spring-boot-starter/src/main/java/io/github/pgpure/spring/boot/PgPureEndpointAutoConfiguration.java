package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the endpoint {@code /actuator/pgpure}. */
@AutoConfiguration(after = PgPureAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(PgPool.class)
@ConditionalOnAvailableEndpoint(PgPureEndpoint.class)
public final class PgPureEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    PgPureEndpoint pgPureEndpoint(ConfigurableListableBeanFactory beanFactory) {
        return new PgPureEndpoint(SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, PgPool.class));
    }
}
