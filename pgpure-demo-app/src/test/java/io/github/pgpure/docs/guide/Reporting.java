package io.github.pgpure.docs.guide;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.PgTransactionManager;
import io.github.pgpure.spring.boot.PgPoolProperties;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

// tag::pool[]
@Configuration(proxyBeanMethods = false)
class Reporting {

    @Bean
    @ConfigurationProperties("reporting.pool")
    PgPoolProperties reportingPoolProperties() {
        return new PgPoolProperties();
    }

    @Bean(defaultCandidate = false)
    PgPool reportingPool(@Value("${reporting.url}") String url, PgPoolProperties reportingPoolProperties) {
        return PgPool.open(
                PgConnectOptions.parse(url),
                reportingPoolProperties.toBuilder().name("reporting").build());
    }

    @Bean(defaultCandidate = false)
    PgTemplate reportingTemplate(@Qualifier("reportingPool") PgPool pool) {
        return new PgTemplate(pool);
    }

    @Bean(defaultCandidate = false)
    PgTransactionManager reportingTransactionManager(@Qualifier("reportingPool") PgPool pool) {
        return new PgTransactionManager(pool);
    }
}
// end::pool[]
