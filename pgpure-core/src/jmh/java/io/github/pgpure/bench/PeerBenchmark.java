package io.github.pgpure.bench;

import java.util.SplittableRandom;
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
 * The workloads one client at a time, for a look at one with JMH's profilers ({@code gc}, {@code jfr}). JMH measures one after the other, so
 * rates of different clients are compared by {@link PeerComparison} instead.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class PeerBenchmark {

    /** A server, and a client of it. */
    @State(Scope.Benchmark)
    public static class Target {

        @Param({"PGPURE", "PGJDBC", "VERTX"})
        public String client;

        @Param("8")
        public int connections;

        private BenchmarkServer server;
        private PeerClient peer;

        @Setup
        public void open() {
            server = BenchmarkServer.start();
            peer = PeerClient.open(
                    Cell.of(Client.valueOf(client), Callers.PLATFORM), connections, server.address(false));
        }

        @TearDown
        public void close() throws Exception {
            peer.close();
            server.close();
        }
    }

    /** Chooses keys. */
    @State(Scope.Thread)
    public static class Keys {
        private final SplittableRandom random = new SplittableRandom();
    }

    @Benchmark
    public void w1Select(Target target, Keys keys) throws Exception {
        Workload.select(target.peer, Workload.key(keys.random));
    }

    @Benchmark
    @Threads(256)
    public void w2SelectByManyCallers(Target target, Keys keys) throws Exception {
        Workload.select(target.peer, Workload.key(keys.random));
    }

    @Benchmark
    public void w3SelectTogether(Target target, Keys keys) throws Exception {
        Workload.selectTogether(target.peer, keys.random);
    }

    @Benchmark
    public long w4WideRows(Target target) throws Exception {
        return target.peer.fetchWide(Scenarios.byId("W4").query());
    }

    @Benchmark
    public long w5Stream(Target target) throws Exception {
        return target.peer.stream(Scenarios.byId("W5").query());
    }

    @Benchmark
    public void w6Batch(Target target) throws Exception {
        target.peer.execute("truncate ins");
        target.peer.insertBatch(10_000);
    }

    @Benchmark
    public void w8Checkout(Target target) throws Exception {
        target.peer.checkout();
    }

    @Benchmark
    @Threads(32)
    public void w9Transaction(Target target, Keys keys) throws Exception {
        Workload.transaction(target.peer, keys.random);
    }
}
