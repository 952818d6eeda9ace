package io.github.pgpure.spring.boot;

import io.github.pgpure.CredentialsSupplier;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.JacksonJsonMapping;
import io.github.pgpure.convert.JsonMapping;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolListener;
import io.github.pgpure.spring.PgAcquireObservation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import tools.jackson.databind.json.JsonMapper;

/** The pool, from {@code pgpure.*}, connection details, customizers and converter beans. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(PgPool.class)
@Import(PgTypeRegistrar.class)
class PgPoolConfiguration {

    @Bean
    @ConditionalOnMissingBean(PgConnectionDetails.class)
    PropertiesPgConnectionDetails pgConnectionDetails(PgPureProperties properties, Environment environment) {
        return new PropertiesPgConnectionDetails(properties, environment);
    }

    @Bean
    @ConditionalOnMissingBean
    PgConnectOptions pgConnectOptions(
            PgPureProperties properties,
            PgConnectionDetails details,
            ObjectProvider<SslBundles> sslBundles,
            ObjectProvider<CredentialsSupplier> credentials,
            Environment environment,
            ObjectProvider<PgConnectOptionsBuilderCustomizer> customizers) {
        var factory = new PgConnectOptionsFactory(
                properties, sslBundles, credentials, environment.getProperty("spring.application.name"));
        return factory.create(details, customizers.orderedStream());
    }

    @Bean
    @ConditionalOnMissingBean
    PgPoolOptions pgPoolOptions(
            PgPureProperties properties, ObjectProvider<PgPoolOptionsBuilderCustomizer> customizers) {
        PgPoolOptions.Builder builder = properties.getPool().toBuilder().readRouting(properties.getReadRouting());
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    /** One of the pool's listeners, as any bean of that type. */
    @Bean
    @ConditionalOnMissingBean
    PgAcquireObservation pgAcquireObservation(PgPoolOptions options) {
        return new PgAcquireObservation(options.name());
    }

    /** Last, since what handles observations may need the pool. */
    @Bean
    @Lazy(false)
    static SmartInitializingSingleton pgAcquireObservationRegistry(
            PgAcquireObservation acquires, ObjectProvider<ObservationRegistry> registry) {
        return () -> registry.ifAvailable(acquires::setObservationRegistry);
    }

    // Converters are checked before anything is opened. The options depend on the connection details and these on an
    // embedded server, so that Spring stops that server after it has closed the pool.
    @Bean(destroyMethod = "close")
    PgPool pgPool(
            PgConnectOptions connectOptions,
            PgPoolOptions poolOptions,
            ObjectProvider<Map<String, Converter<?>>> converters,
            ObjectProvider<JsonMapping> jsonMapping,
            ObjectProvider<PoolListener> listeners,
            PgPureProperties properties,
            ObjectProvider<SslBundles> sslBundles) {
        Map<String, Converter<?>> converterBeans = converters.getIfAvailable(Map::of);
        var oneForEachType = new OneConverterPerType(converterBeans);
        oneForEachType.requireByName();
        PgPool pool = PgPool.open(
                connectOptions,
                poolOptions,
                new PoolListeners(listeners.orderedStream().toList()));
        try {
            oneForEachType.requireByServer(pool);
            converterBeans.values().forEach(pool::addConverterWithArray);
            jsonMapping.ifAvailable(pool::setJsonMapping);
            renewCertificates(pool, properties.getSsl().getBundle(), sslBundles);
        } catch (RuntimeException | Error e) {
            pool.close();
            throw e;
        }
        return pool;
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(JsonMapper.class)
    static class JacksonConfiguration {

        /** Maps json and jsonb as the application's mapper does, where it has one. */
        @Bean
        @ConditionalOnMissingBean(JsonMapping.class)
        JacksonJsonMapping pgJsonMapping(ObjectProvider<JsonMapper> mapper) {
            return new JacksonJsonMapping(mapper.getIfUnique(JsonMapper::shared));
        }
    }

    @Bean
    PgPoolLifecycle pgPoolLifecycle(ConfigurableListableBeanFactory beanFactory) {
        return new PgPoolLifecycle(() -> (PgPool) beanFactory.getSingleton("pgPool"));
    }

    /** Connections with the old certificates leave the pool as soon as nobody uses them. */
    private static void renewCertificates(
            PgPool pool, @Nullable String bundleName, ObjectProvider<SslBundles> sslBundles) {
        if (bundleName != null && pool.connectOptions().sslContext() instanceof ReloadableSslContext context) {
            sslBundles.getObject().addBundleUpdateHandler(bundleName, renewed -> {
                context.reload(renewed.createSslContext());
                if (!pool.isClosed()) {
                    pool.softEvict();
                }
            });
        }
    }
}
