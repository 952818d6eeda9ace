package io.github.pgpure.spring.boot;

import io.github.pgpure.pool.PgPool;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.autoconfigure.init.ApplicationScriptDatabaseInitializer;
import org.springframework.boot.sql.autoconfigure.init.ConditionalOnSqlInitialization;
import org.springframework.boot.sql.autoconfigure.init.SqlInitializationProperties;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration of {@code schema.sql} and {@code data.sql}, and of the order in which the database is initialized: a {@link
 * io.github.pgpure.spring.PgTemplate} waits for the scripts, for Flyway and for Liquibase; the pool does not.
 *
 * <p>Beside JDBC the scripts stay JDBC's, so that they do not run twice.
 */
@AutoConfiguration(
        after = PgPureAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration",
            "org.springframework.boot.r2dbc.autoconfigure.R2dbcInitializationAutoConfiguration"
        })
@ConditionalOnSingleCandidate(PgPool.class)
@Import(DatabaseInitializationDependencyConfigurer.class)
public final class PgSqlInitializationAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnSqlInitialization
    @EnableConfigurationProperties(SqlInitializationProperties.class)
    static class ScriptsConfiguration {

        @Bean
        @ConditionalOnMissingBean(ApplicationScriptDatabaseInitializer.class)
        PgScriptDatabaseInitializer pgScriptDatabaseInitializer(
                PgPool pool, SqlInitializationProperties properties, ObjectProvider<EmbeddedPgServer> embeddedServer) {
            return new PgScriptDatabaseInitializer(
                    pool,
                    ApplicationScriptDatabaseInitializer.getSettings(properties),
                    embeddedServer.getIfAvailable() != null);
        }
    }
}
