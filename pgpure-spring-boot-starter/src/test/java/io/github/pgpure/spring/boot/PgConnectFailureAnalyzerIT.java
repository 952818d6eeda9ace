package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.test.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** An application that cannot connect is told what to do. */
class PgConnectFailureAnalyzerIT {

    private final PostgresServer server = PostgresServer.embedded();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
            .withPropertyValues("pgpure.pool.acquire-timeout=5s", "pgpure.pool.max-connections=1");

    @Test
    void connectionRefused() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        analyze("postgresql://u@127.0.0.1:" + port + "/db", analysis -> {
            assertThat(analysis.getDescription()).contains("127.0.0.1:" + port);
            assertThat(analysis.getAction()).contains("Start the PostgreSQL server", "pgpure.url");
        });
    }

    @Test
    void unknownHost() {
        analyze("postgresql://u@no-such-host.invalid/db", analysis -> {
            assertThat(analysis.getDescription()).contains("no-such-host.invalid");
            assertThat(analysis.getAction()).contains("host name");
        });
    }

    @Test
    void wrongPassword() {
        analyze(server.uri(server.database(), server.username(), "wrong-secret"), analysis -> {
            assertThat(analysis.getAction()).contains("pgpure.username", "pgpure.password");
            assertThat(analysis.getDescription()).doesNotContain("wrong-secret");
        });
    }

    @Test
    void missingPassword() {
        analyze(
                server.uri(server.database(), server.username(), ""),
                analysis -> assertThat(analysis.getAction()).contains("pgpure.password"));
    }

    @Test
    void unknownDatabase() {
        analyze(server.uri("pgpure_no_such_database"), analysis -> {
            assertThat(analysis.getDescription()).contains("pgpure_no_such_database");
            assertThat(analysis.getAction()).contains("CREATE DATABASE", "pgpure.database");
        });
    }

    @Test
    void tlsRefused() {
        try (PostgresServer plain = PostgresServer.start()) {
            analyze(
                    plain.uri() + "?sslmode=require",
                    analysis -> assertThat(analysis.getAction()).contains("pgpure.ssl.mode", "ssl = on"));
        }
    }

    private void analyze(String url, Consumer<FailureAnalysis> expectation) {
        runner.withPropertyValues("pgpure.url=" + url).run(context -> {
            assertThat(context).hasFailed();
            FailureAnalysis analysis = new PgConnectFailureAnalyzer().analyze(context.getStartupFailure());
            assertThat(analysis)
                    .as("analysis of %s", context.getStartupFailure())
                    .isNotNull();
            expectation.accept(analysis);
        });
    }
}
