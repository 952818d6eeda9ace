package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.Notification;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PayloadConverter;
import io.github.pgpure.spring.PgListener;
import io.github.pgpure.spring.PgListenerErrorHandler;
import io.github.pgpure.spring.PgListenerGapEvent;
import io.github.pgpure.spring.PgListenerRegistry;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.PostgresServer;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
import tools.jackson.databind.json.JsonMapper;

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
    void severalNotificationsAreHandledAtTheSameTimeWhereAskedFor() {
        runner.withBean(ConcurrentListener.class).run(context -> {
            ConcurrentListener listener = context.getBean(ConcurrentListener.class);
            PgTemplate pg = context.getBean(PgTemplate.class);
            // Each waits for the other two: with fewer threads none would get on.
            for (int i = 0; i < 3; i++) {
                pg.execute("select pg_notify('listener_three', $1)", "three " + i);
            }
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(listener.met).containsExactlyInAnyOrder("three 0", "three 1", "three 2"));

            for (int i = 0; i < 200; i++) {
                pg.execute("select pg_notify('listener_one', $1)", String.valueOf(i));
            }
            await().atMost(LIMIT).until(() -> listener.inOrder.size() == 200);
            assertThat(listener.inOrder)
                    .containsExactlyElementsOf(
                            IntStream.range(0, 200).mapToObj(String::valueOf).toList());
            assertThat(listener.mostAtOnce).hasValue(1);
        });
    }

    @Test
    void aSlowListenerHoldsUpNobodyElse() {
        runner.withBean(ConcurrentListener.class).withBean(Listeners.class).run(context -> {
            // Two of three arrive: both wait for a third.
            context.getBean(PgPool.class)
                    .execute("select pg_notify('listener_three', 'a'), pg_notify('listener_three', 'b')");
            awaitListening(context.getBean(PgPool.class), context.getBean(Listeners.class));
            assertThat(context.getBean(ConcurrentListener.class).met).isEmpty();
            context.getBean(PgPool.class).execute("select pg_notify('listener_three', 'c')");
        });
    }

    @Test
    void whatHasArrivedIsHandledBeforeTheStop() {
        List<String> handled = new CopyOnWriteArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        runner.withBean(StoppedListener.class, () -> new StoppedListener(handled, begun, goOn))
                .run(context -> {
                    PgPool pool = context.getBean(PgPool.class);
                    pool.execute("select pg_notify('listener_stop', 'one'), pg_notify('listener_stop', 'two')");
                    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
                    Thread stopper = new Thread(context.getBean(PgListenerRegistry.class)::stop);
                    stopper.start();
                    await().atMost(LIMIT)
                            .until(() ->
                                    !context.getBean(PgListenerRegistry.class).isRunning());
                    goOn.countDown();
                    stopper.join(20_000);
                    assertThat(handled).startsWith("one");
                });
    }

    @Test
    void aConcurrencyBelowOneIsRefused() {
        runner.withBean(NoThreads.class)
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining("concurrency of at least 1"));
    }

    @Test
    void eachCallIsObserved() {
        List<Observation.Context> stopped = new CopyOnWriteArrayList<>();
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }

            @Override
            public void onStop(Observation.Context context) {
                if (context.getName().equals("pgpure.listener")) {
                    stopped.add(context);
                }
            }
        });
        runner.withBean(Listeners.class)
                .withBean(ObservationRegistry.class, () -> observations)
                .run(context -> {
                    PgPool pool = context.getBean(PgPool.class);
                    // The context's start has waited for LISTEN; a probe could still be on its way and be counted.
                    pool.execute("select pg_notify('listener_other', 'secret-payload')");
                    pool.execute("select pg_notify('listener_text', 'fail with secret-payload')");
                    pool.execute("select pg_notify('listener_json', 'secret-payload')");

                    await().atMost(LIMIT).until(() -> stopped.size() >= 4); // two listen for the last one
                    assertThat(stopped)
                            .allSatisfy(each -> assertThat(each.getAllKeyValues() + "" + each.getError())
                                    .doesNotContain("secret-payload"));
                    assertThat(stopped).anySatisfy(each -> {
                        assertThat(each.getContextualName()).isEqualTo("process listener_other");
                        assertThat(each.getLowCardinalityKeyValues())
                                .contains(
                                        KeyValue.of("messaging.system", "postgresql"),
                                        KeyValue.of("messaging.destination.name", "listener_other"),
                                        KeyValue.of("pgpure.listener.name", "Listeners.notification"));
                        assertThat(each.getError()).isNull();
                    });
                    assertThat(stopped)
                            .anySatisfy(each -> assertThat(each.getError()).hasMessage("on purpose"))
                            .anySatisfy(each -> assertThat(each.getError()).hasMessageContaining("could not be read"));
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

    /** None of them is the one, so ours reads: an application with several is no error. */
    @Test
    void severalJsonMappersAreNoObstacle() {
        runner.withBean(Listeners.class)
                .withBean("oneMapper", JsonMapper.class, JsonMapper::new)
                .withBean("otherMapper", JsonMapper.class, JsonMapper::new)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(PayloadConverter.class));
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

    static class ConcurrentListener {
        final List<String> met = new CopyOnWriteArrayList<>();
        final List<String> inOrder = new CopyOnWriteArrayList<>();
        final AtomicInteger mostAtOnce = new AtomicInteger();
        private final AtomicInteger now = new AtomicInteger();
        private final CyclicBarrier three = new CyclicBarrier(3);

        @PgListener(channels = "listener_three", concurrency = 3)
        void three(String payload) throws Exception {
            three.await(60, TimeUnit.SECONDS);
            met.add(payload);
        }

        @PgListener(channels = "listener_one")
        void one(String payload) {
            mostAtOnce.accumulateAndGet(now.incrementAndGet(), Math::max);
            inOrder.add(payload);
            now.decrementAndGet();
        }
    }

    record StoppedListener(List<String> handled, CountDownLatch begun, CountDownLatch goOn) {
        @PgListener(channels = "listener_stop")
        void heard(String payload) throws InterruptedException {
            begun.countDown();
            goOn.await();
            handled.add(payload);
        }
    }

    static class NoThreads {
        @PgListener(channels = "x", concurrency = 0)
        void none(String payload) {}
    }

    static class TwoParameters {
        @PgListener(channels = "x")
        void two(String a, String b) {}
    }
}
