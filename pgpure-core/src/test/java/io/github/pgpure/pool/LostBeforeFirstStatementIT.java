package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ReadRouting;
import io.github.pgpure.SqlState;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.test.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A connection that dies between its checkout and the first statement of its transaction costs nobody anything: the statement, with the BEGIN
 * that travels with it, is run on another one. From then on the transaction is what was lost.
 */
@Timeout(60)
class LostBeforeFirstStatementIT {

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
    void firstStatementIsRunOnAnotherConnection() {
        PgPool pool = fixture.open(fixture.options(3, 3));
        try (PgTransaction transaction = pool.checkoutInTransaction(
                TransactionOptions.defaults().readOnly(true).timeout(Duration.ofSeconds(20)))) {
            int lost = transaction.connection().backendPid();
            fixture.terminate(lost);
            // On the other one it is the same transaction, with all that it was begun with.
            assertThat(transaction
                            .fetchOne("select current_setting('transaction_read_only')")
                            .getString(0))
                    .isEqualTo("on");
            int backend = transaction.fetchOne("select pg_backend_pid()").getInt(0);
            assertThat(backend)
                    .isNotEqualTo(lost)
                    .isEqualTo(transaction.connection().backendPid());
            transaction.commit();
        }
        await().until(() -> pool.idleConnections() == 3);
        assertThat(pool.stats().closed()).isEqualTo(1);
        assertThat(pool.stats().activeConnections()).isZero();
    }

