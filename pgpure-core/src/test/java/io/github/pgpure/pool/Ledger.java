package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.test.FaultTable;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Callers that move money between accounts, each transfer with a key of its own, statement by statement or sent as a whole; in the end what they were told of each transfer must be what the
 * books say.
 */
final class Ledger {

    private static final int ACCOUNTS = 10;
    private static final int START = 1_000;
    private static final long END_SECONDS = 120;

    private final int callers;
    private final Set<Long> committed = ConcurrentHashMap.newKeySet();
    private final Set<Long> notCommitted = ConcurrentHashMap.newKeySet();
    private final Set<Long> unknown = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> reasons = new ConcurrentHashMap<>();
    private final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
    private final AtomicReferenceArray<Thread> running;
    private final CountDownLatch stop = new CountDownLatch(1);

    /** Each transfer holds it for reading; fair, so that a pause comes in turn. */
    private final ReentrantReadWriteLock between = new ReentrantReadWriteLock(true);

    private final ExecutorService executor = PoolFixture.virtualThreads();

    /** Makes the books; the function runs one statement. */
    static void create(Consumer<String> execute) {
        drop(execute);
        execute.accept("create table pool_accounts (id int primary key, balance int not null)");
        // No unique index: a duplicate is to be seen.
        execute.accept("create table pool_transfers (key bigint not null)");
        execute.accept("insert into pool_accounts select i, " + START + " from generate_series(1, " + ACCOUNTS + ") i");
    }

    static void drop(Consumer<String> execute) {
        execute.accept("drop table if exists pool_transfers, pool_accounts");
    }

    /** Starts the callers. */
    Ledger(PgPool pool, int callers, long seed, Duration timeout) {
        this.callers = callers;
        this.running = new AtomicReferenceArray<>(callers);
        var options = TransactionOptions.defaults().timeout(timeout).retries(3);
        var key = new AtomicLong();
        for (int i = 0; i < callers; i++) {
            int caller = i;
            var random = new Random(seed + i);
            executor.execute(() -> {
                running.set(caller, Thread.currentThread());
                while (stop.getCount() > 0) {
                    between.readLock().lock();
                    try {
                        transfer(pool, options, key.incrementAndGet(), random);
                    } finally {
                        between.readLock().unlock();
                    }
                    Thread.interrupted();
                }
            });
        }
    }

    private void transfer(PgPool pool, TransactionOptions options, long key, Random random) {
        // Always in the same order: deadlocks, which take a second to be found, are not what this is about.
        int first = 1 + random.nextInt(ACCOUNTS - 1);
        int second = first + 1 + random.nextInt(ACCOUNTS - first);
        int amount = random.nextInt(100) - 50;
        try {
            if (random.nextBoolean()) {
                pool.useTransaction(options, tx -> {
                    tx.execute("insert into pool_transfers values ($1)", key);
                    tx.execute("update pool_accounts set balance = balance - $1 where id = $2", amount, first);
                    tx.execute("update pool_accounts set balance = balance + $1 where id = $2", amount, second);
                });
            } else {
                pool.pipelineInTransaction(options, pipeline -> {
                    pipeline.execute("insert into pool_transfers values ($1)", key);
                    pipeline.execute("update pool_accounts set balance = balance - $1 where id = $2", amount, first);
                    return pipeline.execute(
                            "update pool_accounts set balance = balance + $1 where id = $2", amount, second);
                });
            }
            committed.add(key);
        } catch (PgException e) {
            (e.outcome() == Outcome.UNKNOWN ? unknown : notCommitted).add(key);
            reasons.merge(e.getClass().getSimpleName() + " " + e.outcome(), 1, Integer::sum);
        } catch (Throwable t) {
            unexpected.add(t);
        }
    }

    /** Does something while no transfer is under way, so that all connections are idle. */
    void betweenTransfers(Runnable action) {
        between.writeLock().lock();
        try {
            action.run();
        } finally {
            between.writeLock().unlock();
        }
    }

    /** How many transfers were reported as failed, whatever their outcome. */
    int failed() {
        return notCommitted.size() + unknown.size();
    }

    long committed() {
        return committed.size();
    }

    boolean isInOrder() {
        return unexpected.isEmpty();
    }

    void interruptSomebody(Random random) {
        Thread victim = running.get(random.nextInt(callers));
        if (victim != null) {
            victim.interrupt();
        }
    }

    /** Ends the callers. */
    void stop() throws InterruptedException {
        stop.countDown();
        executor.shutdown();
        assertThat(executor.awaitTermination(END_SECONDS, TimeUnit.SECONDS))
                .as("a caller hangs")
                .isTrue();
    }

    /** Compares with the books, which the function asks for the first column of the first row, and records the result. */
    void verify(String fault, long seed, UnaryOperator<String> query) {
        Set<Long> written = new HashSet<>();
        int rows = 0;
        for (String text : query.apply("select coalesce(string_agg(key::text, ','), '') from pool_transfers")
                .split(",")) {
            if (!text.isEmpty()) {
                written.add(Long.valueOf(text));
                rows++;
            }
        }
        long lost = committed.stream().filter(k -> !written.contains(k)).count();
        long phantom = notCommitted.stream().filter(written::contains).count();
        long resolved = unknown.stream().filter(written::contains).count();
        int duplicated = rows - written.size();
        int sum = Integer.parseInt(query.apply("select sum(balance) from pool_accounts"));
        FaultTable.record(
                12,
                fault + ", " + callers + " callers, seed " + seed,
                "%d committed, %d not, %d unknown (by their key: %d committed, %d not); lost %d, duplicated %d, sum %s",
                committed.size(),
                notCommitted.size(),
                unknown.size(),
                resolved,
                unknown.size() - resolved,
                lost,
                duplicated + phantom,
                sum == ACCOUNTS * START ? "holds" : "is " + sum);
        System.out.println("  failed by " + reasons);
        assertThat(unexpected).as("seed %d", seed).isEmpty();
        assertThat(sum).isEqualTo(ACCOUNTS * START);
        assertThat(lost).as("lost").isZero();
        assertThat(phantom).as("committed, although reported otherwise").isZero();
        assertThat(duplicated).as("duplicated").isZero();
        assertThat(committed).isNotEmpty();
        assertThat(committed.size() + resolved).isEqualTo(rows);
    }
}
