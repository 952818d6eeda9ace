package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolStats;
import io.github.pgpure.test.PostgresServer;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class EmbeddedPgIT {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
            .withPropertyValues("pgpure.embedded.enabled=true", "pgpure.pool.max-connections=2");

    @Test
    void startsAServerSaysWhereAndStopsItAfterThePool(CapturedOutput output) {
        AtomicInteger port = new AtomicInteger();
        runner.run(context -> {
            PgPool pool = context.getBean(PgPool.class);
            assertThat(pool.fetchOne("show server_version").getString(0)).startsWith("18.");
            port.set(pool.connectOptions().hosts().get(0).port());
            assertThat(output).contains("postgresql://postgres@localhost:" + port + "/postgres");
            // One that is being opened while the pool is closed may last until the server's end.
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                PoolStats stats = pool.stats();
                return stats.openingConnections() == 0 && stats.idleConnections() == stats.maxConnections();
            });
        });
        Assertions.assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port.get()).close())
                .isInstanceOf(ConnectException.class);
        assertThat(output).doesNotContain("terminating connection due to administrator command");
    }

    @Test
    void doesNotStartWhereAServerIsConfigured() {
        PostgresServer server = PostgresServer.shared();
        runner.withPropertyValues("pgpure.url=" + server.uri())
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(EmbeddedPgServer.class));
    }

    @Test
    void doesNotStartWhereConnectionDetailsAreGiven() {
        PgConnectOptions options =
                PgConnectOptions.parse(PostgresServer.shared().uri());
        runner.withBean(PgConnectionDetails.class, () -> () -> options)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(EmbeddedPgServer.class));
    }

    @Test
    void doesNotStartUnlessAskedTo() {
        runner.withPropertyValues("pgpure.embedded.enabled=false")
                .run(context -> assertThat(context).hasFailed());
    }
}
