package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTransactionManager;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizers;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.TransactionManager;

/**
 * Auto-configuration of the {@link PgTransactionManager}, in one of two modes.
 *
 * <p>Where the application has no other transaction manager, {@code pgTransactionManager} is the default one. Beside another, JDBC's
 * or JPA's, it leaves that one the default and is reached by {@code @Transactional("pgTransactionManager")}.
 *
 * <p>It comes after those that may define another: before them it would make theirs back off silently. Being no default candidate
 * also when alone would make {@code @Transactional} do nothing, since Spring Boot then sees no transaction manager to switch it on for.
 */
@AutoConfiguration(
        after = {PgPureAutoConfiguration.class, TransactionManagerCustomizationAutoConfiguration.class},
        afterName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
            "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
            "org.springframework.boot.transaction.jta.autoconfigure.JtaAutoConfiguration",
            "org.springframework.boot.r2dbc.autoconfigure.R2dbcTransactionManagerAutoConfiguration",
            "org.springframework.boot.data.neo4j.autoconfigure.DataNeo4jAutoConfiguration"
        },
        before = TransactionAutoConfiguration.class)
@ConditionalOnSingleCandidate(PgPool.class)
public final class PgTransactionManagerAutoConfiguration {

    static final String BEAN_NAME = "pgTransactionManager";

    private static PgTransactionManager create(
            PgPool pool,
            ObjectProvider<TransactionManagerCustomizers> customizers,
            ObjectProvider<ObservationRegistry> observations) {
        var manager = new PgTransactionManager(pool);
        observations.ifAvailable(manager::setObservationRegistry);
        customizers.ifAvailable(all -> all.customize(manager));
        return manager;
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(TransactionManager.class)
    static class Alone {

        @Bean(BEAN_NAME)
        PgTransactionManager pgTransactionManager(
                PgPool pool,
                ObjectProvider<TransactionManagerCustomizers> customizers,
                ObjectProvider<ObservationRegistry> observations) {
            return create(pool, customizers, observations);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnBean(TransactionManager.class)
    @ConditionalOnMissingBean(value = PgTransactionManager.class, name = BEAN_NAME)
    static class Beside {

        @Bean(name = BEAN_NAME, defaultCandidate = false)
        PgTransactionManager pgTransactionManager(
                PgPool pool,
                ObjectProvider<TransactionManagerCustomizers> customizers,
                ObjectProvider<ObservationRegistry> observations) {
            return create(pool, customizers, observations);
        }
    }
}
