package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.JacksonPayloadConverter;
import io.github.pgpure.spring.PayloadConverter;
import io.github.pgpure.spring.PgListener;
import io.github.pgpure.spring.PgListenerBeanPostProcessor;
import io.github.pgpure.spring.PgListenerErrorHandler;
import io.github.pgpure.spring.PgListenerRegistry;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Auto-configuration of {@link PgListener} methods. */
@AutoConfiguration(after = PgPureAutoConfiguration.class)
@ConditionalOnBean(PgPool.class)
public final class PgListenerAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    PgListenerRegistry pgListenerRegistry(BeanFactory beanFactory, ApplicationEventPublisher events) {
        return new PgListenerRegistry(beanFactory, events);
    }

    @Bean
    static PgListenerBeanPostProcessor pgListenerBeanPostProcessor(
            ObjectProvider<PgListenerRegistry> registry,
            ObjectProvider<PayloadConverter> payloadConverter,
            ObjectProvider<PgListenerErrorHandler> errorHandler,
            ObjectProvider<ObservationRegistry> observations) {
        return new PgListenerBeanPostProcessor(registry, payloadConverter, errorHandler, observations);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(JsonMapper.class)
    static class JacksonConfiguration {

        /** Reads with the application's mapper where it has one, or one that is the primary. */
        @Bean
        @ConditionalOnMissingBean(PayloadConverter.class)
        JacksonPayloadConverter pgPayloadConverter(ObjectProvider<JsonMapper> mapper) {
            return new JacksonPayloadConverter(mapper.getIfUnique(JsonMapper::shared));
        }
    }
}
