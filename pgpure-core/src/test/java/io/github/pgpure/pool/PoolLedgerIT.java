package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.test.FaultTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Money is moved while backends are terminated, statements cancelled and callers interrupted: what a caller is told about the outcome of its
 * transfer must be what the books say.
 */
@Tag("fault")
@Timeout(900)
class PoolLedgerIT {

    private static final int ACCOUNTS = 10;
    private static final int START = 1_000;
    private final int faults = 60 * Integer.getInteger("pgpure.test.scale", 1);
    private PoolFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
        fixture.server.execute(
                "drop table if exists pool_transfers, pool_accounts",
                "create table pool_accounts (id int primary key, balance int not null)",
                "create table pool_transfers (key bigint not null)"); // no unique index: a duplicate is to be seen
    }

    @AfterEach
    void tearDown() {
        fixture.server.execute("drop table if exists pool_transfers, pool_accounts");
        fixture.close();
    }

    @Test
    void whatCallersAreToldIsWhatTheBooksSay() throws Exception {
        long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
        System.out.println("PoolLedgerIT: -Dpgpure.test.seed=" + seed);
        for (int callers : List.of(1, 2, 3, 4, 5, 6, 11, 32)) {
            run(callers, seed);
        }
    }

    private void run(int callers, long seed) throws Exception {
        fixture.server.execute(
                "truncate pool_accounts, pool_transfers",
                "insert into pool_accounts select i, " + START + " from generate_series(1, " + ACCOUNTS + ") i");
        Set<Long> committed = ConcurrentHashMap.newKeySet();
        Set<Long> notCommitted = ConcurrentHashMap.newKeySet();
        Map<Long, Outcome> unknown = new ConcurrentHashMap<>();
        Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
        var running = new AtomicReferenceArray<Thread>(callers);
        var key = new AtomicInteger();
        PgPool pool = fixture.open(fixture.options(2, 6));
        var stop = new CountDownLatch(1);
        ExecutorService executor = PoolFixture.virtualThreads();
        for (int i = 0; i < callers; i++) {
            int caller = i;
            var random = new Random(seed + i);
            executor.execute(() -> {
                running.set(caller, Thread.currentThread());
                while (stop.getCount() > 0) {
                    long own = key.incrementAndGet();
                    try {
                        transfer(pool, own, random);
                        committed.add(own);
                    } catch (PgException e) {
                        if (e.outcome() == Outcome.UNKNOWN) {
                            unknown.put(own, e.outcome());
                        } else {
                            notCommitted.add(own);
                        }
                    } catch (Throwable t) {
                        unexpected.add(t);
                    }
                    Thread.interrupted();
                }
            });
        }
        var random = new Random(seed - 1);
        for (int i = 0; i < faults && unexpected.isEmpty(); i++) {
            switch (random.nextInt(3)) {
                case 0 -> onSomeBackend("pg_terminate_backend(pid)");
                case 1 -> onSomeBackend("pg_cancel_backend(pid)");
                default -> {
                    Thread victim = running.get(random.nextInt(callers));
                    if (victim != null) {
                        victim.interrupt();
                    }
                }
            }
            new CountDownLatch(1).await(random.nextInt(15), TimeUnit.MILLISECONDS);
        }
        stop.countDown();
        executor.shutdown();
        assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        pool.close();
        Set<Long> written = ConcurrentHashMap.newKeySet();
        int rows = 0;
        for (String text : fixture.server
                .query("select coalesce(string_agg(key::text, ','), '') from pool_transfers")
                .split(",")) {
            if (!text.isEmpty()) {
                written.add(Long.valueOf(text));
                rows++;
            }
        }
        long lost = committed.stream().filter(k -> !written.contains(k)).count();
        long phantom = notCommitted.stream().filter(written::contains).count();
        long resolved = unknown.keySet().stream().filter(written::contains).count();
        int duplicated = rows - written.size();
        int sum = Integer.parseInt(fixture.server.query("select sum(balance) from pool_accounts"));
        FaultTable.record(
                12,
                callers + " callers, " + faults + " faults, seed " + seed,
                "%d committed, %d not, %d unknown (by their key: %d committed, %d not); lost %d, duplicated %d, sum %s",
                committed.size(),
                notCommitted.size(),
                unknown.size(),
                resolved,
                unknown.size() - resolved,
                lost,
                duplicated + phantom,
                sum == ACCOUNTS * START ? "holds" : "is " + sum);
        assertThat(unexpected).as("seed %d", seed).isEmpty();
        assertThat(sum).isEqualTo(ACCOUNTS * START);
        assertThat(lost).isZero();
        assertThat(phantom).isZero();
        assertThat(duplicated).isZero();
        assertThat(committed).isNotEmpty();
        assertThat(committed.size() + resolved).isEqualTo(rows);
    }

    private void onSomeBackend(String call) {
        fixture.server.query("select count(" + call
                + ") from (select pid from pg_stat_activity where application_name = '" + fixture.name
                + "' order by random() limit 1) one");
    }

    private static void transfer(PgPool pool, long key, Random random) {
        int from = 1 + random.nextInt(ACCOUNTS);
        int to = 1 + random.nextInt(ACCOUNTS);
        int amount = random.nextInt(50);
        pool.useTransaction(
                TransactionOptions.defaults().timeout(Duration.ofSeconds(10)).retries(3), tx -> {
                    tx.execute("insert into pool_transfers values ($1)", key);
                    tx.execute("update pool_accounts set balance = balance - $1 where id = $2", amount, from);
                    tx.execute("update pool_accounts set balance = balance + $1 where id = $2", amount, to);
                });
    }
}
