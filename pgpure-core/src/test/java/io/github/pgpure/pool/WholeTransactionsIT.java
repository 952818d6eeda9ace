package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.github.pgpure.IsolationLevel;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.Rows;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ThreadKind;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A transaction that is sent as a whole is all or nothing, alone on a connection and beside others on a shared one. */
class WholeTransactionsIT {

    private static final int CALLS = Integer.getInteger("pgpure.lanes.calls", 20_000);
    private static final int CONNECTIONS = 2;
    private static final String INSERT = "insert into whole values ($1, $2)";
    private static final String COUNT = "select count(*) from whole where id = $1";

    private final PoolFixture fixture = new PoolFixture();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> background = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Thread me = Thread.currentThread();
    private final PoolListener listener = new PoolListener() {
        @Override
        public void acquired(int backendPid, long waitedNanos) {
            if (Thread.currentThread() == me) {
                taken++;
            }
        }
    };
    private PgPool pool;

    /** How many connections this thread has taken. */
    private long taken;

    @BeforeEach
    void open() {
        pool = PgPool.open(
                fixture.connectOptions().build(),
                fixture.options(CONNECTIONS, CONNECTIONS).build(),
                listener);
        pool.execute("drop table if exists whole_child, whole");
        pool.execute("create table whole (id int primary key, text text)");
        pool.execute("create table whole_child (id int references whole deferrable initially deferred)");
    }

    @AfterEach
    void close() throws Exception {
        over.set(true);
        for (Thread thread : background) {
            thread.join();
        }
        pool.execute("drop table if exists whole_child, whole");
        pool.close();
        fixture.close();
    }

