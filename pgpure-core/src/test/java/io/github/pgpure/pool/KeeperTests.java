package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
}
