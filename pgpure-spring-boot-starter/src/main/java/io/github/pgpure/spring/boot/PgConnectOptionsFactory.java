package io.github.pgpure.spring.boot;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.SslMode;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** Makes the connection's settings of details, properties and customizers, the later overriding the earlier. */
final class PgConnectOptionsFactory {

    private static final String APPLICATION_NAME = "application_name";

    private final PgPureProperties properties;
    private final ObjectProvider<SslBundles> sslBundles;
    private final @Nullable String springApplicationName;

    PgConnectOptionsFactory(
            PgPureProperties properties,
            ObjectProvider<SslBundles> sslBundles,
            @Nullable String springApplicationName) {
        this.properties = properties;
        this.sslBundles = sslBundles;
        this.springApplicationName = springApplicationName;
    }

    PgConnectOptions create(PgConnectionDetails details, Stream<PgConnectOptionsBuilderCustomizer> customizers) {
        PgConnectOptions base = details.getConnectOptions();
        PgConnectOptions.Builder builder = base.toBuilder();
        String applicationName = applicationName(base);
        if (applicationName != null) {
            builder.applicationName(applicationName);
        }
        if (properties.getConnectTimeout() != null) {
            builder.connectTimeout(properties.getConnectTimeout());
        }
        if (properties.getQueryTimeout() != null) {
            builder.queryTimeout(properties.getQueryTimeout());
        }
        if (properties.getStatementCacheSize() != null) {
            builder.statementCacheSize(properties.getStatementCacheSize());
        }
        if (properties.getTargetSessionAttrs() != null) {
            builder.targetSessionAttrs(properties.getTargetSessionAttrs());
        }
        if (properties.getTransactionPooling() != null) {
            builder.transactionPooling(properties.getTransactionPooling());
        }
        properties.getStartupParameters().forEach(builder::startupParameter);
        applySsl(builder, base, sslBundle(details));
        customizers.forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    private @Nullable String applicationName(PgConnectOptions base) {
        if (properties.getApplicationName() != null) {
            return properties.getApplicationName();
        }
        String standard = PgConnectOptions.builder().build().startupParameters().get(APPLICATION_NAME);
        boolean named =
                !String.valueOf(standard).equals(base.startupParameters().get(APPLICATION_NAME));
        return named ? null : springApplicationName;
    }

    private @Nullable SslBundle sslBundle(PgConnectionDetails details) {
        SslBundle own = details.getSslBundle();
        String name = properties.getSsl().getBundle();
        return own != null || name == null || name.isBlank()
                ? own
                : sslBundles.getObject().getBundle(name);
    }

    private void applySsl(PgConnectOptions.Builder builder, PgConnectOptions base, @Nullable SslBundle bundle) {
        SslMode mode = properties.getSsl().getMode();
        if (bundle != null) {
            builder.sslContext(new ReloadableSslContext(bundle.createSslContext()));
            if (mode == null && base.sslMode() == SslMode.PREFER) {
                mode = SslMode.VERIFY_FULL; // who names certificates wants them verified
            }
        }
        if (mode != null) {
            builder.sslMode(mode);
        }
    }
}
