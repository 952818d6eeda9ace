package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A handle that one thread closes while another is about to use it never touches the session's next holder. */
@Timeout(60)
class SessionLeaseIT {

    private final PgConnectOptions options =
            PgConnectOptions.parse(PostgresServer.shared().uri());
    private final TypeRegistry types = new TypeRegistry();
    private Session session = Session.open(options, types);

    private SessionConnection closed;
    private SessionConnection next;

    /** The first handle is closed when its user has passed every check, and the session is another's by now. */
    @BeforeEach
    void closeOneHandleAndHandTheSessionOn() {
        closed = (SessionConnection) session.connection(ended -> {});
        closed.close();
        next = (SessionConnection) session.connection(ended -> {});
    }

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void statementOfAClosedHandleNeverReachesTheNextHoldersSession() {
        var reached = new AtomicBoolean();
        assertThatThrownBy(() -> session.perform(closed.lease(), "select 1", Deadline.NONE, wire -> reached.set(true)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("returned to its pool");
        assertThat(reached).isFalse();
        assertThat(next.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    /** The server takes a while to end the statement, the handle is closed meanwhile, and the next holder begins the moment the session is at rest. */
    @Test
    void callerWhoseStatementWasCancelledDoesNotEndTheNextHoldersOne() throws Exception {
        next.close();
        var handle = (SessionConnection) session.connection(ended -> {});
        var outcome = new CompletableFuture<Throwable>();
        var caller = new Thread(() -> {
            try {
                handle.execute("do $$ declare over timestamptz; begin"
                        + " begin perform pg_sleep(30); exception when query_canceled then null; end;"
                        + " over := clock_timestamp() + interval '0.4 s'; while clock_timestamp() < over loop"
                        + " begin perform pg_sleep(0.02); exception when query_canceled then null; end;"
                        + " end loop; end $$");
            } catch (RuntimeException e) {
                outcome.complete(e);
            }
        });
        caller.start();
        Awaitility.await().until(() -> "PgSleep".equals(waitOf(session.backendPid())));
        caller.interrupt();
        Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> !session.isRunning());
        handle.close();
        next = (SessionConnection) session.connection(ended -> {});
        var operation = new CompletableFuture<Long>();
        session.whenDrained(() -> operation.complete(session.begin(next.lease(), "the next one", Deadline.NONE)));
        assertThat(outcome.get(20, TimeUnit.SECONDS)).isInstanceOf(QueryCancelledException.class);
        caller.join(20_000);
        long number = operation.get(20, TimeUnit.SECONDS);
        assertThat(session.isOwnedBy(number)).isTrue();
        session.end(number);
        assertThat(next.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    private static String waitOf(int backendPid) {
        return PostgresServer.shared()
                .query("select coalesce(max(wait_event), '') from pg_stat_activity where pid = " + backendPid);
    }

    /** A name that is in use belongs to whoever uses it. */
    @Test
    void statementThatCouldNotBePreparedClosesNobodyElsesOfItsName() {
        next.execute("prepare taken as select 1");
        assertThatThrownBy(() -> next.prepare("taken", "select 2")).isInstanceOf(PgException.class);
        assertThatThrownBy(() -> next.prepare("taken", "copy t from stdin")).isInstanceOf(PgException.class);
        next.close();
        next = (SessionConnection) session.connection(ended -> {});
        next.fetchOne("select 3");
        assertThat(next.fetchOne("execute taken").getInt(0)).isEqualTo(1);
        next.execute("deallocate taken");
    }

    @Test
    void statementOfAClosedHandleSaysSoEvenWhileTheNextHolderIsBusy() {
        try (var stream = next.stream("select * from generate_series(1, 10000)")) {
            assertThatThrownBy(() -> session.perform(closed.lease(), "select 1", Deadline.NONE, wire -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("returned to its pool");
            assertThat(stream.stream().count()).isEqualTo(10_000);
        }
    }

    @Test
    void transactionOfAClosedHandleCannotBeginInTheNextHoldersSession() {
        assertThatThrownBy(() ->
                        session.change(closed.lease(), () -> session.runner().beginLater("begin")))
                .isInstanceOf(IllegalStateException.class);
        next.execute("select 1");
        assertThat(next.inTransaction()).isFalse();
    }

    @Test
    void rollbackOfAClosedHandleLeavesTheNextHoldersTransaction() {
        try (PgTransaction tx = next.begin(TransactionOptions.defaults())) {
            tx.execute("select 1");
            assertThatThrownBy(() -> session.rollback(closed.lease())).isInstanceOf(IllegalStateException.class);
            assertThat(session.isIdleAnd(closed.lease(), () -> true)).isFalse();
            assertThat(tx.active()).isTrue();
            tx.commit();
        }
    }

    @Test
    void closedHandleDoesNotTakeTheNextHoldersLoss() {
        try (PgTransaction tx = next.begin(TransactionOptions.defaults())) {
            assertThatThrownBy(() -> tx.execute(Query.of("select pg_sleep(60)").timeout(Duration.ofSeconds(1))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(session.takeTransactionLoss(closed.lease())).isNull();
            assertThatThrownBy(() -> tx.execute("select 1"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was rolled back");
        }
    }

    @Test
    void preparedStatementThatAStreamKeptFromBeingClosedIsClosedWithItsHandle() {
        next.close();
        try (var handle = (SessionConnection) session.connection(ended -> {})) {
            PreparedStatement kept = handle.prepare("kept", "select 1");
            try (var stream = handle.stream("select * from generate_series(1, 10000)")) {
                assertThat(stream.iterator().hasNext()).isTrue();
                assertThatThrownBy(kept::close)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("close its stream first");
            }
        }
        next = (SessionConnection) session.connection(ended -> {});
        assertThat(next.prepare("kept", "select 2").fetchOne().getInt(0)).isEqualTo(2);
    }

    /** Its thread brings the cancelled statement to an end, and would wait for itself. */
    @Test
    void noticeHandlerIsNotCalledWhileACancelledStatementIsBroughtToItsEnd() {
        var heard = new AtomicInteger();
        next.onNotice(notice -> {
            heard.incrementAndGet();
            next.execute("select 1");
        });
        next.execute("do $$ begin raise warning 'heard, and refused a statement'; end $$");
        assertThat(heard).hasValue(1);
        assertThatThrownBy(() -> next.execute(Query.of("do $$ begin perform pg_sleep(30);"
                                + " exception when query_canceled then raise warning 'too late'; end $$")
                        .timeout(Duration.ofMillis(100))))
                .isInstanceOf(QueryTimeoutException.class);
        assertThat(next.fetchOne(Query.of("select 1").timeout(Duration.ofSeconds(20)))
                        .getInt(0))
                .isEqualTo(1);
        assertThat(heard).hasValue(1);
    }

    @Test
    void streamThatIsClosedWhileItIsReadEndsTheSession() throws Exception {
        var ended = new CompletableFuture<Throwable>();
        RowStream stream = next.stream(
                "select i, pg_sleep(case when i = 1000 then 30 else 0 end)" + " from generate_series(1, 2000) i");
        var reader = new Thread(() -> {
            try {
                stream.stream().count();
            } catch (RuntimeException e) {
                ended.complete(e);
            }
        });
        reader.start();
        Awaitility.await().until(() -> "PgSleep".equals(waitOf(session.backendPid())));
        // The server may sleep already while the piece before is still being read: the reader has to wait for this one.
        Awaitility.await().until(() -> {
            StackTraceElement[] stack = reader.getStackTrace();
            return isIn(stack, PortalStream.class, "readPiece") && isIn(stack, Transport.class, "await");
        });
        stream.close();
        assertThat(ended.get(10, TimeUnit.SECONDS)).isInstanceOf(PgConnectionException.class);
        assertThat(session.isDead()).isTrue();
    }

    private static boolean isIn(StackTraceElement[] stack, Class<?> type, String method) {
        return Arrays.stream(stack)
                .anyMatch(frame -> frame.getClassName().equals(type.getName())
                        && frame.getMethodName().equals(method));
    }

    @Test
    void closedHandleHearsNoNotices() {
        var heard = new AtomicInteger();
        assertThatThrownBy(() -> closed.onNotice(notice -> heard.incrementAndGet()))
                .isInstanceOf(IllegalStateException.class);
        next.execute("do $$ begin raise notice 'for the next one'; end $$");
        assertThat(heard).hasValue(0);
    }

    /** What was done since the savepoint must not be committed, and nobody but the other thread can have it undone. */
    @Test
    void savepointThatCannotBeUndoneForAnotherThreadsStatementEndsTheSession() throws Exception {
        next.execute("drop table if exists lease_savepoint; create table lease_savepoint (i int)");
        try (PgTransaction tx = next.begin(TransactionOptions.defaults())) {
            tx.execute("insert into lease_savepoint values (1)");
            PgTransaction savepoint = tx.savepoint();
            savepoint.execute("insert into lease_savepoint values (2)");
            var other = new CompletableFuture<Throwable>();
            new Thread(() -> {
                        try {
                            tx.execute("select pg_sleep(30)");
                            other.complete(new AssertionError("it ran to its end"));
                        } catch (RuntimeException e) {
                            other.complete(e);
                        }
                    })
                    .start();
            Awaitility.await().until(() -> "select pg_sleep(30)".equals(session.lastSql()) && session.isRunning());
            assertThatThrownBy(savepoint::rollback)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("busy with a statement of thread");
            assertThatThrownBy(tx::commit)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was rolled back");
            assertThat(other.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(PgConnectionException.class)
                    .hasMessageContaining("could not be rolled back to a savepoint");
        }
        try (var connection = PgConnection.open(options)) {
            assertThat(connection
                            .fetchOne("select count(*) from lease_savepoint")
                            .getInt(0))
                    .isZero();
            // The server goes on with the other statement until it notices that its client is gone.
            connection.fetch("select pg_terminate_backend($1)", session.backendPid());
            connection.execute("drop table lease_savepoint");
        }
    }

    // --- a transaction that goes on with another session -------------------------------------------------------------

    private record Lent(Session session, List<Session> givenBack) implements Session.Loan {

        @Override
        public void accept(Session back) {
            givenBack.add(back);
        }
    }

    /** One whose number of leases is another than that of a new session. */
    private Session secondSession() {
        Session second = Session.open(options, types);
        for (int i = 0; i < 5; i++) {
            second.connection(ended -> {}).close();
        }
        return second;
    }

    @Test
    void pipelineGoesOnWithTheSessionThatReplacesALostOne() {
        Session first = Session.open(options, types);
        Session second = secondSession();
        List<Session> givenBack = new ArrayList<>();
        next.fetch("select pg_terminate_backend($1)", first.backendPid());
        try (PgTransaction tx = first.begin(
                TransactionOptions.defaults(), new Lent(first, givenBack), limit -> new Lent(second, givenBack))) {
            CompletableFuture<Rows> answer = tx.pipeline(pipeline -> {
                tx.fetch("select 1");
                return pipeline.fetch("select pg_backend_pid()");
            });
            assertThat(answer.join().get(0).getInt(0)).isEqualTo(second.backendPid());
            assertThat(givenBack).containsExactly(first);
        }
        assertThat(givenBack).containsExactly(first, second);
        second.close();
    }

    @Test
    void handleThatIsClosedWhileAnotherSessionIsBroughtGivesThatBackToo() {
        Session first = Session.open(options, types);
        Session second = secondSession();
        List<Session> givenBack = new ArrayList<>();
        var handle = new AtomicReference<PgConnection>();
        next.fetch("select pg_terminate_backend($1)", first.backendPid());
        PgTransaction tx = first.begin(TransactionOptions.defaults(), new Lent(first, givenBack), limit -> {
            handle.get().close();
            return new Lent(second, givenBack);
        });
        handle.set(tx.connection());
        assertThatThrownBy(() -> tx.fetch("select 1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("returned to its pool");
        assertThat(givenBack).containsExactly(first, second);
        assertThat(second.isIdle()).isTrue();
        try (var connection = second.connection(Session::close)) {
            assertThat(connection.inTransaction()).isFalse();
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
    }

    /** The same by chance rather than by arrangement. */
    @Test
    void closingAHandleWhileAnotherThreadUsesItNeverDisturbsTheNextHolder() throws Exception {
        ExecutorService user = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 300; round++) {
                if (session.isDead()) {
                    session = Session.open(options, types);
                }
                var handle = (SessionConnection) session.connection(ended -> {});
                var started = new CountDownLatch(1);
                CompletableFuture<Void> using = CompletableFuture.runAsync(
                        () -> {
                            started.countDown();
                            try {
                                while (true) {
                                    handle.begin(TransactionOptions.defaults()).close();
                                    handle.execute("select 1");
                                }
                            } catch (IllegalStateException | PgException e) {
                                // closed by the other thread
                            }
                        },
                        user);
                started.await();
                handle.close();
                if (!session.isDead()) {
                    var holder = (SessionConnection) session.connection(ended -> {});
                    assertThat(holder.fetchOne("select $1::int", round).getInt(0))
                            .isEqualTo(round);
                    assertThat(holder.inTransaction()).isFalse();
                    holder.close();
                }
                using.get(10, TimeUnit.SECONDS);
            }
        } finally {
            user.shutdownNow();
        }
    }

    @Test
    void interruptEndsTheWaitForAnEarlierStatementsEnd() throws Exception {
        PostgresServer server = PostgresServer.shared();
        try (var proxy = new FaultProxy(server.host(), server.port());
                var connection = PgConnection.open(
                        options.toBuilder().host("127.0.0.1").port(proxy.port()).build())) {
            connection.execute("select 1");
            proxy.silence();
            assertThatThrownBy(() -> connection.execute(Query.of("select 1").timeout(Duration.ofSeconds(1))))
                    .isInstanceOf(QueryTimeoutException.class);
            var failure = new CompletableFuture<Throwable>();
            var waiting = new Thread(() -> {
                try {
                    connection.execute("select 2");
                } catch (RuntimeException e) {
                    failure.complete(e);
                }
            });
            waiting.start();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
            waiting.interrupt();
            assertThat(failure.get(20, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            QueryCancelledException.class,
                            e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT));
        }
    }
}
