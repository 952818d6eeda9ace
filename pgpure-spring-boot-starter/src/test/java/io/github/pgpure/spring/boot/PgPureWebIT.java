package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgListener;
import io.github.pgpure.spring.PgListenerRegistry;
import io.github.pgpure.test.PostgresServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running web application with the actuator, seen over HTTP. */
class PgPureWebIT {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final HttpClient http = HttpClient.newHttpClient();

    private static PostgresServer server;
    private static ConfigurableApplicationContext application;
    private static PgPool pool;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        application = run();
        pool = application.getBean(PgPool.class);
    }

    private static ConfigurableApplicationContext run() {
        return new SpringApplicationBuilder(Application.class)
                .run(
                        "--server.port=0",
                        "--pgpure.url=" + server.uri(),
                        "--pgpure.pool.max-connections=2",
                        "--management.endpoints.web.exposure.include=*",
                        "--management.endpoint.health.probes.enabled=true",
                        "--management.endpoint.health.show-components=always",
                        "--management.endpoint.health.group.readiness.include=readinessState,pgpure");
    }

    @AfterAll
    static void stop() {
        application.close();
        server.close();
    }

    @Test
    void oneStatementIsCancelled() throws Exception {
        var caller = CompletableFuture.runAsync(() -> pool.execute("select pg_sleep(60), 'secret literal'"));
        JsonNode running = awaitRunning();
        assertThat(running.path("sql").asString()).isEqualTo("select pg_sleep(?), ?");
        assertThat(running.path("holder").asString()).isNotEmpty();
        String path = "/actuator/pgpure/pgPool/" + running.path("backendPid").asInt();
        String body = "{\"operation\": " + running.path("operation").asLong() + "}";

        HttpResponse<String> unknown = post("/actuator/pgpure/noSuchPool/1", body);
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(get("/actuator/pgpure/noSuchPool").statusCode()).isEqualTo(404);
        assertThat(post(path, "{}").statusCode()).isEqualTo(400);
        assertThat(json(post(path, "{\"operation\": 999999}")).path("cancelled").asBoolean())
                .isFalse();
        assertThat(json(post(path, body)).path("cancelled").asBoolean()).isTrue();

        assertThatThrownBy(() -> caller.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(QueryCancelledException.class);
        // Too late, and harmless.
        assertThat(json(post(path, body)).path("cancelled").asBoolean()).isFalse();
        assertThat(pool.fetchOne("select 1").getInt(0)).isOne();
    }

    private static JsonNode awaitRunning() {
        return await().atMost(LIMIT)
                .until(
                        () -> json(get("/actuator/pgpure/pgPool"))
                                .path("connections")
                                .get(0),
                        first -> first.path("state").asString().equals("RUNNING"));
    }

    @Test
    void theStateOfThePoolIsShown() throws Exception {
        assertThat(pool.fetchOne("select 1").getInt(0)).isOne();
        String body = get("/actuator/pgpure").body();
        JsonNode shown = JsonMapper.shared().readTree(body).path("pools").path("pgPool");

        assertThat(body).doesNotContain(server.password());
        assertThat(shown.path("stats").path("waitingTasks").asInt(-1)).isZero();
        assertThat(shown.path("statementCacheSize").asInt()).isEqualTo(256);
        assertThat(shown.path("connections").isEmpty()).isFalse();
        assertThat(shown.path("connections")).allSatisfy(connection -> {
            assertThat(connection.path("state").asString()).isEqualTo("IDLE");
            assertThat(connection.path("age").asString()).startsWith("PT");
            assertThat(connection.path("backendPid").asInt()).isPositive();
        });
    }

    @Test
    void softEvictReplacesTheConnections() throws Exception {
        int before = pool.fetchOne("select pg_backend_pid()").getInt(0);

        assertThat(post("/actuator/pgpure/pgPool", "{\"action\": \"soft-evict\"}")
                        .statusCode())
                .isEqualTo(200);

        await().atMost(LIMIT)
                .until(() -> server.query("select count(*) from pg_stat_activity where pid = " + before)
                        .equals("0"));
        assertThat(post("/actuator/pgpure/pgPool", "{\"action\": \"explode\"}").statusCode())
                .isEqualTo(400);
    }

    @Test
    void livenessDoesNotDependOnTheDatabaseAndReadinessMay() throws Exception {
        assertThat(get("/actuator/health/liveness").body()).contains("UP").doesNotContain("pgpure");
        assertThat(get("/actuator/health/readiness").body()).contains("UP").contains("pgpure");
        server.stop();
        try {
            assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(200);
            assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(503);
        } finally {
            server.startAgain();
        }
        await().atMost(LIMIT).until(() -> get("/actuator/health/readiness").statusCode() == 200);
    }

    @Test
    void listenersStartAfterTheWebServerAndStopBeforeIt() {
        Phases phases;
        try (ConfigurableApplicationContext own = run()) {
            phases = own.getBean(Phases.class);
            assertThat(own.getBean(PgListenerRegistry.class).isRunning()).isTrue();
        }
        assertThat(phases.listening).containsExactly("start: false", "stop: false");
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body());
    }

    private static URI uri(String path) {
        return URI.create("http://localhost:" + application.getEnvironment().getProperty("local.server.port") + path);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(
            exclude = {
                DataSourceAutoConfiguration.class,
                HibernateJpaAutoConfiguration.class,
                FlywayAutoConfiguration.class,
                LiquibaseAutoConfiguration.class
            })
    static class Application {

        @Bean
        Listener listener() {
            return new Listener();
        }

        @Bean
        Phases phases(ObjectProvider<PgListenerRegistry> registry) {
            return new Phases(registry);
        }
    }

    static class Listener {
        @PgListener(channels = "web")
        void heard(String payload) {}
    }

    /** Starts right after the web server and stops right before it begins to shut down. */
    static class Phases implements SmartLifecycle {
        final List<String> listening = new ArrayList<>();
        private final ObjectProvider<PgListenerRegistry> registry; // not the bean: that would be started first
        private boolean running;

        Phases(ObjectProvider<PgListenerRegistry> registry) {
            this.registry = registry;
        }

        @Override
        public void start() {
            listening.add("start: " + registry.getObject().isRunning());
            running = true;
        }

        @Override
        public void stop() {
            listening.add("stop: " + registry.getObject().isRunning());
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1;
        }
    }
}
