package io.github.pgpure.spring.boot;

import io.github.pgpure.CredentialsSupplier;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.SslMode;
import io.github.pgpure.TcpKeepAlive;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** Makes the connection's settings of details, properties and customizers, the later overriding the earlier. */
final class PgConnectOptionsFactory {

    private static final String APPLICATION_NAME = "application_name";

    private final PgPureProperties properties;
    private final ObjectProvider<SslBundles> sslBundles;
    private final ObjectProvider<CredentialsSupplier> credentials;
    private final @Nullable String springApplicationName;

    PgConnectOptionsFactory(
            PgPureProperties properties,
            ObjectProvider<SslBundles> sslBundles,
            ObjectProvider<CredentialsSupplier> credentials,
            @Nullable String springApplicationName) {
        this.properties = properties;
        this.sslBundles = sslBundles;
        this.credentials = credentials;
        this.springApplicationName = springApplicationName;
    }

    PgConnectOptions create(PgConnectionDetails details, Stream<PgConnectOptionsBuilderCustomizer> customizers) {
        PgConnectOptions base = details.getConnectOptions();
        PgConnectOptions.Builder builder = base.toBuilder();
        String applicationName = applicationName(base);
        if (applicationName != null) {
            builder.applicationName(applicationName);
        }
        PropertyMapper map = PropertyMapper.get();
        map.from(properties::getConnectTimeout).to(builder::connectTimeout);
        map.from(properties::getQueryTimeout).to(builder::queryTimeout);
        map.from(properties::getStatementCacheSize).to(builder::statementCacheSize);
        map.from(properties::getTargetSessionAttrs).to(builder::targetSessionAttrs);
        map.from(properties::getTransactionPooling).to(builder::transactionPooling);
        map.from(properties::getLoadBalanceHosts).to(builder::loadBalanceHosts);
        map.from(properties::getPassFile).to(builder::passFile);
        map.from(properties::getRequireAuth).to(builder::requireAuth);
        map.from(properties::getChannelBinding).to(builder::channelBinding);
        map.from(properties::getAllowCleartextPassword).to(builder::allowCleartextPassword);
        map.from(properties::getMinProtocolVersion).to(builder::minProtocolVersion);
        map.from(properties::getMaxProtocolVersion).to(builder::maxProtocolVersion);
        map.from(properties.getKeepAlive()::toTcpKeepAlive)
                .when(keepAlive -> !keepAlive.equals(TcpKeepAlive.SYSTEM))
                .to(builder::keepAlive);
        credentials.ifAvailable(builder::credentials);
        properties.getStartupParameters().forEach(builder::startupParameter);
        applySsl(builder, sslBundle(details));
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

    private void applySsl(PgConnectOptions.Builder builder, @Nullable SslBundle bundle) {
        SslMode mode = properties.getSsl().getMode();
        PropertyMapper map = PropertyMapper.get();
        map.from(properties.getSsl()::getNegotiation).to(builder::sslNegotiation);
        map.from(properties.getSsl()::getRootCert).to(builder::sslRootCert);
        map.from(properties.getSsl()::toClientCert).to(builder::sslClientCert);
        if (bundle != null) {
            builder.sslContext(new ReloadableSslContext(bundle.createSslContext()));
        }
        if (mode != null) {
            builder.sslMode(mode);
        }
    }
}
