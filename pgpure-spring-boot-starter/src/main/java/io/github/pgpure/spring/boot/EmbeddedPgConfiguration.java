package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Starts an embedded server where it is asked for and no server is configured. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(EmbeddedPostgres.class)
@ConditionalOnBooleanProperty("pgpure.embedded.enabled")
@ConditionalOnMissingBean({PgConnectionDetails.class, PgPool.class})
@Conditional(EmbeddedPgConfiguration.NoServerConfigured.class)
class EmbeddedPgConfiguration {

    @Bean(destroyMethod = "close")
    EmbeddedPgServer embeddedPgServer(PgPureProperties properties) {
        return new EmbeddedPgServer(properties.getEmbedded());
    }

    @Bean
    PgConnectionDetails embeddedPgConnectionDetails(EmbeddedPgServer server) {
        return server::connectOptions;
    }

    static class NoServerConfigured extends SpringBootCondition {

        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            for (String property : new String[] {"pgpure.url", "pgpure.host"}) {
                if (StringUtils.hasText(context.getEnvironment().getProperty(property))) {
                    return ConditionOutcome.noMatch(ConditionMessage.forCondition("Embedded PostgreSQL")
                            .because("'" + property + "' names a server"));
                }
            }
            if (context.getEnvironment().getProperty("pgpure.from-environment", Boolean.class, false)) {
                return ConditionOutcome.noMatch(ConditionMessage.forCondition("Embedded PostgreSQL")
                        .because("'pgpure.from-environment' leaves it to the environment to name a server"));
            }
            return ConditionOutcome.match();
        }
    }
}
