package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ch.qos.logback.classic.Logger;
import io.github.pgpure.PgException;
import io.github.pgpure.PgHost;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Exceptions and errors within the pool's own background work: none ends it for good, or costs a connection for ever. */
@Timeout(60)
class PoolInnerFailuresIT {

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
    void deadLinksAreFoundAgainAfterTheirSearchHasFailed() {
        var logger = (Logger) LoggerFactory.getLogger("io.github.pgpure.pool");
        var appender = new FailingAppender();
        appender.start();
        try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                PgPool pool = PgPool.open(
                        fixture.connectOptions()
                                .host("127.0.0.1")
                                .port(link.port())
                                .build(),
                        fixture.options(3, 3)
                                .keepaliveInterval(Duration.ofMillis(100))
                                .build())) {
            logger.addAppender(appender);
            for (int round = 1; round <= 2; round++) {
                int found = round;
                await().until(() -> pool.idleConnections() == 3);
                link.swallow();
                await().untilAsserted(() -> assertThat(appender.texts())
                        .filteredOn(text -> text.contains("something between has forgotten them"))
                        .hasSizeGreaterThanOrEqualTo(found));
            }
            await().until(() -> pool.idleConnections() == 3);
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            assertThat(pool.stats().totalConnections()).isEqualTo(3);
        } finally {
            logger.detachAppender(appender);
        }
    }

    /** A pool whose listener nothing guards: what it throws strikes where a log that breaks, or a stack that is full, would. */
    private PoolCore core(PgPoolOptions.Builder options, PoolListener listener) {
        return new PoolCore(fixture.connectOptions().build(), options.build(), listener);
    }

    private static StackOverflowError failure() {
        return new StackOverflowError("by the test");
    }

    @Test
    void connectionThatCannotBeTakenInGivesItsRoomBack() {
        var logins = new AtomicInteger();
        PoolCore core = core(fixture.options(1, 1).failFast(false), new PoolListener() {
            @Override
            public void opened(int backendPid, PgHost host, long tookNanos) {
                if (logins.incrementAndGet() == 1) {
                    throw failure();
                }
            }
        });
        try {
            core.start();
            // Those who wait just then are told of the failure.
            await().ignoreExceptionsInstanceOf(PgException.class).until(() -> {
                core.release(core.acquire(Deadline.NONE));
                return true;
            });
            assertThat(logins).hasValue(2);
            assertThat(core.stats().openingConnections()).isZero();
            assertThat(core.stats().totalConnections()).isEqualTo(1);
            await().until(() -> fixture.backends() == 1);
        } finally {
            core.close();
        }
    }

    @Test
    void firstConnectionThatCannotBeTakenInLeavesNothingBehind() {
        PoolCore core = core(fixture.options(1, 1), new PoolListener() {
            @Override
            public void opened(int backendPid, PgHost host, long tookNanos) {
                throw failure();
            }
        });
        assertThatThrownBy(core::start).isInstanceOf(StackOverflowError.class);
        assertThat(core.stats().openingConnections()).isZero();
        await().until(() -> fixture.backends() == 0);
    }

    /** Fails once, on the thread that has just been given a connection. */
    private static final class FailsOnceAtCheckout implements PoolListener {

        private final AtomicBoolean failed = new AtomicBoolean();

        @Override
        public void acquired(int backendPid, long waitedNanos) {
            if (failed.compareAndSet(false, true)) {
                throw failure();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connectionWhoseCheckoutFailsIsAvailableAgain(boolean shared) {
        PoolCore core = core(fixture.options(1, 1), new FailsOnceAtCheckout());
        try {
            core.start();
            assertThatThrownBy(() -> {
                        if (shared) {
                            core.tryAcquireShared();
                        } else {
                            core.acquire(Deadline.NONE);
                        }
                    })
                    .isInstanceOf(StackOverflowError.class);
            assertThat(core.stats().idleConnections()).isEqualTo(1);
            assertThat(core.stats().activeConnections()).isZero();
        } finally {
            core.close();
        }
    }

    @Test
    void connectionThatWasWaitedForAndWhoseCheckoutFailsIsAvailableAgain() {
        PoolCore core = core(fixture.options(0, 1).failFast(false), new FailsOnceAtCheckout());
        try {
            core.start();
            assertThatThrownBy(() -> core.acquire(Deadline.NONE)).isInstanceOf(StackOverflowError.class);
            assertThat(core.stats().idleConnections()).isEqualTo(1);
            assertThat(core.stats().activeConnections()).isZero();
        } finally {
            core.close();
        }
    }

    @Test
    void connectionReturnedInATransactionIsRolledBackAlsoWhereThatCannotBeLogged() {
        var logger = (Logger) LoggerFactory.getLogger("io.github.pgpure.pool");
        var appender = new FailingAppender();
        appender.start();
        PoolCore core = core(fixture.options(1, 1), GuardedListener.NONE);
        try {
            core.start();
            PoolEntry entry = core.acquire(Deadline.NONE);
            entry.session.connection(closed -> {}).execute("begin");
            logger.addAppender(appender);
            assertThatThrownBy(() -> core.release(entry)).isInstanceOf(NoClassDefFoundError.class);
            assertThat(appender.texts()).anyMatch(text -> text.contains("in an open transaction"));
            await().until(() -> core.stats().idleConnections() == 1);
        } finally {
            logger.detachAppender(appender);
            core.close();
        }
    }

    @Test
    void listenerThatFailsHarmsNobodyAlsoWhereThatCannotBeLogged() {
        var logger = (Logger) LoggerFactory.getLogger("io.github.pgpure.pool");
        var appender = new FailingAppender();
        appender.start();
        logger.addAppender(appender);
        try {
            var guarded = new GuardedListener(new PoolListener() {
                @Override
                public void waiting() {
                    throw failure();
                }
            });
            assertThatCode(guarded::waiting).doesNotThrowAnyException();
            assertThat(appender.texts()).contains("a pool's listener failed");
        } finally {
            logger.detachAppender(appender);
        }
    }

    @Test
    void closingGoesOnWhereAConnectionCannotBeClosedProperly() {
        PoolCore core = core(fixture.options(3, 3).closeTimeout(Duration.ofMillis(100)), new PoolListener() {
            @Override
            public void closed(int backendPid, CloseReason reason) {
                throw failure();
            }
        });
        core.start();
        await().until(() -> core.stats().idleConnections() == 3);
        core.acquire(Deadline.NONE); // and never returned
        core.close();
        core.close(); // does not wait for an end that never comes
        await().until(() -> fixture.backends() == 0);
    }

    @Test
    void listenerMayCloseThePoolThatIsBeingClosed() {
        var core = new AtomicReference<@Nullable PoolCore>();
        PoolCore its = core(fixture.options(1, 1), new PoolListener() {
            @Override
            public void closed(int backendPid, CloseReason reason) {
                Objects.requireNonNull(core.get()).close();
            }
        });
        core.set(its);
        its.start();
        assertTimeoutPreemptively(Duration.ofSeconds(10), its::close);
        await().until(() -> fixture.backends() == 0);
    }

    @Test
    void slowStatementsAreNoticedAgainAfterThatHasFailed() {
        var core = new PoolCore(
                fixture.connectOptions().build(), fixture.options(1, 1).build(), GuardedListener.NONE);
        try {
            core.start();
            var noticed = new AtomicInteger();
            var slow = new SlowStatements(core.queue, core.keeper, () -> {
                noticed.incrementAndGet();
                throw new StackOverflowError("by the test");
            });
            PoolEntry entry = core.acquire(Deadline.NONE);
            try (PgConnection connection = entry.session.connection(entry)) {
                slow.begin();
                for (int i = 1; i <= 2; i++) {
                    connection.fetch("select pg_sleep(0.4)");
                }
                assertThat(noticed).hasValueGreaterThanOrEqualTo(2);
            }
        } finally {
            core.close();
        }
    }
}
