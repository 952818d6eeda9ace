package io.github.pgpure.spring.boot;

import io.github.pgpure.CredentialsSupplier;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.SslClientCert;
import io.github.pgpure.TcpKeepAlive;
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
        applyProperties(builder);
        credentials.ifAvailable(builder::credentials);
        properties.getStartupParameters().forEach(builder::startupParameter);
        applySsl(builder, sslBundle(details));
        customizers.forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    // Written out, since the method references of a PropertyMapper would be some forty classes to make at each start.
    private void applyProperties(PgConnectOptions.Builder builder) {
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
        if (properties.getLoadBalanceHosts() != null) {
            builder.loadBalanceHosts(properties.getLoadBalanceHosts());
        }
        if (properties.getPassFile() != null) {
            builder.passFile(properties.getPassFile());
        }
        if (properties.getRequireAuth() != null) {
            builder.requireAuth(properties.getRequireAuth());
        }
        if (properties.getChannelBinding() != null) {
            builder.channelBinding(properties.getChannelBinding());
        }
        if (properties.getAllowCleartextPassword() != null) {
            builder.allowCleartextPassword(properties.getAllowCleartextPassword());
        }
        if (properties.getMinProtocolVersion() != null) {
            builder.minProtocolVersion(properties.getMinProtocolVersion());
        }
        if (properties.getMaxProtocolVersion() != null) {
            builder.maxProtocolVersion(properties.getMaxProtocolVersion());
        }
        TcpKeepAlive keepAlive = properties.getKeepAlive().toTcpKeepAlive();
        if (!keepAlive.equals(TcpKeepAlive.SYSTEM)) {
            builder.keepAlive(keepAlive);
        }
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
        PgSslProperties ssl = properties.getSsl();
        if (ssl.getNegotiation() != null) {
            builder.sslNegotiation(ssl.getNegotiation());
        }
        if (ssl.getRootCert() != null) {
            builder.sslRootCert(ssl.getRootCert());
        }
        SslClientCert clientCert = ssl.toClientCert();
        if (clientCert != null) {
            builder.sslClientCert(clientCert);
        }
        if (bundle != null) {
            builder.sslContext(new ReloadableSslContext(bundle.createSslContext()));
        }
        if (ssl.getMode() != null) {
            builder.sslMode(ssl.getMode());
        }
    }
}
