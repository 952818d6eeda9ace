package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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
            assertThatThrownBy(() -> tx.execute(Query.of("select pg_sleep(60)").timeout(Duration.ofMillis(50))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(session.takeTransactionLoss(closed.lease())).isNull();
            assertThatThrownBy(() -> tx.execute("select 1"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was rolled back");
        }
    }

    @Test
    void closedHandleHearsNoNotices() {
        var heard = new AtomicInteger();
        assertThatThrownBy(() -> closed.onNotice(notice -> heard.incrementAndGet()))
                .isInstanceOf(IllegalStateException.class);
        next.execute("do $$ begin raise notice 'for the next one'; end $$");
        assertThat(heard).hasValue(0);
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
            assertThatThrownBy(() -> connection.execute(Query.of("select 1").timeout(Duration.ofMillis(50))))
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
            Awaitility.await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
            waiting.interrupt();
            assertThat(failure.get(2, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            QueryCancelledException.class,
                            e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT));
        }
    }
}
