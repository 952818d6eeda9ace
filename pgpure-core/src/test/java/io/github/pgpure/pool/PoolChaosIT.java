package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.RowStream;
import io.github.pgpure.connection.PgConnection;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Everything at once: backends are terminated, callers interrupted, connections evicted and the pool resized, while callers do all a pool
 * can do. Afterwards the books balance. {@code -Dpgpure.test.scale=20} makes it run that much longer.
 */
@Tag("fault")
@Timeout(600)
class PoolChaosIT {

    private static final int CALLERS = 16;
    private final int faults = 300 * Integer.getInteger("pgpure.test.scale", 1);
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
    void booksBalanceAfterChaos() throws Exception {
        long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
        System.out.println("PoolChaosIT: -Dpgpure.test.seed=" + seed);
        PgPool pool = fixture.open(fixture.options(2, 6)
                .maxLifetime(Duration.ofMillis(700))
                .idleTimeout(Duration.ofMillis(300))
                .keepaliveInterval(Duration.ofMillis(200)));
        fixture.server.execute("drop table if exists pool_chaos", "create table pool_chaos (id int)");
        var running = new AtomicReferenceArray<Thread>(CALLERS);
        Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
        Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
        var committed = new AtomicInteger();
        var unknown = new AtomicInteger();
        var stop = new CountDownLatch(1);
        ExecutorService executor = PoolFixture.virtualThreads();
        for (int i = 0; i < CALLERS; i++) {
            int caller = i;
            var random = new Random(seed + i);
            executor.execute(() -> {
                running.set(caller, Thread.currentThread());
                while (stop.getCount() > 0) {
                    String outcome;
                    try {
                        call(pool, random, committed, unknown);
                        outcome = "success";
                    } catch (PgException e) {
                        outcome = e.getClass().getSimpleName() + " " + e.outcome();
                    } catch (Throwable t) {
                        unexpected.add(t);
                        outcome = "unexpected";
                    }
                    outcomes.computeIfAbsent(outcome, key -> new LongAdder()).increment();
                    Thread.interrupted();
                }
            });
        }
        var random = new Random(seed - 1);
        try (Connection admin = fixture.server.adminConnection(fixture.server.database());
                Statement statement = admin.createStatement()) {
            for (int i = 0; i < faults && unexpected.isEmpty(); i++) {
                switch (random.nextInt(8)) {
                    case 0, 1 ->
                        statement.execute(
                                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = '"
                                        + fixture.name + "' order by random() limit 1");
                    case 2 ->
                        statement.execute(
                                "select pg_cancel_backend(pid) from pg_stat_activity where application_name = '"
                                        + fixture.name + "' order by random() limit 1");
                    case 3 -> pool.softEvict();
                    case 4 -> {
                        int max = 2 + random.nextInt(6);
                        pool.resize(max, random.nextInt(max + 1));
                    }
                    default -> {
                        Thread victim = running.get(random.nextInt(CALLERS));
                        if (victim != null) {
                            victim.interrupt();
                        }
                    }
                }
                new CountDownLatch(1).await(random.nextInt(10), TimeUnit.MILLISECONDS);
            }
        }
        stop.countDown();
        executor.shutdown();
        assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        System.out.println("PoolChaosIT: " + outcomes + ", " + pool.stats());
        assertThat(unexpected).as("seed %d", seed).isEmpty();
        assertThat(outcomes.get("success").sum()).isGreaterThan(faults);
        pool.resize(6, 2);
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        await().untilAsserted(() -> {
            PoolStats stats = pool.stats();
            assertThat(stats.activeConnections()).isZero();
            assertThat(stats.waitingTasks()).isZero();
            assertThat(stats.acquired()).isEqualTo(stats.released());
            assertThat(stats.opened() - stats.closed()).isEqualTo(stats.totalConnections());
            assertThat(stats.totalConnections()).isBetween(2, 6);
            assertThat(fixture.backends()).isEqualTo(stats.totalConnections() + stats.openingConnections());
        });
        int rows = Integer.parseInt(fixture.server.query("select count(*) from pool_chaos"));
        // What was said to be committed is there, and what is there beyond that was said to be unknown.
        assertThat(rows).isBetween(committed.get(), committed.get() + unknown.get());
        fixture.server.execute("drop table pool_chaos");
    }

    private static void call(PgPool pool, Random random, AtomicInteger committed, AtomicInteger unknown) {
        int value = random.nextInt();
        switch (random.nextInt(7)) {
            case 0 -> {
                try {
                    pool.useTransaction(tx -> {
                        tx.execute("insert into pool_chaos values ($1)", value);
                        if (random.nextInt(3) == 0) {
                            throw new RolledBack();
                        }
                    });
                    committed.incrementAndGet();
                } catch (RolledBack e) {
                    // as it should be
                } catch (PgException e) {
                    if (e.outcome() == io.github.pgpure.Outcome.UNKNOWN) {
                        unknown.incrementAndGet();
                    }
                    throw e;
                }
            }
            case 1 -> {
                try (PgConnection connection = pool.checkoutConnection()) {
                    connection.execute("begin"); // and never ends it
                    assertThat(connection.fetchOne("select $1::int4", value).getInt(0))
                            .isEqualTo(value);
                }
            }
            case 2 -> {
                int rows = 0;
                try (RowStream stream = pool.stream("select $1::int4 from generate_series(1, 2000)", value)) {
                    for (var row : stream) {
                        assertThat(row.getInt(0)).isEqualTo(value);
                        if (++rows > value % 3000) {
                            break;
                        }
                    }
                }
            }
            case 3 -> {
                Query query =
                        Query.of("select $1::int4, pg_sleep(0.003)", value).timeout(Duration.ofMillis(4));
                assertThat(pool.fetchOne(query).getInt(0)).isEqualTo(value);
            }
            case 4 -> {
                try (PgConnection connection = pool.checkoutConnection()) {
                    var canceller = new Thread(connection::cancel);
                    canceller.start();
                    try {
                        connection.fetchOne("select pg_sleep(0.001)");
                    } catch (QueryCancelledException e) {
                        // when it came in time
                    }
                    join(canceller);
                }
            }
            default ->
                assertThat(pool.fetchOne("select $1::int4", value).getInt(0)).isEqualTo(value);
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class RolledBack extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
