package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What a pool has done in the background goes on, whatever fails in it. */
@Timeout(30)
class KeeperTests {

    private final Keeper keeper = new Keeper("keeper-tests");

    @AfterEach
    void stop() {
        keeper.stop();
    }

    @Test
    void failingTaskIsRunAgainEvenWhereItsFailureCannotBeLogged() {
        var logger = (Logger) LoggerFactory.getLogger(Keeper.class);
        var appender = new FailingAppender();
        appender.start();
        logger.addAppender(appender);
        try {
            var runs = new AtomicInteger();
            keeper.every(TimeUnit.MILLISECONDS.toNanos(1), () -> {
                runs.incrementAndGet();
                throw new StackOverflowError("by the test");
            });
            await().untilAsserted(() -> assertThat(runs).hasValueGreaterThan(3));
            assertThat(appender.texts()).contains("a task of the pool's keeper failed");
        } finally {
            logger.detachAppender(appender);
        }
    }

    @Test
    void workThatFailsCostsNoLaterWork() {
        var runs = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            assertThat(keeper.run(() -> {
                        runs.incrementAndGet();
                        throw new NoClassDefFoundError("by the test");
                    }))
                    .isTrue();
            keeper.after(0, () -> {
                runs.incrementAndGet();
                throw new AssertionError("by the test");
            });
        }
        await().untilAsserted(() -> assertThat(runs).hasValue(6));
        keeper.stop();
        assertThat(keeper.run(runs::incrementAndGet)).isFalse();
    }

    /** One that has no first thread, and all others. */
    private static Keeper withoutFirstThread() {
        var asked = new AtomicInteger();
        return new Keeper("keeper-tests", task -> {
            if (asked.incrementAndGet() == 1) {
                throw new OutOfMemoryError("by the test: unable to create native thread");
            }
            return new Thread(task);
        });
    }

    @Test
    void workThatCouldNotBeScheduledMayBeAskedForAgain() {
        Keeper keeperInNeed = withoutFirstThread();
        try {
            var asked = new AtomicBoolean(true);
            assertThatThrownBy(() -> keeperInNeed.after(0, () -> {}, asked)).isInstanceOf(OutOfMemoryError.class);
            assertThat(asked).isFalse();
            var runs = new AtomicInteger();
            keeperInNeed.after(0, runs::incrementAndGet, asked);
            await().untilAsserted(() -> assertThat(runs).hasValue(1));
        } finally {
            keeperInNeed.stop();
        }
    }

    @Test
    void whoWasPromisedALookThatNobodyTakesIsWoken() throws Exception {
        Keeper keeperInNeed = withoutFirstThread();
        try {
            var queue = new ConnectionQueue<PoolEntry>(1, 0);
            long start = System.nanoTime();
            Waiter<PoolEntry> waiter = queue.enter(false, start);
            waiter.watch(start + TimeUnit.MINUTES.toNanos(10));
            // By another thread: a lock in the log that this one waited for would use up what it is unparked with.
            var promised = new CompletableFuture<Boolean>();
            var other = new Thread(() -> promised.complete(new WaitWatch(queue, keeperInNeed).begin()));
            other.start();
            LockSupport.parkNanos(this, TimeUnit.SECONDS.toNanos(20));
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(20));
            other.join();
            assertThat(promised).isCompletedWithValue(false);
        } finally {
            keeperInNeed.stop();
        }
    }
}
