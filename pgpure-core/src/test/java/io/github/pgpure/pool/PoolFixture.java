package io.github.pgpure.pool;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.slf4j.LoggerFactory;

/** A pool whose backends can be told from all others on the server, and what tests do to them from outside. */
final class PoolFixture implements AutoCloseable {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    final PostgresServer server;
    final String name =
            "pool-" + NUMBER.incrementAndGet() + "-" + ProcessHandle.current().pid();

    /** What was logged since the fixture was made, without what names another pool: those of earlier tests may have threads left. */
    final List<ILoggingEvent> log = new CopyOnWriteArrayList<>();

    private final Appender<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            String text = event.getFormattedMessage();
            if (!text.contains("pool '") || text.contains("pool '" + PoolFixture.this.name + "'")) {
                log.add(event);
            }
        }
    };
    private final List<PgPool> pools = new ArrayList<>();

    PoolFixture() {
        this(PostgresServer.shared());
    }

    PoolFixture(PostgresServer server) {
        this.server = server;
        appender.start();
        poolLogger().addAppender(appender);
    }

    PgConnectOptions.Builder connectOptions() {
        return PgConnectOptions.parse(server.uri()).toBuilder().applicationName(name);
    }

    PgPoolOptions.Builder options(int minIdle, int max) {
        return PgPoolOptions.builder()
                .name(name)
                .minIdle(minIdle)
                .maxConnections(max)
                .acquireTimeout(Duration.ofSeconds(20));
    }

    /** Opens a pool and waits until it has its idle connections. */
    PgPool open(PgPoolOptions.Builder options) {
        PgPool pool = PgPool.open(connectOptions().build(), options.build());
        pools.add(pool);
        await().until(() -> pool.idleConnections() >= pool.options().minIdle());
        return pool;
    }

    /** How many sessions the server has of this pool. */
    int backends() {
        return Integer.parseInt(
                server.query("select count(*) from pg_stat_activity where application_name = '" + name + "'"));
    }

    /** Ends all sessions of this pool, and returns when they are gone. */
    int terminateAll() {
        return Integer.parseInt(server.query(
                "select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity where application_name = '" + name
                        + "'"));
    }

    void terminate(int pid) {
        server.query("select pg_terminate_backend(" + pid + ", 10000)");
    }

    List<String> warnings() {
        return log.stream()
                .filter(event -> event.getLevel() == ch.qos.logback.classic.Level.WARN
                        || event.getLevel() == ch.qos.logback.classic.Level.ERROR)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** The threads that this pool has now. */
    List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(thread -> thread.startsWith(name))
                .toList();
    }

    static ConditionFactory await() {
        return Awaitility.await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(20));
    }

    /** An executor of virtual threads where there are any, else one of platform threads. */
    static ExecutorService virtualThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            return Executors.newCachedThreadPool();
        }
    }

    private static Logger poolLogger() {
        return (Logger) LoggerFactory.getLogger("io.github.pgpure.pool");
    }

    @Override
    public void close() {
        pools.forEach(PgPool::close);
        poolLogger().detachAppender(appender);
    }
}
