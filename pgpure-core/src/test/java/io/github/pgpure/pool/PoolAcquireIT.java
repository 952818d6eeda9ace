package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.Outcome;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for a connection. */
@Timeout(60)
class PoolAcquireIT {

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
    void whoCameFirstIsServedFirst() throws Exception {
        PgPool pool = fixture.open(fixture.options(1, 1));
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        try (PgConnection held = pool.checkoutConnection()) {
            for (int i = 0; i < 20; i++) {
                int number = i;
                var thread = new Thread(() -> {
                    try (PgConnection connection = pool.checkoutConnection()) {
                        order.add(number);
                    }
                });
                threads.add(thread);
                thread.start();
                await().until(() -> pool.waitingTasks() == number + 1);
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(order).isSorted().hasSize(20);
    }

    @Test
    void timeoutSaysWhatThePoolLookedLike() throws Exception {
        PgPool pool = fixture.open(fixture.options(1, 1).acquireTimeout(Duration.ofMillis(200)));
        var blocked = new CompletableFuture<Void>();
        var holder = new Thread(
                () -> {
                    try (PgConnection connection = pool.checkoutConnection()) {
                        connection.fetchOne("select 'held',   pg_sleep(0)");
                        blocked.complete(null);
                        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(20));
                    }
                },
                "the-holder");
        holder.start();
        blocked.get(10, TimeUnit.SECONDS);
        long start = System.nanoTime();
        var timeout = catchThrowableOfType(AcquireTimeoutException.class, () -> pool.fetchOne("select 1"));
        assertThat(System.nanoTime() - start).isBetween(200_000_000L, 2_000_000_000L);
        assertThat(timeout.outcome()).isEqualTo(Outcome.NOT_SENT);
        assertThat(timeout)
                .hasMessageContaining("within 200 ms")
                .hasMessageContaining(fixture.name)
                .hasMessageContaining("active=1, idle=0, waiting=0, opening=0, max=1")
                .hasMessageContaining("'the-holder'")
                .hasMessageContaining("last statement: select 'held', pg_sleep(0)")
                .hasMessageContaining("raise maxConnections");
        assertThat(pool.stats().acquireTimeouts()).isEqualTo(1);
        assertThat(pool.waitingTasks()).isZero();
        LockSupport.unpark(holder);
        holder.join();
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void nestedCheckoutThatStarvesIsDiagnosed() {
        PgPool pool = fixture.open(fixture.options(1, 1).acquireTimeout(Duration.ofMillis(100)));
        try (PgConnection held = pool.checkoutConnection()) {
            assertThatThrownBy(() -> pool.execute("select 1"))
                    .isInstanceOf(AcquireTimeoutException.class)
                    .hasMessageContaining("This thread holds 1 of them itself");
        }
        FaultTable.record(
                13, "a thread that holds the only connection asks for another", "diagnosed at its acquire timeout");
    }

    @Test
    void nestedCheckoutsThatStarveEachOtherAreDiagnosedWithBothHolders() throws Exception {
        PgPool pool = fixture.open(fixture.options(2, 2).acquireTimeout(Duration.ofSeconds(3)));
        for (int i = 0; i < 2; i++) {
            pool.fetchOne("select 'an earlier holder'");
        }
        var bothHold = new CountDownLatch(2);
        var messages = new ConcurrentLinkedQueue<String>();
        List<Thread> threads = new ArrayList<>();
        for (String name : List.of("nested-a", "nested-b")) {
            var thread = new Thread(
                    () -> {
                        try (PgConnection held = pool.checkoutConnection()) {
                            if (name.equals("nested-a")) {
                                held.fetchOne("select 'from a'");
                            }
                            bothHold.countDown();
                            bothHold.await();
                            if (name.equals("nested-b")) { // and goes on to wait when the other one's time is up
                                PoolFixture.await().until(() -> pool.waitingTasks() == 1);
                                new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS);
                            }
                            pool.execute("select 1");
                        } catch (AcquireTimeoutException e) {
                            messages.add(String.valueOf(e.getMessage()));
                        } catch (InterruptedException e) {
                            messages.add("interrupted");
                        }
                    },
                    name);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        // The other one may get the connection that the first one to give up returns.
        assertThat(messages).isNotEmpty();
        assertThat(messages.peek())
                .contains("within 3000 ms", "'nested-a' for ", "'nested-b' for ")
                .contains("last statement: select 'from a'", "last statement: none")
                .contains("which waits for another one", "so none can go on")
                .contains("This thread holds 1 of them itself")
                .doesNotContain("an earlier holder");
        FaultTable.record(
                13,
                "two threads that hold one of two connections each ask for another",
                "diagnosed after 3 s, the acquire timeout: both holders named, with thread, backend, time and statement");
    }

    @Test
    void deadlineOfTheOperationIncludesTheWait() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        try (PgConnection held = pool.checkoutConnection()) {
            long start = System.nanoTime();
            var timeout = catchThrowableOfType(
                    QueryTimeoutException.class,
                    () -> pool.fetchOne(Query.of("select 1").timeout(Duration.ofMillis(100))));
            assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
            assertThat(timeout.outcome()).isEqualTo(Outcome.NOT_SENT);
            assertThat(timeout).hasMessageContaining("deadline of 100 ms");
            assertThatThrownBy(() -> pool.checkoutInTransaction(
                            TransactionOptions.defaults().timeout(Duration.ofMillis(100))))
                    .isInstanceOf(QueryTimeoutException.class);
        }
        await().until(() -> pool.idleConnections() == 1);
    }

    @Test
    void interruptEndsTheWaitAndItsFlagStaysSet() throws Exception {
        PgPool pool = fixture.open(fixture.options(1, 1));
        try (PgConnection held = pool.checkoutConnection()) {
            var flag = new AtomicBoolean();
            var result = new CompletableFuture<Object>();
            var thread = new Thread(() -> {
                try {
                    result.complete(pool.fetchOne("select 1"));
                } catch (Throwable t) {
                    flag.set(Thread.currentThread().isInterrupted());
                    result.completeExceptionally(t);
                }
            });
            thread.start();
            await().until(() -> pool.waitingTasks() == 1);
            thread.interrupt();
            assertThatThrownBy(() -> result.get(5, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            QueryCancelledException.class,
                            e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_SENT))
                    .hasMessageContaining("interrupted while waiting for a connection");
            assertThat(flag).isTrue();
        }
    }

    @Test
    void interruptsLeakNothing() throws Exception {
        long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
        System.out.println("PoolAcquireIT: -Dpgpure.test.seed=" + seed);
        PgPool pool = fixture.open(fixture.options(1, 2));
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var succeeded = new AtomicInteger();
        var cancelled = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            threads.add(new Thread(() -> {
                for (int round = 0; round < 300; round++) {
                    try {
                        assertThat(pool.fetchOne("select 4711").getInt(0)).isEqualTo(4711);
                        succeeded.incrementAndGet();
                    } catch (QueryCancelledException e) {
                        cancelled.incrementAndGet();
                    } catch (Throwable t) {
                        failures.add(t);
                    }
                    Thread.interrupted();
                }
            }));
        }
        threads.forEach(Thread::start);
        var random = new Random(seed);
        while (threads.stream().anyMatch(Thread::isAlive)) {
            threads.get(random.nextInt(threads.size())).interrupt();
            LockSupport.parkNanos(random.nextInt(2_000_000));
        }
        assertThat(failures).as("seed %d", seed).isEmpty();
        assertThat(cancelled).hasPositiveValue();
        assertThat(succeeded).hasPositiveValue();
        await().untilAsserted(() -> {
            PoolStats stats = pool.stats();
            assertThat(stats.activeConnections()).isZero();
            assertThat(stats.waitingTasks()).isZero();
            assertThat(stats.openingConnections()).isZero();
            assertThat(stats.idleConnections()).isEqualTo(stats.totalConnections());
            assertThat(fixture.backends()).isEqualTo(stats.totalConnections());
        });
    }

