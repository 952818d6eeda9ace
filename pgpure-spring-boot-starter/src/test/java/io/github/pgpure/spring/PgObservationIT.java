package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.RowStream;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

class PgObservationIT {

    private static final String DATABASE = "pgpure_observation";
    private static final PostgresServer server = PostgresServer.shared();

    private static PgPool pool;

    private final List<Observation.Context> stopped = new CopyOnWriteArrayList<>();
    private final ObservationRegistry registry = ObservationRegistry.create();
    private final PgTemplate pg = new PgTemplate(pool);
    private final PgTransactionManager manager = new PgTransactionManager(pool);

    @BeforeAll
    static void openPool() {
        server.createDatabase(DATABASE);
        pool = PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder().maxConnections(3).build());
        pool.execute("create table item (id int primary key, name text)");
    }

    @AfterAll
    static void closePool() {
        pool.close();
        server.dropDatabase(DATABASE);
    }

    @BeforeEach
    void observe() {
        pool.execute("delete from item");
        registry.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }

            @Override
            public void onStop(Observation.Context context) {
                stopped.add(context);
            }
        });
        pg.setObservation(registry, null);
        manager.setObservationRegistry(registry);
    }

    @Test
    void anOperationIsObservedByTheConventionsOfOpenTelemetry() {
        pg.execute("insert into item values ($1, 'secret literal')", 1);

        Observation.Context context = only();
        assertThat(context.getName()).isEqualTo("db.client.operation.duration");
        assertThat(context.getContextualName()).isEqualTo("INSERT item");
        assertThat(context.getLowCardinalityKeyValues())
                .contains(
                        KeyValue.of("db.system.name", "postgresql"),
                        KeyValue.of("db.namespace", DATABASE),
                        KeyValue.of("db.operation.name", "INSERT"),
                        KeyValue.of("db.query.summary", "INSERT item"),
                        KeyValue.of("server.address", server.host()),
                        KeyValue.of("server.port", String.valueOf(server.port())),
                        KeyValue.of("db.response.status_code", KeyValue.NONE_VALUE),
                        KeyValue.of("error.type", KeyValue.NONE_VALUE));
        assertThat(context.getHighCardinalityKeyValues())
                .containsExactly(KeyValue.of("db.query.text", "insert into item values ($1, ?)"));
    }

    @Test
    void anErrorHasItsSqlStateAndNoValues() {
        pg.execute("insert into item values ($1, $2)", 1, "very-secret");
        assertThatThrownBy(() -> pg.execute("insert into item values ($1, $2)", 1, "very-secret"))
                .isInstanceOf(DuplicateKeyException.class);

        Observation.Context context = stopped.get(1);
        assertThat(context.getLowCardinalityKeyValues())
                .contains(KeyValue.of("db.response.status_code", "23505"), KeyValue.of("error.type", "23505"));
        assertThat(context.getAllKeyValues().toString() + context.getError()).doesNotContain("very-secret");
    }

    @Test
    void aBatchHasItsSize() {
        pg.executeBatch("insert into item values ($1, $2)", List.of(new Object[] {1, "a"}, new Object[] {2, "b"}));

        assertThat(only().getLowCardinalityKeyValues()).contains(KeyValue.of("db.operation.name", "BATCH INSERT"));
        assertThat(only().getHighCardinalityKeyValues()).contains(KeyValue.of("db.operation.batch.size", "2"));
    }

    @Test
    void aStreamIsObservedUntilItIsClosed() {
        try (RowStream rows = pg.stream("select i from generate_series(1, 3) as s(i)")) {
            rows.forEach(row -> assertThat(stopped).isEmpty());
        }
        assertThat(stopped).hasSize(1);

        stopped.clear();
        assertThatThrownBy(() -> pg.stream("selec 1").close()).isNotNull();
        assertThat(stopped).hasSize(1);
        assertThat(only().getError()).isNotNull();
    }

    @Test
    void aTransactionIsTheParentOfItsStatements() {
        TransactionTemplate outer = new TransactionTemplate(manager);
        outer.setName("the outer one");
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);

        outer.executeWithoutResult(status -> {
            pg.execute("insert into item values (1, 'a')");
            inner.executeWithoutResult(s -> {
                pg.execute("insert into item values (2, 'b')");
                s.setRollbackOnly();
            });
            pg.execute("insert into item values (3, 'c')");
        });

        assertThat(stopped)
                .extracting(Observation.Context::getName)
                .containsExactly(
                        "db.client.operation.duration",
                        "db.client.operation.duration",
                        "pgpure.transaction",
                        "db.client.operation.duration",
                        "pgpure.transaction");
        Observation.Context innerTransaction = stopped.get(2);
        Observation.Context outerTransaction = stopped.get(4);
        assertThat(parent(stopped.get(0))).isSameAs(outerTransaction);
        assertThat(parent(stopped.get(1))).isSameAs(innerTransaction);
        assertThat(parent(stopped.get(3))).isSameAs(outerTransaction);
        assertThat(innerTransaction.getLowCardinalityKeyValues())
                .contains(KeyValue.of("pgpure.transaction.outcome", "rolled_back"));
        assertThat(outerTransaction.getLowCardinalityKeyValues())
                .contains(KeyValue.of("pgpure.transaction.outcome", "committed"));
        assertThat(outerTransaction.getHighCardinalityKeyValues())
                .contains(KeyValue.of("pgpure.transaction.name", "the outer one"));
        assertThat(registry.getCurrentObservation()).isNull();
    }

    @Test
    void aFailedBeginIsObserved() {
        PgPool closed = PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder().maxConnections(1).build());
        closed.close();
        var closedManager = new PgTransactionManager(closed);
        closedManager.setObservationRegistry(registry);

        assertThatThrownBy(() -> new TransactionTemplate(closedManager).executeWithoutResult(status -> {}))
                .isNotNull();

        assertThat(only().getError()).isNotNull();
        assertThat(registry.getCurrentObservation()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "PROPAGATION_REQUIRED, event",
        "PROPAGATION_REQUIRED, scope opened",
        "PROPAGATION_REQUIRES_NEW, event",
        "PROPAGATION_REQUIRES_NEW, scope opened"
    })
    void aHandlerThatFailsAtTheBeginLeavesNothingBehind(String propagation, String failing) {
        TransactionTemplate template = new TransactionTemplate(manager);
        template.setPropagationBehaviorName(propagation);
        FailingHandler handler = new FailingHandler();
        registry.observationConfig().observationHandler(handler);

        handler.failAt(failing);
        assertThatThrownBy(() -> template.executeWithoutResult(status -> pg.execute("insert into item values (1)")))
                .hasMessage("on purpose");

        assertNothingIsLeft();
        template.executeWithoutResult(status -> pg.execute("insert into item values (2)"));
        assertThat(ids()).containsExactly(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"event", "scope opened", "scope closed", "stop"})
    void aHandlerThatFailsInAnInnerTransactionLeavesTheOuterOneAsItWas(String failing) {
        TransactionTemplate outer = new TransactionTemplate(manager);
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        FailingHandler handler = new FailingHandler();
        registry.observationConfig().observationHandler(handler);

        outer.executeWithoutResult(status -> {
            pg.execute("insert into item values (1)");
            handler.failAt(failing);
            try {
                inner.executeWithoutResult(s -> {});
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("on purpose");
            }
            assertThat(handler.hasFailed()).isTrue();
            pg.execute("insert into item values (2)");
            assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                    .isTrue();
            assertThat(TransactionSynchronizationManager.isSynchronizationActive())
                    .isTrue();
            status.setRollbackOnly();
        });

        assertNothingIsLeft();
        assertThat(ids()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"scope closed", "stop"})
    void aHandlerThatFailsAtTheEndDoesNotChangeIt(String failing) {
        FailingHandler handler = new FailingHandler();
        registry.observationConfig().observationHandler(handler);

        new TransactionTemplate(manager).executeWithoutResult(status -> {
            pg.execute("insert into item values (1)");
            handler.failAt(failing);
        });

        assertThat(handler.hasFailed()).isTrue();
        assertNothingIsLeft();
        assertThat(ids()).containsExactly(1);
    }

    @Test
    void aHandlerThatFailsOnAnErrorDoesNotHideIt() {
        FailingHandler handler = new FailingHandler();
        registry.observationConfig().observationHandler(handler);

        assertThatThrownBy(() -> new TransactionTemplate(manager).executeWithoutResult(status -> {
                    pg.execute("create temp table late (id int unique deferrable initially deferred) on commit drop");
                    pg.execute("insert into late values (1), (1)");
                    handler.failAt("error");
                }))
                .isInstanceOf(DuplicateKeyException.class);

        assertThat(handler.hasFailed()).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void anAcquireIsObservedBelowWhatWantsTheConnection() throws Exception {
        var acquires = new PgAcquireObservation("observed");
        acquires.setObservationRegistry(registry);
        try (PgPool observed = PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder()
                        .maxConnections(1)
                        .acquireTimeout(Duration.ofSeconds(20))
                        .build(),
                acquires)) {
            var template = new PgTemplate(observed);
            template.setObservation(registry, null);

            template.execute("select 1"); // one is idle

            assertThat(stopped).hasSize(2);
            Observation.Context acquire = stopped.get(0);
            assertThat(acquire.getName()).isEqualTo("pgpure.acquire");
            assertThat(acquire.getContextualName()).isEqualTo("acquire observed");
            assertThat(acquire.getLowCardinalityKeyValues())
                    .contains(KeyValue.of("db.client.connection.pool.name", "observed"));
            assertThat(parent(acquire)).isSameAs(stopped.get(1));

            stopped.clear();
            var holder = observed.checkoutConnection();
            stopped.clear();
            var waiter = new Thread(() -> template.execute("select 2"));
            waiter.start();
            await().atMost(Duration.ofSeconds(20)).until(() -> observed.waitingTasks() == 1);
            assertThat(stopped).isEmpty();
            holder.close();
            waiter.join(20_000);

            assertThat(stopped)
                    .extracting(Observation.Context::getName)
                    .containsExactly("pgpure.acquire", "db.client.operation.duration");
            assertThat(parent(stopped.get(0))).isSameAs(stopped.get(1));
        }
    }

    @Test
    void anAcquireThatFailsIsObserved() {
        var acquires = new PgAcquireObservation("observed");
        acquires.setObservationRegistry(registry);
        try (PgPool observed = PgPool.open(
                        PgConnectOptions.parse(server.uri(DATABASE)),
                        PgPoolOptions.builder()
                                .maxConnections(1)
                                .acquireTimeout(Duration.ofMillis(100))
                                .build(),
                        acquires);
                PgConnection only = observed.checkoutConnection()) {
            stopped.clear();
            assertThatThrownBy(observed::checkoutConnection).isInstanceOf(AcquireTimeoutException.class);
            assertThat(only.ready()).isTrue();
        }
        assertThat(only().getName()).isEqualTo("pgpure.acquire");
        assertThat(only().getError()).isInstanceOf(AcquireTimeoutException.class);
    }

    @Test
    void theConventionCanBeReplaced() {
        pg.setObservation(registry, new DefaultPgObservationConvention() {
            @Override
            public String getName() {
                return "my.query";
            }

            @Override
            public KeyValues getHighCardinalityKeyValues(PgObservationContext context) {
                return KeyValues.empty();
            }
        });

        pg.execute("select 1");

        assertThat(only().getName()).isEqualTo("my.query");
        assertThat(only().getHighCardinalityKeyValues()).isEmpty();
    }

    private void assertNothingIsLeft() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
        assertThat(pool.stats().activeConnections()).isZero();
        assertThat(registry.getCurrentObservation()).isNull();
    }

    private static List<Integer> ids() {
        return pool.fetch("select id from item order by id").map(row -> row.getInt(0));
    }

    private Observation.Context only() {
        assertThat(stopped).hasSize(1);
        return stopped.get(0);
    }

    private static Object parent(Observation.Context context) {
        return context.getParentObservation().getContextView();
    }

    /** Fails once, for a transaction, at the step that it is told. */
    private static final class FailingHandler implements ObservationHandler<Observation.Context> {

        private String step = "";
        private boolean failed;

        void failAt(String next) {
            step = next;
        }

        boolean hasFailed() {
            return failed;
        }

        private void reached(String present, Observation.Context context) {
            if (step.equals(present) && "pgpure.transaction".equals(context.getName())) {
                step = "";
                failed = true;
                throw new IllegalStateException("on purpose");
            }
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }

        @Override
        public void onEvent(Observation.Event event, Observation.Context context) {
            reached("event", context);
        }

        @Override
        public void onScopeOpened(Observation.Context context) {
            reached("scope opened", context);
        }

        @Override
        public void onScopeClosed(Observation.Context context) {
            reached("scope closed", context);
        }

        @Override
        public void onError(Observation.Context context) {
            reached("error", context);
        }

        @Override
        public void onStop(Observation.Context context) {
            reached("stop", context);
        }
    }
}
