package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.SslMode;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.TestCertificate;
import java.security.KeyStore;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class PgSslBundleIT {

    private static PostgresServer server;
    private static TestCertificate first;
    private static TestCertificate second;

    private final DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry();

    private ApplicationContextRunner runner;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        first = TestCertificate.selfSigned("localhost", "dns:localhost", "ip:127.0.0.1");
        second = TestCertificate.selfSigned("localhost", "dns:localhost", "ip:127.0.0.1");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void prepare() {
        server.enableTls(first);
        bundles.registerBundle("db", trusting(first));
        runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
                .withBean(SslBundles.class, () -> bundles)
                .withPropertyValues(
                        "pgpure.url=" + server.uri(), "pgpure.ssl.bundle=db", "pgpure.pool.max-connections=2");
    }

    @Test
    void aBundleVerifiesTheServerInFull() {
        runner.run(context -> {
            PgPool pool = context.getBean(PgPool.class);
            assertThat(pool.connectOptions().sslMode()).isEqualTo(SslMode.VERIFY_FULL);
            assertThat(pool.fetchOne("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
                            .getBoolean(0))
                    .isTrue();
        });
    }

    @Test
    void theModeCanBeGivenBesideTheBundle() {
        runner.withPropertyValues("pgpure.ssl.mode=verify-ca")
                .run(context -> assertThat(
                                context.getBean(PgPool.class).connectOptions().sslMode())
                        .isEqualTo(SslMode.VERIFY_CA));
    }

    @Test
    void aCertificateThatTheBundleDoesNotTrustFailsTheStart() {
        server.enableTls(second);
        runner.withPropertyValues("pgpure.pool.acquire-timeout=5s").run(context -> {
            assertThat(context).hasFailed();
            FailureAnalysis analysis = new PgConnectFailureAnalyzer().analyze(context.getStartupFailure());
            assertThat(analysis.getAction()).contains("pgpure.ssl.bundle", "pgpure.ssl.mode");
        });
    }

    @Test
    void anUnknownBundleFailsTheStart() {
        runner.withPropertyValues("pgpure.ssl.bundle=other")
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining("other"));
    }

    @Test
    void aRenewedBundleReplacesTheConnections() {
        runner.run(context -> {
            PgPool pool = context.getBean(PgPool.class);
            int before = pool.fetchOne("select pg_backend_pid()").getInt(0);
            server.enableTls(second);

            bundles.updateBundle("db", trusting(second));

            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                assertThat(server.query("select count(*) from pg_stat_activity where pid = " + before))
                        .isEqualTo("0");
                assertThat(pool.fetchOne("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
                                .getBoolean(0))
                        .isTrue();
            });
        });
        // The context is closed: a later renewal must not trouble anybody.
        bundles.updateBundle("db", trusting(first));
    }

    private static SslBundle trusting(TestCertificate certificate) {
        try {
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry("server", certificate.certificate());
            return SslBundle.of(SslStoreBundle.of(null, null, trust));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
