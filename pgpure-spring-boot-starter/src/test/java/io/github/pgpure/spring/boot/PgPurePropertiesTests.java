package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.AuthenticationMethod;
import io.github.pgpure.ChannelBinding;
import io.github.pgpure.LoadBalanceHosts;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.ProtocolVersion;
import io.github.pgpure.ReadRouting;
import io.github.pgpure.SslClientCert;
import io.github.pgpure.SslMode;
import io.github.pgpure.SslNegotiation;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.TcpKeepAlive;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class PgPurePropertiesTests {

    @Test
    void bindsEveryKeyRelaxed() {
        PgPureProperties properties = bind(Map.ofEntries(
                Map.entry("pgpure.url", "postgresql://h/db"),
                Map.entry("pgpure.host", "h"),
                Map.entry("pgpure.port", "5433"),
                Map.entry("pgpure.database", "shop"),
                Map.entry("pgpure.username", "u"),
                Map.entry("pgpure.password", "p"),
                Map.entry("pgpure.applicationName", "app"),
                Map.entry("pgpure.connect-timeout", "3s"),
                Map.entry("pgpure.query_timeout", "250ms"),
                Map.entry("pgpure.slow-query-threshold", "150ms"),
                Map.entry("pgpure.statement-cache-size", "7"),
                Map.entry("pgpure.target-session-attrs", "prefer-standby"),
                Map.entry("pgpure.ssl.mode", "verify-full"),
                Map.entry("pgpure.ssl.bundle", "db"),
                Map.entry("pgpure.pool.max-connections", "4"),
                Map.entry("pgpure.pool.min-idle", "2"),
                Map.entry("pgpure.pool.acquire-timeout", "1s"),
                Map.entry("pgpure.pool.max-lifetime", "2m"),
                Map.entry("pgpure.pool.idle-timeout", "0"),
                Map.entry("pgpure.pool.keepalive-interval", "30s"),
                Map.entry("pgpure.pool.close-timeout", "5s"),
                Map.entry("pgpure.transaction-pooling", "true"),
                Map.entry("pgpure.load-balance-hosts", "random"),
                Map.entry("pgpure.read-routing", "prefer-standby"),
                Map.entry("pgpure.pass-file", ".pgpass"),
                Map.entry("pgpure.require-auth", "scram-sha-256, none"),
                Map.entry("pgpure.channel-binding", "require"),
                Map.entry("pgpure.allow-cleartext-password", "true"),
                Map.entry("pgpure.min-protocol-version", "v3.0"),
                Map.entry("pgpure.max-protocol-version", "v3.2"),
                Map.entry("pgpure.keep-alive.idle", "30s"),
                Map.entry("pgpure.keep-alive.interval", "10s"),
                Map.entry("pgpure.keep-alive.count", "3"),
                Map.entry("pgpure.ssl.negotiation", "direct"),
                Map.entry("pgpure.ssl.root-cert", "root.crt"),
                Map.entry("pgpure.ssl.certificate", "client.crt"),
                Map.entry("pgpure.ssl.privateKey", "client.key"),
                Map.entry("pgpure.ssl.private-key-password", "key-secret"),
                Map.entry("pgpure.from-environment", "true"),
                Map.entry("pgpure.pool.fail-fast", "false"),
                Map.entry("pgpure.startup-parameters.search_path", "app"),
                Map.entry("pgpure.pool.leak-detection-threshold", "1m"),
                Map.entry("pgpure.pool.reset-on-return", "true"),
                Map.entry("pgpure.pool.read-your-writes-timeout", "100ms"),
                Map.entry("pgpure.pool.name", "main"),
                Map.entry("pgpure.embedded.enabled", "true"),
                Map.entry("pgpure.embedded.port", "1"),
                Map.entry("pgpure.embedded.data-directory", "data"),
                Map.entry("pgpure.embedded.start-timeout", "90s")));

        assertThat(properties.getUrl()).isEqualTo("postgresql://h/db");
        assertThat(properties.getHost()).isEqualTo("h");
        assertThat(properties.getPort()).isEqualTo(5433);
        assertThat(properties.getDatabase()).isEqualTo("shop");
        assertThat(properties.getUsername()).isEqualTo("u");
        assertThat(properties.getPassword()).isEqualTo("p");
        assertThat(properties.getApplicationName()).isEqualTo("app");
        assertThat(properties.getConnectTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(properties.getQueryTimeout()).isEqualTo(Duration.ofMillis(250));
        assertThat(properties.getSlowQueryThreshold()).isEqualTo(Duration.ofMillis(150));
        assertThat(properties.getStatementCacheSize()).isEqualTo(7);
        assertThat(properties.getTargetSessionAttrs()).isEqualTo(TargetSessionAttrs.PREFER_STANDBY);
        assertThat(properties.getSsl().getMode()).isEqualTo(SslMode.VERIFY_FULL);
        assertThat(properties.getSsl().getBundle()).isEqualTo("db");
        PgPoolOptions pool = properties.getPool().toBuilder().build();
        assertThat(pool.maxConnections()).isEqualTo(4);
        assertThat(pool.minIdle()).isEqualTo(2);
        assertThat(pool.acquireTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(pool.maxLifetime()).isEqualTo(Duration.ofMinutes(2));
        assertThat(pool.idleTimeout()).isZero();
        assertThat(pool.keepaliveInterval()).isEqualTo(Duration.ofSeconds(30));
        assertThat(pool.closeTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(pool.name()).isEqualTo("main");
        assertThat(pool.leakDetectionThreshold()).isEqualTo(Duration.ofMinutes(1));
        assertThat(pool.resetOnReturn()).isTrue();
        assertThat(pool.readYourWritesTimeout()).isEqualTo(Duration.ofMillis(100));
        assertThat(properties.getTransactionPooling()).isTrue();
        assertThat(properties.getLoadBalanceHosts()).isEqualTo(LoadBalanceHosts.RANDOM);
        assertThat(properties.getReadRouting()).isEqualTo(ReadRouting.PREFER_STANDBY);
        assertThat(properties.getPassFile()).hasToString(".pgpass");
        assertThat(properties.getRequireAuth())
                .containsExactlyInAnyOrder(AuthenticationMethod.SCRAM_SHA_256, AuthenticationMethod.NONE);
        assertThat(properties.getChannelBinding()).isEqualTo(ChannelBinding.REQUIRE);
        assertThat(properties.getAllowCleartextPassword()).isTrue();
        assertThat(properties.getMinProtocolVersion()).isEqualTo(ProtocolVersion.V3_0);
        assertThat(properties.getMaxProtocolVersion()).isEqualTo(ProtocolVersion.V3_2);
        assertThat(properties.getKeepAlive().toTcpKeepAlive())
                .isEqualTo(new TcpKeepAlive(true, Duration.ofSeconds(30), Duration.ofSeconds(10), 3));
        assertThat(properties.getSsl().getNegotiation()).isEqualTo(SslNegotiation.DIRECT);
        assertThat(properties.getSsl().getRootCert()).hasToString("root.crt");
        assertThat(properties.getSsl().toClientCert())
                .isEqualTo(new SslClientCert(Path.of("client.crt"), Path.of("client.key"), "key-secret"));
        assertThat(properties.isFromEnvironment()).isTrue();
        assertThat(pool.failFast()).isFalse();
        assertThat(properties.getStartupParameters()).containsExactly(Map.entry("search_path", "app"));
        assertThat(properties.getEmbedded().isEnabled()).isTrue();
        assertThat(properties.getEmbedded().getPort()).isEqualTo(1);
        assertThat(properties.getEmbedded().getDataDirectory()).hasToString("data");
        assertThat(properties.getEmbedded().getStartTimeout()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void poolDefaultsAreThoseOfCore() {
        PgPoolOptions options = new PgPureProperties().getPool().toBuilder().build();

        assertThat(options).usingRecursiveComparison().isEqualTo(PgPoolOptions.defaults());
    }

    @Test
    void toStringShowsNoPassword() {
        PgPureProperties properties = bind(Map.of(
                "pgpure.url",
                "postgresql://u:url-secret@h/db",
                "pgpure.password",
                "own-secret",
                "pgpure.username",
                "u"));

        assertThat(properties.toString()).doesNotContain("secret").contains("username=u");
    }

    private static PgPureProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bind("pgpure", PgPureProperties.class)
                .get();
    }
}
