package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.InvalidPasswordException;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgHost;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.UniqueViolationException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.test.PostgresServer;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Opening, using and closing a pool. */
@Timeout(60)
class PgPoolIT {

    private PoolFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
    }

    @AfterEach
    void tearDown() {
        fixture.close();
    }

    @Test
    void defaultSizeIsTwiceTheProcessorsPlusOne() { // promises S1, S10
        int expected = 2 * Runtime.getRuntime().availableProcessors() + 1;
        PgPool pool = fixture.open(PgPoolOptions.builder().name(fixture.name));
        assertThat(pool.maxConnections()).isEqualTo(expected);
        await().until(() -> pool.idleConnections() == expected);
        assertThat(fixture.backends()).isEqualTo(expected);
    }

    @Test
    void manyPlatformThreadsShareFewConnections() throws Exception { // promises S1, S3
        share(Executors.newFixedThreadPool(32));
    }

    @Test
    void manyVirtualThreadsShareFewConnections() throws Exception {
        share(PoolFixture.virtualThreads());
    }

    private void share(ExecutorService executor) throws Exception {
        PgPool pool = fixture.open(fixture.options(0, 4));
        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            int number = i;
            results.add(executor.submit(
                    () -> pool.fetchOne("select $1::int4", number).getInt(0)));
        }
        for (int i = 0; i < results.size(); i++) {
            assertThat(results.get(i).get()).isEqualTo(i);
        }
        executor.shutdown();
        assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        await().until(() -> pool.stats().activeConnections() == 0);
        PoolStats stats = pool.stats();
        assertThat(stats.acquired()).isEqualTo(stats.released()).isLessThan(2_500);
        assertThat(stats.acquired() + stats.sharedStatements()).isGreaterThanOrEqualTo(2_000);
        assertThat(stats.totalConnections()).isBetween(1, 4).isEqualTo(stats.idleConnections());
        assertThat(fixture.backends()).isEqualTo(stats.totalConnections());
    }

    @Test
    void wrongPasswordIsOneClearErrorAndLeavesNothingBehind() { // promise S1
        assertThatThrownBy(() -> PgPool.open(
                        fixture.connectOptions().password("wrong").build(),
                        fixture.options(4, 4).build()))
                .isInstanceOf(InvalidPasswordException.class)
                .hasNoSuppressedExceptions()
                .hasMessageNotContaining("wrong\"");
        assertThat(fixture.warnings()).isEmpty();
        await().until(() -> fixture.threads().isEmpty());
        assertThat(fixture.backends()).isZero();
    }

    @Test
    void unknownDatabaseIsTheServersOwnError() {
        assertThatThrownBy(() -> PgPool.open(
                        fixture.connectOptions().database("no such database").build(),
                        fixture.options(4, 4).build()))
                .isInstanceOfSatisfying(
                        PgServerException.class, e -> assertThat(e.sqlState()).isEqualTo("3D000"));
        await().until(() -> fixture.threads().isEmpty());
    }

    @Test
    void checkedOutConnectionIsForItsHolderAlone() { // promises S2, S4
        PgPool pool = fixture.open(fixture.options(2, 2));
        int pid;
        try (PgConnection connection = pool.checkoutConnection()) {
            pid = connection.backendPid();
            await().until(() -> pool.idleConnections() == 1);
            assertThat(pool.stats().activeConnections()).isEqualTo(1);
            int other = pool.fetchOne("select pg_backend_pid()").getInt(0);
            assertThat(other).isNotEqualTo(pid);
            assertThat(connection.fetchOne("select pg_backend_pid()").getInt(0)).isEqualTo(pid);
            connection.close(); // twice: the second one does nothing
        }
        await().until(() -> pool.idleConnections() == 2);
        assertThat(pool.fetchOne("select pg_backend_pid()").getInt(0)).isEqualTo(pid);
    }

    @Test
    void transactionCommitsAtTheEndAndRollsBackOnAnyThrowable() { // promise S5
        PgPool pool = fixture.open(fixture.options(1, 2));
        try (Table table = new Table(fixture.server)) {
            String insert = "insert into " + table.name + " values ($1)";
            assertThat((long) pool.inTransaction(tx -> tx.execute(insert, 1))).isEqualTo(1);
            pool.useTransaction(TransactionOptions.defaults(), tx -> tx.execute(insert, 2));
            assertThat(table.count()).isEqualTo(2);

            assertThatThrownBy(() -> pool.useTransaction(tx -> {
                        tx.execute(insert, 3);
                        throw new AssertionError("an Error");
                    }))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("an Error");
            assertThatThrownBy(() -> pool.useTransaction(tx -> {
                        tx.execute(insert, 3);
                        throw new IOException("checked");
                    }))
                    .isInstanceOf(UndeclaredThrowableException.class)
                    .hasCauseInstanceOf(IOException.class);
            assertThatThrownBy(() -> pool.useTransaction(tx -> {
                        tx.execute(insert, 3);
                        tx.execute(insert, 1);
                    }))
                    .isInstanceOf(UniqueViolationException.class)
                    .hasNoSuppressedExceptions();
            assertThatThrownBy(() -> pool.useTransaction(tx -> {
                        tx.execute(insert, 3);
                        throw new InterruptedException();
                    }))
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(table.count()).isEqualTo(2);
            await().until(() -> pool.stats().activeConnections() == 0);
            assertThat(fixture.warnings()).isEmpty();
        }
    }

    @Test
    void commitAfterASwallowedErrorIsReported() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        try (Table table = new Table(fixture.server)) {
            assertThatThrownBy(() -> pool.useTransaction(tx -> {
                        tx.execute("insert into " + table.name + " values (1)");
                        try {
                            tx.execute("select 1/0");
                        } catch (PgServerException swallowed) {
                            assertThat(swallowed.sqlState()).isEqualTo("22012");
                        }
                    }))
                    .isInstanceOf(PgServerException.class);
            assertThat(table.count()).isZero();
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
    }

    @Test
    void commitThatAnInterruptKeepsFromBeingSentIsRolledBack() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        try (Table table = new Table(fixture.server)) {
            assertThatThrownBy(() -> pool.useTransaction(tx -> {
                        tx.execute("insert into " + table.name + " values (1)");
                        Thread.currentThread().interrupt();
                    }))
                    .isInstanceOfSatisfying(
                            QueryCancelledException.class,
                            e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(table.count()).isZero();
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            assertThat(pool.stats().closed()).isZero();
            assertThat(fixture.warnings()).isEmpty();
        }
    }

    @Test
    void transactionThatWasBegunAndForgottenDoesNotReachTheNextUser() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        try (PgConnection connection = pool.checkoutConnection()) {
            connection.begin(TransactionOptions.defaults().timeout(Duration.ofMillis(1)));
        }
        try (PgConnection connection = pool.checkoutConnection()) {
            assertThat(connection.fetchOne("select 1 from pg_sleep(0.01)").getInt(0))
                    .isEqualTo(1);
            assertThat(connection.inTransaction()).isFalse();
        }
        assertThat(fixture.warnings()).isEmpty();
    }

    @Test
    void checkoutInTransactionHoldsOneConnectionUntilItIsClosed() { // promise S5
        PgPool pool = fixture.open(fixture.options(1, 1));
        try (Table table = new Table(fixture.server)) {
            try (PgTransaction tx = pool.checkoutInTransaction()) {
                tx.execute("insert into " + table.name + " values (1)");
                assertThat(pool.idleConnections()).isZero();
            }
            assertThat(table.count()).isZero();
            try (PgTransaction tx = pool.checkoutInTransaction()) {
                tx.execute("insert into " + table.name + " values (1)");
                tx.commit();
            }
            assertThat(table.count()).isEqualTo(1);
            await().until(() -> pool.idleConnections() == 1);
        }
    }

    @Test
    void closeWaitsForThoseInUseAndLeavesNothingBehind() throws Exception {
        PgPool pool = fixture.open(fixture.options(3, 3));
        PgConnection connection = pool.checkoutConnection();
        CompletableFuture<Void> closing = CompletableFuture.runAsync(pool::close);
        await().until(() -> fixture.backends() == 1);
        assertThat(connection.fetchOne("select 7").getInt(0)).isEqualTo(7);
        CompletableFuture<Void> second = CompletableFuture.runAsync(pool::close);
        assertThat(closing).isNotDone();
        assertThat(second).isNotDone();
        connection.close();
        closing.get(10, TimeUnit.SECONDS);
        second.get(10, TimeUnit.SECONDS);
        await().until(() -> fixture.backends() == 0);
        await().until(() -> fixture.threads().isEmpty());
        assertThat(fixture.warnings()).isEmpty();
        assertThat(pool.isClosed()).isTrue();
        assertThat(pool.stats().totalConnections()).isZero();
    }

    @Test
    void closeAbortsWhatIsInUseWhenItsTimeIsUp() {
        PgPool pool = fixture.open(fixture.options(1, 1).closeTimeout(Duration.ofMillis(200)));
        CompletableFuture<?> call = CompletableFuture.supplyAsync(() -> pool.fetchOne("select pg_sleep(30)"));
        await().until(() -> pool.stats().activeConnections() == 1);
        long start = System.nanoTime();
        pool.close();
        assertThat(System.nanoTime() - start).isBetween(200_000_000L, 5_000_000_000L);
        assertThatThrownBy(() -> call.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(PgConnectionException.class);
        assertThat(fixture.warnings()).singleElement().asString().contains("active=1", "closed anyway");
        await().until(() -> fixture.threads().isEmpty());
    }

    @Test
    void closedPoolSaysSo() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        pool.close();
        assertThatThrownBy(() -> pool.fetchOne("select 1"))
                .isInstanceOfSatisfying(
                        PgConnectionException.class,
                        e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT))
                .hasMessageContaining("is closed");
        assertThatThrownBy(pool::checkoutConnection).isInstanceOf(PgConnectionException.class);
        assertThatThrownBy(() -> pool.listen("channel", notification -> {})).isInstanceOf(PgConnectionException.class);
    }

    @Test
    void softEvictReplacesEveryConnection() {
        PgPool pool = fixture.open(fixture.options(2, 2));
        PgConnection connection = pool.checkoutConnection();
        int pid = connection.backendPid();
        pool.softEvict();
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        connection.close();
        await().until(() -> pool.idleConnections() == 2);
        assertThat(pool.stats().opened()).isEqualTo(4);
        assertThat(pool.fetchOne("select pg_backend_pid()").getInt(0)).isNotEqualTo(pid);
    }

    @Test
    void poolCanBeMadeLargerAndSmaller() {
        PgPool pool = fixture.open(fixture.options(2, 2));
        pool.resize(4, 4);
        assertThat(pool.maxConnections()).isEqualTo(4);
        await().until(() -> pool.idleConnections() == 4);
        List<PgConnection> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(pool.checkoutConnection());
        }
        pool.resize(1, 1);
        assertThat(pool.idleConnections()).isZero();
        held.forEach(PgConnection::close);
        assertThat(pool.stats().totalConnections()).isEqualTo(1);
        await().until(() -> fixture.backends() == 1);
        assertThatThrownBy(() -> pool.resize(1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.resize(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void suspendedPoolHasCallersWaitUntilItIsResumed() throws Exception {
        PgPool pool = fixture.open(fixture.options(2, 2));
        PgConnection held = pool.checkoutConnection();
        pool.suspend();
        assertThat(held.fetchOne("select 1").getInt(0)).isEqualTo(1);
        held.close();
        CompletableFuture<Integer> call =
                CompletableFuture.supplyAsync(() -> pool.fetchOne("select 7").getInt(0));
        await().until(() -> pool.waitingTasks() == 1);
        await().until(() -> pool.idleConnections() == 2);
        pool.resume();
        assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo(7);
    }

    @Test
    void listenerIsToldWhatHappens() {
        List<String> told = new CopyOnWriteArrayList<>();
        var listener = new PoolListener() {
            @Override
            public void opened(int backendPid, PgHost host, long tookNanos) {
                assertThat(tookNanos).isPositive();
                assertThat(host.port()).isEqualTo(fixture.server.port());
                told.add("opened");
            }

            @Override
            public void closed(int backendPid, CloseReason reason) {
                told.add("closed " + reason.name());
            }

            @Override
            public void acquired(int backendPid, long waitedNanos) {
                told.add("acquired");
            }

            @Override
            public void released(int backendPid, long usedNanos) {
                told.add("released");
                throw new IllegalStateException("a listener's failure harms nobody");
            }

            @Override
            public void acquireFailed(PgException failure) {
                told.add("failed " + failure.getClass().getSimpleName());
            }
        };
        try (PgPool pool = PgPool.open(
                fixture.connectOptions().build(),
                fixture.options(1, 1).acquireTimeout(Duration.ofMillis(50)).build(),
                listener)) {
            try (PgConnection held = pool.checkoutConnection()) {
                assertThatThrownBy(() -> pool.execute("select 1")).isInstanceOf(AcquireTimeoutException.class);
                fixture.terminate(held.backendPid());
                assertThatThrownBy(() -> held.execute("select 1")).isInstanceOf(PgException.class);
            }
            await().until(() -> told.contains("closed LOST"));
            await().until(() -> pool.idleConnections() == 1);
        }
        assertThat(told)
                .containsExactlyInAnyOrder(
                        "opened",
                        "acquired",
                        "failed AcquireTimeoutException",
                        "released",
                        "closed LOST",
                        "opened",
                        "closed POOL_CLOSED");
    }

    @Test
    void toStringShowsStateAndNoSecret() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        assertThat(pool.toString()).contains(fixture.name, "idle=1", "max=1").doesNotContain(fixture.server.password());
    }

    /** A table with one unique column. */
    private record Table(PostgresServer server, String name) implements AutoCloseable {

        Table(PostgresServer server) {
            this(server, "pool_it_" + System.nanoTime());
            server.execute("create table " + name + " (id int unique)");
        }

        int count() {
            return Integer.parseInt(server.query("select count(*) from " + name));
        }

        @Override
        public void close() {
            server.execute("drop table " + name);
        }
    }
}