    /** Keeps all connections busy with short reads, so that everybody else shares them. */
    private void keepBusy() {
        for (int i = 0; i < 16; i++) {
            background.add(ThreadKind.PLATFORM.start(() -> {
                while (!over.get()) {
                    try {
                        pool.fetchOne("select 1 where 1 = $1", 1);
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }
            }));
        }
        PoolFixture.await().until(() -> pool.stats().sharedStatements() > 100);
    }

    /** Runs a transaction until it needs no connection of its own any more. */
    private void untilShared(Runnable transaction) {
        PoolFixture.await().until(() -> acquiredFor(transaction, 20) < 10);
    }

    /** How many connections this thread takes while a transaction is run so often. */
    private long acquiredFor(Runnable transaction, int times) {
        long before = taken;
        for (int i = 0; i < times; i++) {
            transaction.run();
        }
        return taken - before;
    }

    @Test
    void allIsDoneWhenItReturns() {
        List<CompletableFuture<?>> answers = pool.pipelineInTransaction(pipeline -> {
            var inserted = pipeline.execute(INSERT, 1, "one");
            var rows = pipeline.fetch("select text from whole where id = $1", 1);
            var updated = pipeline.execute(Query.of("update whole set text = :text where id = :id")
                    .bind("text", "two")
                    .bind("id", 1));
            var committed = pipeline.commit();
            assertThat(List.of(inserted, rows, updated, committed)).noneMatch(CompletableFuture::isDone);
            return List.of(inserted, rows, updated, committed);
        });
        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(answers.get(0).join()).isEqualTo(1L);
        assertThat(((Rows) answers.get(1).join()).get(0).getString(0)).isEqualTo("one");
        assertThat(answers.get(2).join()).isEqualTo(1L);
        assertThat(pool.fetchOne("select text from whole").getString(0)).isEqualTo("two");
    }

    @Test
    void nothingIsDoneWhenAStatementFails() {
        nothingIsDoneWhen("insert into whole values (2, 'b'), (1, 'c'), (1, 'd')", "23505");
    }

    @Test
    void nothingIsDoneWhenTheCommitFails() {
        nothingIsDoneWhen("insert into whole_child values (42)", "23503");
    }

    @Test
    void nothingIsDoneOnASharedConnectionWhenAStatementOrTheCommitFails() {
        keepBusy();
        // A statement that fails is not one whose cost is known, so these have to be learned by another way to fail.
        String duplicate = "insert into whole select $1::int from generate_series(1, $2)";
        String orphan = "insert into whole_child select $1::int from generate_series(1, $2)";
        for (String failing : List.of(duplicate, orphan)) {
            untilShared(() -> pool.pipelineInTransaction(pipeline -> {
                pipeline.execute("insert into whole values (7, 'a')");
                pipeline.execute(failing, 1, 0);
                pipeline.execute("insert into whole values (9, 'e')");
                return pipeline.execute("delete from whole");
            }));
        }
        long taken = Long.MAX_VALUE;
        // What happened to be held up by the machine has to be run by itself for a while.
        for (int round = 0; round < 3 && taken >= 100; round++) {
            taken = acquiredFor(
                    () -> {
                        nothingIsDoneWhen(duplicate, "23505", 1, 2);
                        nothingIsDoneWhen(orphan, "23503", 42, 1);
                    },
                    100);
        }
        assertThat(taken).as("connections taken").isLessThan(100);
        assertThat(failures).isEmpty();
    }

    private void nothingIsDoneWhen(String failing, String sqlState, Object... params) {
        List<CompletableFuture<Long>> answers = new ArrayList<>();
        assertThatThrownBy(() -> pool.pipelineInTransaction(pipeline -> {
                    answers.add(pipeline.execute("insert into whole values (7, 'a')"));
                    answers.add(pipeline.execute(failing, params));
                    answers.add(pipeline.execute("insert into whole values (9, 'e')"));
                    return answers.add(pipeline.execute("delete from whole"));
                }))
                .asInstanceOf(type(PgServerException.class))
                .satisfies(e -> assertThat(e.sqlState()).isEqualTo(sqlState))
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.ROLLED_BACK));
        assertThat(answers).hasSize(4).allMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(pool.fetchOne("select count(*) from whole").getLong(0)).isZero();
    }

    /** What the server never sees must not leave a transaction that is committed without it. */
    @Test
    void nothingIsDoneWhenAStatementCannotBeSent() {
        for (int busy = 0; busy < 2; busy++) {
            for (Query wrong : List.of(
                    Query.of(INSERT, 2),
                    Query.of(INSERT, 2, "two", 3),
                    Query.of("insert into whole values (:id, :text)").bind("id", 2),
                    Query.of("insert into whole values (:id, 'two')").bind("no", 2),
                    Query.of(INSERT, new Object(), "two"),
                    Query.of("insert into whole values (2, 'two'"),
                    Query.of("insert into nowhere values (2)"))) {
                for (int place = 0; place < 3; place++) {
                    int at = place;
                    assertThatThrownBy(() -> pool.pipelineInTransaction(pipeline -> {
                                for (int i = 0; i < 3; i++) {
                                    pipeline.execute(i == at ? wrong : Query.of(INSERT, 10 + i, ""));
                                }
                                return true;
                            }))
                            .as("%s at %d", wrong.sql(), at)
                            .satisfies(e -> assertThat(
                                            e instanceof PgServerException refusal ? refusal.sqlState() : "not sent")
                                    .isIn("not sent", "42601", "42P01"));
                    assertThat(pool.fetchOne("select count(*) from whole").getLong(0))
                            .as("%s at %d", wrong.sql(), at)
                            .isZero();
                }
            }
            if (busy == 0) {
                keepBusy();
            }
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void aPipelineDoesNotCommitWhatItCouldNotSend() {
        try (PgTransaction transaction = pool.checkoutInTransaction()) {
            var committed = transaction.pipeline(pipeline -> {
                pipeline.execute(INSERT, 1, "");
                pipeline.execute(INSERT, 2);
                return pipeline.commit();
            });
            assertThat(committed).isCompletedExceptionally();
        }
        assertThat(pool.fetchOne("select count(*) from whole").getLong(0)).isZero();
    }

    @Test
    @Timeout(30)
    void answerCannotBeWaitedForWhileAnotherOneIsHandedOut() {
        List<CompletableFuture<?>> waits = new ArrayList<>();
        for (int value : new int[] {0, 1}) {
            try {
                pool.pipelineInTransaction(pipeline -> {
                    var one = pipeline.fetch("select 1 / $1", value);
                    var two = pipeline.fetch("select 2");
                    waits.add(one.handle((rows, failure) -> two.join()));
                    return two;
                });
            } catch (PgException e) {
                assertThat(value).isZero();
            }
        }
        assertThat(waits)
                .hasSize(2)
                .allSatisfy(wait -> assertThatThrownBy(wait::join)
                        .hasCauseInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("thenCombine"));
    }

    @Test
    void itSharesNothingWhereCommitsWaitForStandbys() throws Exception {
        try (PostgresServer server =
                        PostgresServer.start("synchronous_standby_names=nobody", "synchronous_commit=local");
                PoolFixture replicated = new PoolFixture(server)) {
            PgPool before = pool;
            pool = PgPool.open(
                    replicated.connectOptions().build(),
                    replicated.options(CONNECTIONS, CONNECTIONS).build(),
                    listener);
            try {
                keepBusy();
                long times = acquiredFor(
                        () -> pool.pipelineInTransaction(pipeline -> pipeline.fetch("select 2 where 2 = $1", 2)), 50);
                assertThat(times).isEqualTo(50);
            } finally {
                over.set(true);
                for (Thread thread : background) {
                    thread.join();
                }
                pool.close();
                pool = before;
            }
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void itsOwnTimeoutHoldsAlsoWhereThatOfStatementsIsShorter() {
        var options = TransactionOptions.defaults().timeout(Duration.ofSeconds(20));
        try (PgPool impatient = PgPool.open(
                fixture.connectOptions().queryTimeout(Duration.ofMillis(100)).build())) {
            impatient.pipelineInTransaction(options, pipeline -> pipeline.fetch("select pg_sleep(0.3)"));
            assertThatThrownBy(() -> impatient.pipelineInTransaction(pipeline -> pipeline.fetch("select pg_sleep(20)")))
                    .isInstanceOf(QueryTimeoutException.class);
        }
    }

    @Test
    void whatWasPreparedBeforeATableChangedIsPreparedAgain() {
        pool.execute("insert into whole values (1, 'a')");
        try (var one = pool.checkoutConnection();
                var two = pool.checkoutConnection()) {
            one.fetch("select * from whole");
            two.fetch("select * from whole");
        }
        for (int i = 0; i < 3; i++) {
            pool.execute("alter table whole add column more" + i + " int");
            var rows = pool.pipelineInTransaction(pipeline -> pipeline.fetch("select * from whole"));
            assertThat(rows.join().get(0).columns()).hasSize(3 + i);
        }
    }

    @Test
    void nobodyWaitsForAnAnswerThatCannotComeYet() {
        assertThatThrownBy(() -> pool.pipelineInTransaction(
                        pipeline -> pipeline.execute(INSERT, 1, "").join()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("after pipelineInTransaction has returned");
        assertThatThrownBy(() -> pool.pipelineInTransaction(
                        pipeline -> pipeline.fetch("select 1").get()))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.pipelineInTransaction(pipeline ->
                        pipeline.fetch("select 1").thenApply(Rows::size).join()))
                .isInstanceOf(IllegalStateException.class);
        var derived = pool.pipelineInTransaction(
                pipeline -> pipeline.fetch("select 1").thenApplyAsync(Rows::size));
        assertThat(derived.join()).isEqualTo(1);
        assertThat(pool.fetchOne("select count(*) from whole").getLong(0)).isZero();
    }

    @Test
    void workThatFailsSendsNothing() {
        assertThatThrownBy(() -> pool.pipelineInTransaction(pipeline -> {
                    pipeline.execute(INSERT, 1, "");
                    throw new IOException("changed my mind");
                }))
                .isInstanceOf(UndeclaredThrowableException.class)
                .hasRootCauseMessage("changed my mind");
        assertThatThrownBy(() -> pool.pipelineInTransaction(pipeline -> {
                    pipeline.commit();
                    return pipeline.execute(INSERT, 2, "");
                }))
                .isInstanceOf(IllegalStateException.class);
        String nothing = pool.pipelineInTransaction(pipeline -> "nothing to do");
        assertThat(nothing).isEqualTo("nothing to do");
        assertThat(pool.fetchOne("select count(*) from whole").getLong(0)).isZero();
    }

    @Test
    void optionsHoldForTheWhole() {
        var readOnly = TransactionOptions.defaults().readOnly(true);
        assertThatThrownBy(() -> pool.pipelineInTransaction(readOnly, pipeline -> pipeline.execute(INSERT, 1, "")))
                .asInstanceOf(type(PgServerException.class))
                .satisfies(e -> assertThat(e.sqlState()).isEqualTo("25006"));
        var serializable = TransactionOptions.defaults().isolation(IsolationLevel.SERIALIZABLE);
        assertThat(pool.pipelineInTransaction(serializable, pipeline -> pipeline.fetch("show transaction_isolation"))
                        .join()
                        .get(0)
                        .getString(0))
                .isEqualTo("serializable");
    }

    @Test
    void whatCouldNotBeSerializedIsRunAgainWhereThatWasAskedFor() throws Exception {
        pool.execute("insert into whole values (1, '0')");
        var options = TransactionOptions.defaults()
                .isolation(IsolationLevel.REPEATABLE_READ)
                .retries(1_000);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(ThreadKind.PLATFORM.start(() -> {
                try {
                    for (int n = 0; n < 25; n++) {
                        pool.pipelineInTransaction(options, pipeline -> {
                            pipeline.fetch("select text from whole where id = 1");
                            return pipeline.execute("update whole set text = (text::int + 1)::text where id = 1");
                        });
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(pool.fetchOne("select text from whole").getString(0)).isEqualTo("100");
    }

    @Test
    void aConnectionLostBeforeItIsReplaced() {
        for (int i = 0; i < 20; i++) {
            int id = i;
            fixture.terminateAll();
            pool.pipelineInTransaction(pipeline -> pipeline.execute(INSERT, id, ""));
        }
        assertThat(pool.fetchOne("select count(*) from whole").getLong(0)).isEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void everyCallerGetsItsOwnAnswers(ThreadKind kind) throws Exception {
        pool.execute("insert into whole select i, '' from generate_series(0, 31) i");
        var calls = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            int id = i;
            threads.add(kind.start(() -> {
                try {
                    while (calls.incrementAndGet() <= CALLS) {
                        String nonce = id + "-" + calls.get();
                        var answers = pool.pipelineInTransaction(pipeline -> List.of(
                                pipeline.fetch("update whole set text = $1 where id = $2 returning id", nonce, id),
                                pipeline.fetch("select id, text from whole where id = $1", id)));
                        assertThat(answers.get(0).join().get(0).getInt(0)).isEqualTo(id);
                        var row = answers.get(1).join().get(0);
                        assertThat(row.getInt(0)).isEqualTo(id);
                        assertThat(row.getString(1)).isEqualTo(nonce);
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(pool.stats().sharedStatements()).isGreaterThan(CALLS);
        assertThat(pool.stats().opened()).as("sessions lost").isEqualTo(CONNECTIONS);
    }

    @Test
    void oneThatWaitsForALockKeepsNobodyElseWaiting() throws Exception {
        pool.execute("insert into whole values (1, '')");
        keepBusy();
        untilShared(() -> pool.pipelineInTransaction(
                pipeline -> pipeline.execute("update whole set text = $1 where id = $2", "", 1)));
        var done = new CountDownLatch(1);
        var ended = new AtomicReference<Throwable>();
        try (PgPool other = PgPool.open(fixture.connectOptions().build());
                PgTransaction holder = other.checkoutInTransaction()) {
            holder.execute("update whole set text = 'held' where id = 1");
            background.add(ThreadKind.PLATFORM.start(() -> {
                try {
                    pool.pipelineInTransaction(
                            pipeline -> pipeline.execute("update whole set text = $1 where id = $2", "waited", 1));
                } catch (Throwable e) {
                    ended.set(e);
                } finally {
                    done.countDown();
                }
            }));
            PoolFixture.await()
                    .until(() -> !fixture.server
                            .query("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
                            .equals("0"));
            long before = pool.stats().sharedStatements();
            PoolFixture.await().until(() -> pool.stats().sharedStatements() > before + 1_000);
            assertThat(done.getCount()).isEqualTo(1);
            holder.commit();
        }
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(ended.get()).isNull();
        assertThat(pool.fetchOne("select text from whole").getString(0)).isEqualTo("waited");
        assertThat(failures).isEmpty();
    }

    @Test
    void aTimeoutEndsTheWhole() throws Exception {
        pool.execute("insert into whole values (1, '')");
        try (PgPool other = PgPool.open(fixture.connectOptions().build());
                PgTransaction holder = other.checkoutInTransaction()) {
            holder.execute("update whole set text = 'held' where id = 1");
            var options = TransactionOptions.defaults().timeout(Duration.ofMillis(300));
            timesOut(options);
            keepBusy();
            timesOut(options);
        }
        assertThat(pool.fetchOne(COUNT, 2).getLong(0)).isZero();
        assertThat(failures).isEmpty();
    }

    private void timesOut(TransactionOptions options) {
        assertThatThrownBy(() -> pool.pipelineInTransaction(options, pipeline -> {
                    pipeline.execute(INSERT, 2, "");
                    return pipeline.execute("update whole set text = $1 where id = $2", "late", 1);
                }))
                .isInstanceOf(QueryTimeoutException.class);
    }

    @Test
    void whatChangesTheSessionHasAConnectionOfItsOwn() {
        keepBusy();
        for (String sql : List.of(
                "set local application_name = 'changed'",
                "select set_config('pgpure.whole', 'here', true)",
                "create temporary table whole_temporary (id int) on commit drop",
                "select 1 as one into whole_new")) {
            long taken = acquiredFor(
                    () -> {
                        pool.pipelineInTransaction(pipeline -> {
                            pipeline.fetch(sql);
                            return pipeline.fetch("select 1");
                        });
                        pool.execute("drop table if exists whole_new");
                    },
                    50);
            assertThat(taken).as(sql).isGreaterThanOrEqualTo(100);
        }
        assertThat(failures).isEmpty();
        over.set(true);
        assertThat(fixture.backends()).isEqualTo(CONNECTIONS);
    }
}
