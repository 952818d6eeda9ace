package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgListener;
import io.github.pgpure.spring.PgListenerGapEvent;
import io.github.pgpure.spring.PgListenerRegistry;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.PemFiles;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.TestCertificate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** Ways to connect beyond a URL, and what happens when there is nothing to connect to. */
@ExtendWith(OutputCaptureExtension.class)
class PgConnectingIT {

    private static final PostgresServer server = PostgresServer.shared();
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final String home = System.getProperty("user.home");

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
            .withPropertyValues("pgpure.pool.max-connections=1", "pgpure.pool.acquire-timeout=5s");

    @AfterEach
    void goHome() {
        System.setProperty("user.home", home);
    }

    @Test
    void theEnvironmentGivesWhatThePropertiesLeaveOut() {
        PemFiles.write(
                directory.resolve(".pgpass"),
                server.host() + ":" + server.port() + ":*:" + server.username() + ":" + server.password() + "\n",
                "rw-------");
        System.setProperty("user.home", directory.toString());
        ApplicationContextRunner parts = runner.withPropertyValues(
                "pgpure.embedded.enabled=true",
                "pgpure.host=" + server.host(),
                "pgpure.port=" + server.port(),
                "pgpure.username=" + server.username(),
                "pgpure.database=" + server.database());

        parts.run(context -> assertThat(context).hasFailed());
        parts.withPropertyValues("pgpure.from-environment=true").run(context -> {
            assertThat(context).hasNotFailed().doesNotHaveBean(EmbeddedPgServer.class);
            assertThat(context.getBean(PgTemplate.class)
                            .fetchOne("select current_user")
                            .getString(0))
                    .isEqualTo(server.username());
        });
        // Without a word of where the server is, the environment decides, and no embedded one is started.
        runner.withPropertyValues(
                        "pgpure.from-environment=true", "pgpure.embedded.enabled=true", "pgpure.pool.fail-fast=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(EmbeddedPgServer.class));
    }

    @Test
    void withoutFailFastTheApplicationStartsBeforeItsServer() {
        try (PostgresServer own = PostgresServer.start()) {
            String uri = own.uri();
            own.stop();
            ApplicationContextRunner late = runner.withPropertyValues("pgpure.url=" + uri)
                    .withConfiguration(AutoConfigurations.of(PgListenerAutoConfiguration.class))
                    .withBean(Listener.class);

            late.run(context -> assertThat(context).hasFailed());
            late.withPropertyValues("pgpure.pool.fail-fast=false").run(context -> {
                assertThat(context).hasNotFailed();
                PgPool pool = context.getBean(PgPool.class);
                assertThatThrownBy(() -> pool.execute("select 1"))
                        .isInstanceOf(AcquireTimeoutException.class)
                        .hasMessageContaining("The last attempt to open one failed");
                own.startAgain();
                await().atMost(LIMIT)
                        .ignoreExceptions()
                        .until(() -> pool.fetchOne("select 1").getInt(0) == 1);
                Listener listener = context.getBean(Listener.class);
                await().atMost(LIMIT).until(() -> listener.gaps.contains("late_server"));
                pool.execute("select pg_notify('late_server', 'hello')");
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(listener.payloads).containsExactly("hello"));
            });
        }
    }

