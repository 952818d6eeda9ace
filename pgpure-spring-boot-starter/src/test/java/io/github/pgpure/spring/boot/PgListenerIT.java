package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.Notification;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgListener;
import io.github.pgpure.spring.PgListenerErrorHandler;
import io.github.pgpure.spring.PgListenerGapEvent;
import io.github.pgpure.spring.PgListenerRegistry;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.event.EventListener;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;

@ExtendWith(OutputCaptureExtension.class)
class PgListenerIT {

    private static final PostgresServer server = PostgresServer.shared();
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    PgPureAutoConfiguration.class,
                    PgListenerAutoConfiguration.class,
                    PgTransactionManagerAutoConfiguration.class,
                    TransactionAutoConfiguration.class))
            .withPropertyValues(
                    "pgpure.url=" + server.uri(),
                    "pgpure.pool.max-connections=2",
                    "app.channel=listener_from_property");

    @Test
    void deliversTextNotificationAndJson() {
        runner.withBean(Listeners.class).run(context -> {
            Listeners listeners = context.getBean(Listeners.class);
            PgTemplate pg = context.getBean(PgTemplate.class);
            awaitListening(context.getBean(PgPool.class), listeners);

            pg.execute("select pg_notify('listener_text', 'hello')");
            pg.execute("select pg_notify('listener_from_property', '')");
            pg.execute("select pg_notify('listener_json', '{\"id\": 7, \"customer\": \"Ada\"}')");

            await().atMost(LIMIT).untilAsserted(() -> {
                assertThat(listeners.texts).contains("hello");
                assertThat(listeners.notifications)
                        .anyMatch(n -> n.channel().equals("listener_from_property")
                                && n.payload().isEmpty());
                assertThat(listeners.orders).containsExactly(new Order(7, "Ada"));
            });
        });
    }

    @Test
    void aFailureIsLoggedWithoutThePayloadAndTheNextOneIsDelivered(CapturedOutput output) {
        runner.withBean(Listeners.class).run(context -> {
            Listeners listeners = context.getBean(Listeners.class);
            PgTemplate pg = context.getBean(PgTemplate.class);
            awaitListening(context.getBean(PgPool.class), listeners);

            pg.execute("select pg_notify('listener_text', 'fail with secret-payload')");
            pg.execute("select pg_notify('listener_text', 'next')");

            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(listeners.texts).contains("next"));
            assertThat(output).contains("@PgListener Listeners.text failed").contains("listener_text");
            assertThat(output).doesNotContain("secret-payload");
        });
    }

    @Test
    void anErrorHandlerTakesThePlaceOfTheLog(CapturedOutput output) {
        List<String> handled = new CopyOnWriteArrayList<>();
        PgListenerErrorHandler handler = (listener, notification, failure) ->
                handled.add(listener + ": " + notification.payload() + ": " + failure.getMessage());
        runner.withBean(Listeners.class)
                .withBean(PgListenerErrorHandler.class, () -> handler)
                .run(context -> {
                    awaitListening(context.getBean(PgPool.class), context.getBean(Listeners.class));
                    context.getBean(PgTemplate.class).execute("select pg_notify('listener_text', 'fail')");
                    await().atMost(LIMIT)
                            .untilAsserted(() -> assertThat(handled).contains("Listeners.text: fail: on purpose"));
                });
        assertThat(output).doesNotContain("@PgListener Listeners.text failed");
    }

    @Test
    void theMethodsOwnAdviceApplies() {
        runner.withBean(TransactionalListener.class).run(context -> {
            TransactionalListener listener = context.getBean(TransactionalListener.class);
            PgTemplate pg = context.getBean(PgTemplate.class);
            await().atMost(LIMIT).untilAsserted(() -> {
                pg.execute("notify listener_tx");
                assertThat(listener.seen()).isNotEmpty().doesNotContain(false);
            });
        });
    }

    @Test
    void stopsBeforeTheWebServerAndStartsAgain() {
        runner.withBean(Listeners.class).run(context -> {
            PgListenerRegistry registry = context.getBean(PgListenerRegistry.class);
            Listeners listeners = context.getBean(Listeners.class);
            PgTemplate pg = context.getBean(PgTemplate.class);
            // WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE and its graceful shutdown are below.
            assertThat(registry.getPhase()).isGreaterThan(Integer.MAX_VALUE - 1024);
            assertThat(registry.isRunning()).isTrue();
            awaitListening(context.getBean(PgPool.class), listeners);
            registry.stop();
            assertThat(registry.isRunning()).isFalse();
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(server.query(
                                    "select count(*) from pg_stat_activity where query ilike 'listen%listener_text%'"))
                            .isEqualTo("0"));
            listeners.texts.clear();
            pg.execute("select pg_notify('listener_text', 'while stopped')");
            registry.start();
            awaitListening(context.getBean(PgPool.class), listeners);
            assertThat(listeners.texts).doesNotContain("while stopped");
        });
    }

    @Test
    void aGapIsTold() {
        runner.withBean(Listeners.class).withBean(Gaps.class).run(context -> {
            Listeners listeners = context.getBean(Listeners.class);
            PgPool pool = context.getBean(PgPool.class);
            awaitListening(pool, listeners);

            server.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where query ilike 'listen%' and pid <> pg_backend_pid()");

            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(context.getBean(Gaps.class).channels)
                            .contains("listener_text", "listener_json", "listener_from_property", "listener_other"));
            listeners.texts.clear();
            awaitListening(pool, listeners);
        });
    }

    static class Gaps {
        final List<String> channels = new CopyOnWriteArrayList<>();

        @EventListener
        void gap(PgListenerGapEvent event) {
            channels.add(event.channel());
        }
    }

    @Test
    void aParameterForJsonNeedsJackson() {
        runner.withBean(Listeners.class)
                .withClassLoader(new FilteredClassLoader("tools.jackson"))
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(context.getStartupFailure())
                            .hasStackTraceContaining("tools.jackson.core:jackson-databind")
                            .hasStackTraceContaining("Listeners.json");
                });
    }

    @Test
    void moreThanOneParameterIsRefused() {
        runner.withBean(TwoParameters.class).run(context -> {
            assertThat(context).hasFailed();
            assertThat(context.getStartupFailure()).hasStackTraceContaining("at most one parameter");
        });
    }

    /** LISTEN runs in the background: sends until one arrives. */
    private static void awaitListening(PgPool pool, Listeners listeners) {
        await().atMost(LIMIT).untilAsserted(() -> {
            pool.execute("select pg_notify('listener_text', 'ping')");
            pool.execute("select pg_notify('listener_from_property', 'ping')");
            pool.execute("select pg_notify('listener_json', '')");
            assertThat(listeners.texts).contains("ping");
            assertThat(listeners.notifications).isNotEmpty();
            assertThat(listeners.emptyJson).isNotEmpty();
        });
    }

    record Order(long id, String customer) {}

    static class Listeners {
        final List<String> texts = new CopyOnWriteArrayList<>();
        final List<Notification> notifications = new CopyOnWriteArrayList<>();
        final List<Order> orders = new CopyOnWriteArrayList<>();
        final List<String> emptyJson = new CopyOnWriteArrayList<>();

        @PgListener(channels = "listener_text")
        void text(String payload) {
            if (payload.startsWith("fail")) {
                throw new IllegalStateException("on purpose");
            }
            texts.add(payload);
        }

        @PgListener(channels = {"${app.channel}", "listener_other"})
        void notification(Notification notification) {
            notifications.add(notification);
        }

        @PgListener(channels = "listener_json")
        void json(Order order) {
            orders.add(order);
        }

        @PgListener(channels = "listener_json")
        void alsoJson(String payload) {
            emptyJson.add(payload);
        }
    }

    static class TransactionalListener {
        private final List<Boolean> transactional = new CopyOnWriteArrayList<>();

        /** A method, since the bean is a proxy and its fields are not the target's. */
        public List<Boolean> seen() {
            return transactional;
        }

        @Transactional
        @PgListener(channels = "listener_tx")
        public void called() {
            transactional.add(TransactionSynchronizationManager.isActualTransactionActive());
        }
    }

    static class TwoParameters {
        @PgListener(channels = "x")
        void two(String a, String b) {}
    }
}
