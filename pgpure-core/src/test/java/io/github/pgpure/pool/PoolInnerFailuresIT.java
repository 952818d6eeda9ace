package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
