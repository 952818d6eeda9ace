package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import io.github.pgpure.convert.TypeRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Notifications. */
@Timeout(60)
class PoolListenIT {

    private PoolFixture fixture;
    private PgPool pool;
    private final List<String> received = new CopyOnWriteArrayList<>();

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
        pool = fixture.open(fixture.options(1, 1));
    }

    @AfterEach
    void tearDown() {
        fixture.close();
    }

    @Test
    void everyNotificationSinceTheReturnOfListenArrivesInOrder() {
        try (Subscription subscription = pool.listen("Some \"channel\"", n -> received.add(n.payload()))) {
            assertThat(subscription.active()).isTrue();
            for (int i = 0; i < 50; i++) {
                pool.execute("select pg_notify($1, $2)", "Some \"channel\"", Integer.toString(i));
            }
            await().until(() -> received.size() == 50);
            assertThat(received.get(0)).isEqualTo("0");
            assertThat(received).hasSize(50).last().isEqualTo("49");
            assertThat(fixture.backends()).isEqualTo(2);
        }
        await().until(() -> fixture.backends() == 1);
        await().until(() -> fixture.threads().stream().noneMatch(thread -> thread.endsWith("-listener")));
    }

    @Test
    void subscriptionsShareAConnectionAndEndOneByOne() {
        Subscription a = pool.listen("a", n -> received.add("a:" + n.payload()));
        Subscription a2 = pool.listen("a", n -> received.add("a2:" + n.payload()));
        Subscription b = pool.listen("b", n -> received.add("b:" + n.payload()));
        pool.execute("notify a, '1'");
        await().until(() -> received.size() == 2);
        assertThat(received).containsExactly("a:1", "a2:1");
        a.close();
        a.close();
        pool.execute("notify a, '2'");
        pool.execute("notify b, '3'");
        await().until(() -> received.size() == 4);
        assertThat(received).containsExactly("a:1", "a2:1", "a2:2", "b:3");
        assertThat(fixture.backends()).isEqualTo(2);
        a2.close();
        b.close();
        assertThat(b.active()).isFalse();
        await().until(() -> fixture.backends() == 1);
        // And it begins anew.
        try (Subscription again = pool.listen("a", n -> received.add("again:" + n.payload()))) {
            pool.execute("notify a, '4'");
            await().until(() -> received.contains("again:4"));
        }
    }

    @Test
    void lostConnectionIsMadeAgainAndTheGapReported() {
        var gaps = new AtomicInteger();
        try (Subscription subscription = pool.listen("gap", n -> received.add(n.payload()), gaps::incrementAndGet)) {
            pool.execute("notify gap, 'before'");
            await().until(() -> received.contains("before"));
            for (int round = 1; round <= 3; round++) {
                int expected = round;
                fixture.terminateAll();
                await().until(() -> gaps.get() == expected && subscription.active());
                pool.execute("notify gap, 'after " + round + "'");
                await().until(() -> received.contains("after " + expected));
            }
        }
    }

    @Test
    void failingListenerIsReportedAndListensOn() {
        try (Subscription subscription = pool.listen("failing", n -> {
            received.add(n.payload());
            throw new IllegalStateException("listener failed");
        })) {
            pool.execute("notify failing, '1'");
            pool.execute("notify failing, '2'");
            await().until(() -> received.size() == 2);
            assertThat(fixture.warnings()).anyMatch(line -> line.contains("a listener on channel 'failing' failed"));
            assertThat(subscription.active()).isTrue();
        }
    }

    @Test
    void subscriptionMadeInACallbackWorks() {
        pool.listen("first_channel", n -> pool.listen("second_channel", inner -> received.add(inner.payload())));
        pool.execute("notify first_channel");
        await().until(() -> {
            pool.execute("notify second_channel, 'x'");
            return received.contains("x");
        });
    }

    @Test
    void impossibleChannelNamesAreRefused() {
        assertThatThrownBy(() -> pool.listen("", n -> {})).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.listen("x".repeat(64), n -> {})).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void listeningGoesOnAlsoWhereTheLossCannotBeLogged() {
        var logger = (Logger) LoggerFactory.getLogger(ChannelListener.class);
        var appender = new FailingAppender();
        appender.start();
        try (Subscription subscription = pool.listen("first", n -> received.add(n.payload()))) {
            logger.addAppender(appender);
            fixture.terminateAll();
            await().until(() -> !appender.texts().isEmpty());
            await().until(subscription::active);
            pool.execute("notify first, '1'");
            await().until(() -> received.contains("1"));
        } finally {
            logger.detachAppender(appender);
        }
    }

    /** As one does for which the system has no room. */
    private static final class UnstartableThread extends Thread {

        @Override
        public void start() {
            throw new OutOfMemoryError("by the test: unable to create native thread");
        }
    }

    @Test
    void whoSubscribesNextIsServedAfterAThreadCouldNotBeStarted() {
        var asked = new AtomicInteger();
        var hosts = new Hosts(fixture.connectOptions().build(), new TypeRegistry());
        var listener = new ChannelListener(
                fixture.options(1, 1).build(),
                hosts::open,
                task -> asked.incrementAndGet() == 1 ? new UnstartableThread() : new Thread(task));
        try {
            assertThatThrownBy(() -> listener.listen("first", n -> received.add("first"), () -> {}))
                    .isInstanceOf(OutOfMemoryError.class);
            listener.listen("second", n -> received.add("second"), () -> {});
            pool.execute("notify first");
            pool.execute("notify second");
            await().until(() -> !received.isEmpty());
            assertThat(received).containsExactly("second");
        } finally {
            listener.close();
        }
    }

    /** Each wait would end at once for ever, a pause between two attempts too. */
    @Test
    void callbackThatInterruptsItselfDoesNotHaveTheConnectionMadeAgain() {
        var gaps = new AtomicInteger();
        try (Subscription subscription = pool.listen("gap", n -> received.add(n.payload()), () -> {
            gaps.incrementAndGet();
            Thread.currentThread().interrupt();
        })) {
            fixture.terminateAll();
            await().until(() -> gaps.get() > 0);
            await().until(() -> {
                pool.execute("notify gap, 'after'");
                return received.size() > 20;
            });
            assertThat(gaps).hasValue(1);
        }
    }

    @Test
    void closingThePoolEndsSubscriptions() {
        Subscription subscription = pool.listen("closing", n -> received.add(n.payload()));
        pool.close();
        assertThat(subscription.active()).isFalse();
        await().until(() -> fixture.backends() == 0);
        await().until(() -> fixture.threads().isEmpty());
    }
}