    @Test
    void aPoolOfOneConnectionOpensItAnew() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        var runs = new AtomicInteger();
        int value = pool.inTransaction(transaction -> {
            runs.incrementAndGet();
            fixture.terminate(transaction.connection().backendPid());
            return transaction.fetchOne("select 42").getInt(0);
        });
        assertThat(value).isEqualTo(42);
        assertThat(runs).as("the work is not run again, its first statement is").hasValue(1);
    }

    @Test
    void whatIsWrittenOnTheOtherOneIsWrittenOnce() {
        PgPool pool = fixture.open(fixture.options(2, 2));
        pool.execute("create table lost_before_first (id int)");
        try {
            for (int i = 0; i < 20; i++) {
                int id = i;
                pool.useTransaction(transaction -> {
                    // Not awaited: it dies before, while, or after the statement arrives.
                    fixture.server.query("select pg_terminate_backend("
                            + transaction.connection().backendPid() + ")");
                    transaction.execute("insert into lost_before_first values ($1)", id);
                });
            }
            assertThat(pool.fetchOne("select count(*), count(distinct id) from lost_before_first")
                            .getLong(0))
                    .isEqualTo(20);
        } finally {
            pool.execute("drop table lost_before_first");
        }
    }

    @Test
    void aConnectionLostWhileItIsAskedForItsPositionIsReplacedToo() {
        // The only host is a primary: what is tested is what comes before the transaction, not where it runs.
        PgPool pool = fixture.open(fixture.options(4, 4)
                .readRouting(ReadRouting.PREFER_STANDBY)
                .readYourWritesTimeout(Duration.ofSeconds(5)));
        for (int i = 0; i < 60; i++) {
            // Not awaited: they die before, while, or after they are asked.
            fixture.server.query(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '"
                            + fixture.name + "'");
            int value = pool.inTransaction(
                    TransactionOptions.defaults().readOnly(true),
                    transaction -> transaction.fetchOne("select 42").getInt(0));
            assertThat(value).isEqualTo(42);
        }
    }

    @Test
    void aLaterStatementFailsSinceTheFirstIsLostToo() {
        PgPool pool = fixture.open(fixture.options(2, 2));
        try (PgTransaction transaction = pool.checkoutInTransaction()) {
            transaction.fetchOne("select 1");
            fixture.terminate(transaction.connection().backendPid());
            assertThatThrownBy(() -> transaction.fetchOne("select 2")).isInstanceOf(PgException.class);
            assertThatThrownBy(() -> transaction.fetchOne("select 3")).isInstanceOf(Exception.class);
            assertThatThrownBy(transaction::commit).isInstanceOf(Exception.class);
        }
        try (PgTransaction transaction = pool.checkoutInTransaction()) {
            transaction.savepoint();
            fixture.terminate(transaction.connection().backendPid());
            assertThatThrownBy(() -> transaction.fetchOne("select 1")).isInstanceOf(PgException.class);
        }
    }

    @Test
    void aConnectionThatWasCheckedOutByItselfIsNotReplaced() {
        PgPool pool = fixture.open(fixture.options(2, 2));
        try (PgConnection connection = pool.checkoutConnection()) {
            connection.execute("set application_name = '" + fixture.name + "-own'");
            try (PgTransaction transaction = connection.begin()) {
                fixture.terminate(connection.backendPid());
                assertThatThrownBy(() -> transaction.fetchOne("select 1")).isInstanceOf(PgException.class);
            }
        }
    }

    @Test
    void whereThereIsNoOtherOneThatIsWhatTheCallerIsTold() {
        PgPool pool = fixture.open(fixture.options(2, 2).acquireTimeout(Duration.ofMillis(300)));
        List<PgConnection> held = new ArrayList<>();
        PgTransaction transaction = pool.checkoutInTransaction();
        held.add(pool.checkoutConnection());
        pool.suspend();
        fixture.terminate(transaction.connection().backendPid());
        assertThatThrownBy(() -> transaction.fetchOne("select 1"))
                .isInstanceOfSatisfying(PgException.class, e -> {
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT);
                    assertThat(e.getSuppressed()).singleElement().satisfies(LostBeforeFirstStatementIT::isLoss);
                })
                .hasMessageContaining("no connection became free within 300 ms");
        assertThatThrownBy(() -> transaction.fetchOne("select 1")).isInstanceOf(PgException.class);
        transaction.close();
        pool.resume();
        held.forEach(PgConnection::close);
        await().until(() -> pool.idleConnections() == 2);
        assertThat(pool.stats().activeConnections()).isZero();
        assertThat(pool.stats().released()).isEqualTo(pool.stats().acquired());
    }

    private static void isLoss(Throwable loss) {
        assertThat(loss)
                .isInstanceOfSatisfying(
                        PgServerException.class, e -> assertThat(e.sqlState()).isEqualTo(SqlState.ADMIN_SHUTDOWN));
    }

    @Test
    void whoClosesItWhileItWaitsForAnotherConnectionLeavesNoneBehind() throws Exception {
        PgPool pool = fixture.open(fixture.options(2, 2));
        List<Consumer<PgTransaction>> ways = List.of(
                PgTransaction::close, transaction -> transaction.connection().close());
        for (Consumer<PgTransaction> way : ways) {
            PgTransaction transaction = pool.checkoutInTransaction();
            pool.suspend();
            fixture.terminate(transaction.connection().backendPid());
            var failure = new CompletableFuture<Throwable>();
            ThreadKind.PLATFORM.start(() -> {
                try {
                    transaction.fetchOne("select 1");
                    failure.completeExceptionally(new AssertionError("it was run"));
                } catch (Throwable e) {
                    failure.complete(e);
                }
            });
            await().until(() -> pool.waitingTasks() == 1);
            way.accept(transaction);
            pool.resume();
            assertThat(failure.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(IllegalStateException.class)
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .satisfies(LostBeforeFirstStatementIT::isLoss));
            await().until(() -> pool.idleConnections() == 2);
            assertThat(pool.stats().activeConnections()).isZero();
        }
        // What was given back belongs to others.
        try (PgConnection one = pool.checkoutConnection();
                PgConnection other = pool.checkoutConnection()) {
            assertThat(one.fetchOne("select 1").getInt(0)).isEqualTo(1);
            assertThat(other.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
    }
}
