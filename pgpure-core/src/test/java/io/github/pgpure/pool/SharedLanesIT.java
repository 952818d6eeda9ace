package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.test.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many callers on few connections: each gets its own answer, error and deadline, and nobody is kept waiting by a neighbour.
 *
 * <p>{@code -Dpgpure.lanes.calls=1000000} makes it a long run; {@code -Dpgpure.race.seed} repeats one.
 */
class SharedLanesIT {

    private static final int CALLS = Integer.getInteger("pgpure.lanes.calls", 20_000);
    private static final long SEED =
            Long.getLong("pgpure.race.seed", ThreadLocalRandom.current().nextLong());
    private static final int CONNECTIONS = 4;
    private static final String NONCE = "select $1::int, $2::text";

    private final PoolFixture fixture = new PoolFixture();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();

    @AfterEach
    void close() {
        over.set(true);
        fixture.close();
    }

    private PgPool open() {
        return fixture.open(fixture.options(CONNECTIONS, CONNECTIONS));
    }

    /** Callers that go on until the test is over, or have made this many rounds together. */
    private List<Thread> callers(ThreadKind kind, int count, long rounds, Round round) {
        var left = new AtomicLong(rounds);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            var random = new Random(SEED + i);
            threads.add(kind.start(() -> {
                while (!over.get() && left.getAndDecrement() > 0) {
                    try {
                        round.run(random);
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }
            }));
        }
        return threads;
    }

    private interface Round {
        void run(Random random) throws Exception;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
        for (Thread thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            assertThat(thread.isAlive()).as("a caller is stuck").isFalse();
        }
    }

    private void nonce(PgPool pool, Random random) {
        int number = random.nextInt();
        String text = "x".repeat(random.nextInt(40)) + number;
        var row = pool.fetchOne(NONCE, number, text);
        if (row.getInt(0) != number || !text.equals(row.getString(1))) {
            failures.add(new AssertionError("a wrong answer"));
        }
    }

    private static void awaitIdle(PgPool pool) {
        awaitIdle(pool, CONNECTIONS);
    }