    @Test
    void coldBurstIsServedByOpeningSideBySide() throws Exception {
        PgPool pool = fixture.open(fixture.options(1, 16));
        List<CompletableFuture<PgConnection>> burst = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            var taken = new CompletableFuture<PgConnection>();
            burst.add(taken);
            new Thread(() -> taken.complete(pool.checkoutConnection())).start();
        }
        List<PgConnection> held = new ArrayList<>();
        for (CompletableFuture<PgConnection> taken : burst) {
            held.add(taken.get(10, TimeUnit.SECONDS));
        }
        assertThat(held.stream().map(PgConnection::backendPid).distinct()).hasSize(16);
        assertThat(fixture.backends()).isEqualTo(16);
        held.forEach(PgConnection::close);
        await().until(() -> pool.idleConnections() == 16);
    }

    @Test
    void leakIsReportedOnceWithTheStackOfItsCheckout() {
        PgPool pool = fixture.open(fixture.options(1, 1).leakDetectionThreshold(Duration.ofMillis(50)));
        try (PgConnection held = pool.checkoutConnection()) {
            await().until(() -> !fixture.warnings().isEmpty());
            assertThat(fixture.warnings())
                    .singleElement()
                    .asString()
                    .contains("has held the connection to backend " + held.backendPid());
            assertThat(fixture.log.get(0).getThrowableProxy().getStackTraceElementProxyArray())
                    .anyMatch(element -> element.toString().contains("leakIsReportedOnceWithTheStackOfItsCheckout"));
        }
    }
}