    @Test
    void aListenerThatDoesNotFailFastEndsItsAttemptsWithTheContext() {
        try (PostgresServer own = PostgresServer.start()) {
            String uri = own.uri();
            own.stop();
            runner.withPropertyValues(
                            "pgpure.url=" + uri, "pgpure.pool.fail-fast=false", "pgpure.pool.acquire-timeout=2m")
                    .withConfiguration(AutoConfigurations.of(PgListenerAutoConfiguration.class))
                    .withBean(Listener.class)
                    .run(context -> assertThat(context).hasNotFailed());
        }
        await().atMost(LIMIT)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("pg-listener-subscriber-")));
    }

    @Test
    void listenersThatCouldNotStartCanBeStartedAgain() {
        try (PostgresServer own = PostgresServer.start()) {
            runner.withPropertyValues("pgpure.url=" + own.uri(), "pgpure.pool.min-idle=0")
                    .withConfiguration(AutoConfigurations.of(PgListenerAutoConfiguration.class))
                    .withBean(Listener.class)
                    .run(context -> {
                        PgListenerRegistry registry = context.getBean(PgListenerRegistry.class);
                        registry.stop();
                        own.stop();
                        assertThatThrownBy(registry::start).isInstanceOf(PgConnectionException.class);
                        assertThat(registry.isRunning()).isFalse();
                        own.startAgain();

                        await().atMost(LIMIT).ignoreExceptions().until(() -> {
                            registry.start();
                            return registry.isRunning();
                        });

                        Listener listener = context.getBean(Listener.class);
                        PgPool pool = context.getBean(PgPool.class);
                        await().atMost(LIMIT)
                                .ignoreExceptions()
                                .until(() -> pool.execute("select pg_notify('late_server', 'hello')") == 1);
                        await().atMost(LIMIT)
                                .untilAsserted(
                                        () -> assertThat(listener.payloads).containsExactly("hello"));
                    });
        }
    }

    @Test
    void aCertificateOfTheClientLogsIn() {
        try (PostgresServer own = PostgresServer.start()) {
            TestCertificate client = TestCertificate.selfSigned("certified", "dns:client");
            Path clientFile = PemFiles.certificate(directory, "client.crt", client);
            Path key = PemFiles.key(directory, "client.key", client);
            own.createRole("certified", "no password is asked for");
            own.execute("alter system set ssl_ca_file = '" + clientFile + "'");
            Path root = PemFiles.certificate(directory, "root.crt", own.enableTls());
            ApplicationContextRunner tls = runner.withPropertyValues(
                    "pgpure.url=" + own.uri(own.database(), "certified", ""),
                    "pgpure.ssl.root-cert=" + root,
                    "pgpure.ssl.certificate=" + clientFile);
            try (var rules = own.withHba("hostssl all certified all cert", "host all certified all reject")) {
                assertThat(rules).isNotNull();
                tls.withPropertyValues("pgpure.ssl.private-key=" + key)
                        .run(context -> assertThat(context.getBean(PgPool.class)
                                        .fetchOne(
                                                "select current_user || ' ' || ssl from pg_stat_ssl where pid = pg_backend_pid()")
                                        .getString(0))
                                .isEqualTo("certified true"));
                tls.run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(PgPureConfigurationException.class)
                        .hasMessageContaining("pgpure.ssl.private-key"));
            }
        }
    }

    @Test
    void aFailedStartSaysWhatToDo(CapturedOutput output) {
        assertThatThrownBy(() -> run("--spring.datasource.url=jdbc:postgresql://localhost/shop"))
                .isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("neither 'pgpure.url' nor 'pgpure.host' is set")
                .contains("set 'pgpure.url' to that URL without the prefix 'jdbc:'");

        assertThatThrownBy(
                        () -> run("--pgpure.url=" + server.uri(server.database(), server.username(), "wrong-secret")))
                .isNotNull();
        assertThat(output)
                .contains("pgpure could not connect")
                .contains("Correct 'pgpure.username' and 'pgpure.password'")
                .doesNotContain("wrong-secret");
    }

    private static void run(String argument) {
        SpringApplication application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .build();
        application.run(argument).close();
    }

    static class Listener {

        final List<String> payloads = new CopyOnWriteArrayList<>();
        final List<String> gaps = new CopyOnWriteArrayList<>();

        @PgListener(channels = "late_server")
        void received(String payload) {
            payloads.add(payload);
        }

        @EventListener
        void missed(PgListenerGapEvent gap) {
            gaps.add(gap.channel());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(PgPureAutoConfiguration.class)
    static class Application {}
}
