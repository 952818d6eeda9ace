package io.github.pgpure.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.test.PostgresServer;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a checkout and its return cost when nothing is done in between, with one thread, as many as there are connections, and many more; beside
 * HikariCP with pgjdbc.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class CheckoutBenchmark {

    private static final int CONNECTIONS = 8;

    @Param({"pgpure", "hikari"})
    public String pool;

    private AutoCloseable closeable = () -> {};
    private Checkout checkout = () -> {};

    private interface Checkout {
        void andReturn() throws SQLException;
    }

    @Setup
    public void open() {
        PostgresServer server = PostgresServer.shared();
        if (pool.equals("pgpure")) {
            PgPool pgpure = PgPool.open(
                    PgConnectOptions.parse(server.uri()),
                    PgPoolOptions.builder().maxConnections(CONNECTIONS).build());
            while (pgpure.idleConnections() < CONNECTIONS) {
                Thread.onSpinWait();
            }
            closeable = pgpure;
            checkout = () -> pgpure.checkoutConnection().close();
        } else {
            var config = new HikariConfig();
            config.setJdbcUrl("jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + server.database());
            config.setUsername(server.username());
            config.setPassword(server.password());
            config.setMaximumPoolSize(CONNECTIONS);
            var hikari = new HikariDataSource(config);
            while (hikari.getHikariPoolMXBean().getIdleConnections() < CONNECTIONS) {
                Thread.onSpinWait();
            }
            closeable = hikari;
            checkout = () -> hikari.getConnection().close();
        }
    }

    @TearDown
    public void close() throws Exception {
        closeable.close();
    }

    @Benchmark
    @Threads(1)
    public void threads01() throws SQLException {
        checkout.andReturn();
    }

    @Benchmark
    @Threads(8)
    public void threads08() throws SQLException {
        checkout.andReturn();
    }

    @Benchmark
    @Threads(64)
    public void threads64() throws SQLException {
        checkout.andReturn();
    }
}
