package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Limits that are so far away that virtual threads wait without a timer of their own. */
@Timeout(60)
class LongWaitsIT {

    private static final Duration LIMIT = Duration.ofMillis(700);

    /** The machine may keep a thread from running for a while; one that nobody wakes waits for much longer. */
    private static final Duration LATE = Duration.ofSeconds(3);

    private PoolFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
    }

    @AfterEach
    void tearDown() {
        fixture.close();
    }

    private static <T> List<CompletableFuture<T>> run(ThreadKind kind, int count, Supplier<T> work) {
        ExecutorService executor = kind.executor();
        List<CompletableFuture<T>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(CompletableFuture.supplyAsync(work, executor));
        }
        executor.shutdown();
        return results;
    }

    /** How long it takes until it fails as expected. */
    private static Duration timeOf(Runnable work, Class<? extends Throwable> failure) {
        long start = System.nanoTime();
        assertThatThrownBy(work::run).isInstanceOf(failure);
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static void isLimit(Duration took) {
        assertThat(took).isBetween(LIMIT, LIMIT.plus(LATE));
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void waitingForAConnectionEndsInTime(ThreadKind kind) {
        PgPool pool = fixture.open(fixture.options(1, 1).acquireTimeout(LIMIT));
        try (PgConnection held = pool.checkoutConnection()) {
            run(kind, 20, () -> timeOf(pool::checkoutConnection, AcquireTimeoutException.class))
                    .forEach(took -> isLimit(took.join()));
        }
        assertThat(pool.fetchOne("select 1").getInt(0)).isOne();
    }

    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void waitingForTheServerEndsInTime(ThreadKind kind) {
        PgPool pool = fixture.open(fixture.options(2, 2));
        Query sleep = Query.of("select pg_sleep(30)").timeout(LIMIT);
        run(kind, 2, () -> timeOf(() -> pool.fetch(sleep), QueryTimeoutException.class))
                .forEach(took -> isLimit(took.join()));
        assertThat(pool.fetchOne("select 1").getInt(0)).isOne();
    }

    /** Closing ends the pool's timer, and not the limits of those who are still at work. */
    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void waitingForTheServerEndsInTimeWhileThePoolIsClosed(ThreadKind kind) throws Exception {
        PgPool pool = fixture.open(fixture.options(1, 1));
        Query sleep = Query.of("select pg_sleep(30)").timeout(LIMIT);
        CompletableFuture<Duration> took = run(
                        kind, 1, () -> timeOf(() -> pool.fetch(sleep), QueryTimeoutException.class))
                .get(0);
        await().until(() -> pool.stats().activeConnections() == 1);
        long start = System.nanoTime();
        pool.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT.plus(LATE));
        isLimit(took.get(10, TimeUnit.SECONDS));
    }

    /** Those who are looked after are served all the same, also after they were looked at several times. */
    @ParameterizedTest
    @MethodSource("io.github.pgpure.test.ThreadKind#available")
    void whoHasMuchTimeIsServed(ThreadKind kind) throws Exception {
        PgPool pool = fixture.open(fixture.options(1, 1));
        List<CompletableFuture<Integer>> answers;
        try (PgConnection held = pool.checkoutConnection()) {
            answers = run(kind, 20, () -> {
                try (PgConnection connection = pool.checkoutConnection()) {
                    return connection
                            .fetchOne(Query.of("select 7 from pg_sleep(0.01)").timeout(Duration.ofSeconds(20)))
                            .getInt(0);
                }
            });
            await().until(() -> pool.waitingTasks() == 20);
            Thread.sleep(300);
        }
        for (CompletableFuture<Integer> answer : answers) {
            assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(7);
        }
    }
}