    private static void awaitIdle(PgPool pool, int connections) {
        PoolFixture.await().untilAsserted(() -> {
            assertThat(pool.stats().activeConnections()).isZero();
            assertThat(pool.idleConnections()).isEqualTo(connections);
        });
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void everyCallerGetsItsOwnAnswer(ThreadKind kind) throws Exception {
        System.out.println("Shared lanes: " + CALLS + " calls, " + kind + ", seed " + SEED);
        PgPool pool = open();
        join(callers(kind, 64, CALLS, random -> nonce(pool, random)));
        assertThat(failures).isEmpty();
        awaitIdle(pool);
        PoolStats stats = pool.stats();
        assertThat(stats.sharedStatements()).isGreaterThan(CALLS / 4);
        assertThat(stats.opened()).as("sessions lost").isEqualTo(CONNECTIONS);
    }

    /** As with 10,000 virtual threads: where they do not all fit in, those who are left over must not keep the others from sharing. */
    @Test
    void oneConnectionIsSharedByHundreds() throws Exception {
        try (PgPool pool = fixture.open(fixture.options(1, 1))) {
            join(callers(
                    ThreadKind.PLATFORM, 10, 1_000, random -> nonce(pool, random))); // by now it is known what it costs
            long rounds = 20_000;
            long shared = 0;
            // What happened to be held up by the machine has to be run by itself for a while.
            for (int attempt = 0; attempt < 3 && shared <= rounds * 9 / 10; attempt++) {
                long before = pool.stats().sharedStatements();
                join(callers(ThreadKind.PLATFORM, 400, rounds, random -> nonce(pool, random)));
                shared = pool.stats().sharedStatements() - before;
            }
            assertThat(failures).as("seed " + SEED).isEmpty();
            assertThat(shared).isGreaterThan(rounds * 9 / 10);
        }
    }

    /** Also where the caller has gone along with one who gave up before. */
    @Test
    void nobodyWaitsLongerThanTheAcquireTimeout() throws Exception {
        Duration acquireTimeout = Duration.ofSeconds(2);
        try (PgPool pool = fixture.open(fixture.options(1, 1).acquireTimeout(acquireTimeout))) {
            join(callers(ThreadKind.PLATFORM, 10, 2_000, random -> nonce(pool, random)));
            assertThat(pool.stats().sharedStatements()).isPositive();
            List<Duration> waits = new CopyOnWriteArrayList<>();
            Runnable caller = () -> {
                long start = System.nanoTime();
                assertThatThrownBy(() -> nonce(pool, new Random(SEED)))
                        .isInstanceOf(AcquireTimeoutException.class)
                        .hasMessageContaining("within 2000 ms");
                waits.add(Duration.ofNanos(System.nanoTime() - start));
            };
            try (var held = pool.checkoutConnection()) {
                Thread first = ThreadKind.PLATFORM.start(caller);
                PoolFixture.await().until(() -> pool.waitingTasks() == 1);
                Thread.sleep(acquireTimeout.toMillis() / 8);
                Thread second = ThreadKind.PLATFORM.start(caller);
                join(List.of(first, second));
            }
            assertThat(waits)
                    .hasSize(2)
                    .allSatisfy(waited -> assertThat(waited).isBetween(acquireTimeout, acquireTimeout.plusSeconds(1)));
            awaitIdle(pool, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void interruptsAndDeadlinesTouchNoNeighbour(ThreadKind kind) throws Exception {
        System.out.println("Shared lanes with cancels: " + CALLS + " calls, " + kind + ", seed " + SEED);
        PgPool pool = open();
        var ended = new AtomicInteger();
        List<Thread> all = new ArrayList<>(callers(kind, 48, CALLS, random -> nonce(pool, random)));
        List<Thread> given = callers(kind, 16, Long.MAX_VALUE, random -> {
            int number = random.nextInt();
            try {
                Duration limit = Duration.ofNanos(50_000 + random.nextInt(3_000_000));
                var row = pool.fetchOne(Query.of(NONCE, number, "").timeout(limit));
                if (row.getInt(0) != number) {
                    failures.add(new AssertionError("a wrong answer"));
                }
            } catch (QueryTimeoutException | QueryCancelledException e) {
                ended.incrementAndGet();
            }
            Thread.interrupted();
        });
        Thread interrupter = ThreadKind.PLATFORM.start(() -> {
            var random = new Random(SEED);
            while (!over.get()) {
                given.get(random.nextInt(given.size())).interrupt();
                java.util.concurrent.locks.LockSupport.parkNanos(random.nextInt(300_000));
            }
        });
        join(all);
        over.set(true);
        join(given);
        interrupter.join();
        assertThat(failures).isEmpty();
        assertThat(ended.get()).isPositive();
        awaitIdle(pool);
        PoolStats stats = pool.stats();
        System.out.println("  " + ended + " were ended early, " + stats.sharedStatements() + " shared a connection");
        assertThat(stats.sharedStatements()).isPositive();
        assertThat(stats.opened()).as("sessions lost").isEqualTo(CONNECTIONS);
    }

    @Test
    void anErrorIsOnlyItsOwn() throws Exception {
        PgPool pool = open();
        var errors = new AtomicInteger();
        join(callers(ThreadKind.PLATFORM, 32, CALLS, random -> {
            int divisor = random.nextInt(4);
            try {
                assertThat(pool.fetchOne("select 12 / $1::int", divisor).getInt(0))
                        .isEqualTo(12 / divisor);
            } catch (PgServerException e) {
                assertThat(e.sqlState()).isEqualTo("22012");
                assertThat(e.outcome()).isEqualTo(Outcome.ROLLED_BACK);
                assertThat(divisor).isZero();
                errors.incrementAndGet();
            }
        }));
        assertThat(failures).isEmpty();
        assertThat(errors.get()).isPositive();
        assertThat(pool.stats().sharedStatements()).isPositive();
        awaitIdle(pool);
    }

    @Test
    void whoNeedsAConnectionOfHisOwnGetsItInTurn() throws Exception {
        PgPool pool = open();
        List<Thread> sharing = callers(ThreadKind.PLATFORM, 64, Long.MAX_VALUE, random -> nonce(pool, random));
        PoolFixture.await().until(() -> pool.stats().sharedStatements() > 1_000);
        long worst = 0;
        for (int i = 0; i < 200; i++) {
            long start = System.nanoTime();
            int number = i;
            pool.useTransaction(transaction -> assertThat(
                            transaction.fetchOne("select $1::int", number).getInt(0))
                    .isEqualTo(number));
            worst = Math.max(worst, System.nanoTime() - start);
        }
        over.set(true);
        join(sharing);
        System.out.println("  worst of 200 transactions beside 64 sharing callers: "
                + TimeUnit.NANOSECONDS.toMillis(worst) + " ms");
        assertThat(failures).isEmpty();
        assertThat(worst).isLessThan(TimeUnit.SECONDS.toNanos(5));
        awaitIdle(pool);
    }

    /** Statements are prepared, kept and closed by those who share a connection and by those who have it for themselves, in turn. */
    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void connectionsChangeHandsWhileStatementsComeAndGo(ThreadKind kind) throws Exception {
        System.out.println("Shared lanes that change hands: " + CALLS + " calls, " + kind + ", seed " + SEED);
        var connect = fixture.connectOptions().statementCacheSize(3).build();
        try (PgPool pool = PgPool.open(connect, fixture.options(2, 2).build())) {
            join(callers(kind, 24, CALLS, random -> {
                int number = random.nextInt(1_000);
                int other = random.nextInt(12);
                String sql = "select $1::int * 100 + " + other;
                var row = random.nextInt(8) == 0
                        ? pool.inTransaction(tx -> tx.fetchOne(sql, number))
                        : pool.fetchOne(sql, number);
                if (row.getInt(0) != number * 100 + other) {
                    failures.add(new AssertionError("a wrong answer"));
                }
            }));
            assertThat(failures).as("seed " + SEED).isEmpty();
            assertThat(pool.stats().sharedStatements()).isPositive();
            assertThat(pool.stats().opened()).as("sessions lost").isEqualTo(2);
            System.out.println("  " + pool.stats().sharedStatements() + " of them shared");
        }
    }

    @Test
    void aSlowStatementIsMovedOutOfTheWay() throws Exception {
        PgPool pool = open();
        String sql = "select count(*)::int from generate_series(1, $1::int)";
        var worst = new AtomicLong();
        List<Thread> sharing = callers(ThreadKind.PLATFORM, 32, Long.MAX_VALUE, random -> {
            long start = System.nanoTime();
            assertThat(pool.fetchOne(sql, 3).getInt(0)).isEqualTo(3);
            worst.accumulateAndGet(System.nanoTime() - start, Math::max);
        });
        PoolFixture.await().until(() -> pool.stats().sharedStatements() > 1_000);
        worst.set(0);
        assertThat(pool.fetchOne(sql, 30_000_000).getInt(0)).isEqualTo(30_000_000);
        over.set(true);
        join(sharing);
        System.out.println(
                "  worst of the short ones beside a slow one: " + TimeUnit.NANOSECONDS.toMillis(worst.get()) + " ms");
        assertThat(failures).isEmpty();
        awaitIdle(pool);
    }

    @Test
    void aCallBehindASlowOneKeepsItsDeadline() throws Exception {
        PgPool pool = open();
        String sql = "select count(*)::int from generate_series(1, $1::int)";
        List<Thread> sharing = callers(
                ThreadKind.PLATFORM,
                32,
                Long.MAX_VALUE,
                random -> assertThat(pool.fetchOne(sql, 3).getInt(0)).isEqualTo(3));
        PoolFixture.await().until(() -> pool.stats().sharedStatements() > 1_000);
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> pool.fetch(Query.of(sql, 2_000_000_000).timeout(Duration.ofMillis(100))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
        over.set(true);
        join(sharing);
        assertThat(failures).isEmpty();
        awaitIdle(pool);
        assertThat(fixture.server.query("select count(*) from pg_stat_activity where application_name = '"
                        + fixture.name + "' and state = 'active'"))
                .as("statements left on the server")
                .isEqualTo("0");
        assertThat(pool.stats().opened()).as("sessions lost").isEqualTo(CONNECTIONS);
    }

    @Test
    void theirConnectionsAreReplacedWhenTheyAreDue() throws Exception {
        PgPool pool = open();
        List<Thread> sharing = callers(ThreadKind.PLATFORM, 64, Long.MAX_VALUE, random -> nonce(pool, random));
        PoolFixture.await().until(() -> pool.stats().sharedStatements() > 1_000);
        pool.softEvict();
        PoolFixture.await().until(() -> pool.stats().opened() >= 2 * CONNECTIONS);
        pool.suspend();
        PoolFixture.await().until(() -> pool.stats().activeConnections() == 0);
        pool.resume();
        over.set(true);
        join(sharing);
        assertThat(failures).isEmpty();
        awaitIdle(pool);
    }

    @Test
    void aLostConnectionFailsOnlyWhatWasOnIt() throws Exception {
        PgPool pool = open();
        var lost = new AtomicInteger();
        List<Thread> sharing = callers(ThreadKind.PLATFORM, 32, Long.MAX_VALUE, random -> {
            try {
                nonce(pool, random);
            } catch (PgException e) {
                if (e instanceof PgServerException server && !server.sqlState().equals("57P01")) {
                    throw e;
                }
                assertThat(e.outcome()).isNotNull();
                lost.incrementAndGet();
            }
        });
        for (int i = 1; i <= 5; i++) {
            long before = pool.stats().sharedStatements();
            PoolFixture.await().until(() -> pool.stats().sharedStatements() > before + 500);
            fixture.terminateAll();
        }
        long before = pool.stats().sharedStatements();
        PoolFixture.await().until(() -> pool.stats().sharedStatements() > before + 500);
        over.set(true);
        join(sharing);
        System.out.println("  calls lost with 5 x " + CONNECTIONS + " backends: " + lost);
        assertThat(failures).isEmpty();
        assertThat(lost.get()).isBetween(0, 5 * 32);
        awaitIdle(pool);
    }

    @Test
    void closingThePoolEndsEverybody() throws Exception {
        PgPool pool = open();
        var refused = new AtomicInteger();
        List<Thread> sharing = callers(ThreadKind.PLATFORM, 64, Long.MAX_VALUE, random -> {
            try {
                nonce(pool, random);
            } catch (PgException e) {
                assertThat(e.getMessage()).contains("closed");
                refused.incrementAndGet();
            }
        });
        PoolFixture.await().until(() -> pool.stats().sharedStatements() > 1_000);
        pool.close();
        over.set(true);
        join(sharing);
        assertThat(failures).isEmpty();
        assertThat(refused.get()).isPositive();
        PoolFixture.await().until(() -> fixture.backends() == 0);
    }

    @Test
    void aChangedTableGivesNoWrongRows() throws Exception {
        PgPool pool = open();
        pool.execute("drop table if exists shared_shape; create table shared_shape (a int, b int);"
                + " insert into shared_shape values (1, 2)");
        List<Thread> sharing = callers(ThreadKind.PLATFORM, 32, Long.MAX_VALUE, random -> {
            try {
                var row = pool.fetchOne("select * from shared_shape where 1 = $1", 1);
                assertThat(String.valueOf(row.get("a"))).isEqualTo("1");
            } catch (PgServerException e) {
                // It is prepared again once; a table that has been altered twice meanwhile is told to the caller.
                assertThat(e.sqlState()).isEqualTo("0A000");
                assertThat(e.outcome()).isEqualTo(Outcome.ROLLED_BACK);
            }
        });
        for (int i = 0; i < 6; i++) {
            long before = pool.stats().sharedStatements();
            PoolFixture.await().until(() -> pool.stats().sharedStatements() > before + 300);
            pool.execute(
                    i % 2 == 0
                            ? "alter table shared_shape alter a type text"
                            : "alter table shared_shape alter a type int using a::int");
        }
        over.set(true);
        join(sharing);
        pool.execute("drop table shared_shape");
        assertThat(failures).isEmpty();
        awaitIdle(pool);
    }

    @Test
    void aSharedConnectionBelongsToNobody() throws Exception {
        PgPool pool =
                fixture.open(fixture.options(CONNECTIONS, CONNECTIONS).leakDetectionThreshold(Duration.ofSeconds(1)));
        pool.checkoutConnection().close(); // whose trace must not be taken for that of those who share it later
        List<Thread> sharing = callers(ThreadKind.PLATFORM, 64, Long.MAX_VALUE, random -> nonce(pool, random));
        PoolFixture.await()
                .until(() -> pool.connections().stream().anyMatch(use -> "several callers".equals(use.holder())));
        for (ConnectionUse use : pool.connections()) {
            if ("several callers".equals(use.holder())) {
                assertThat(use.operation()).isZero();
                assertThat(pool.cancel(use.backendPid(), use.operation())).isFalse();
            }
        }
        long shared = pool.stats().sharedStatements();
        PoolFixture.await().until(() -> pool.stats().sharedStatements() > shared + 10_000);
        over.set(true);
        join(sharing);
        assertThat(failures).isEmpty();
        assertThat(fixture.warnings()).isEmpty();
        awaitIdle(pool);
    }
}
