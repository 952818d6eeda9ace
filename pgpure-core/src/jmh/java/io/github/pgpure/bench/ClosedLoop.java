package io.github.pgpure.bench;

import io.github.pgpure.test.ThreadKind;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Callers each of whom begins the next operation as soon as the last one has ended. */
final class ClosedLoop implements Measurement {

    /** What a blocking caller does. */
    interface Operation {
        void run(SplittableRandom random) throws Exception;
    }

    /** What a caller does that is called back. */
    interface Callbacks {
        void run(SplittableRandom random, AsyncPeerClient.Callback callback);
    }

    private enum Phase {
        WARMUP,
        MEASURE,
        END
    }

    private static final long END_SECONDS = 60;

    private final int callers;
    private final Callers kind;
    private final Operation operation;
    private final @Nullable Callbacks callbacks;

    private volatile Phase phase = Phase.WARMUP;

    private ClosedLoop(int callers, Callers kind, Operation operation, @Nullable Callbacks callbacks) {
        this.callers = callers;
        this.kind = kind;
        this.operation = operation;
        this.callbacks = callbacks;
    }

    static ClosedLoop of(Scenario scenario, Cell cell, Operation operation, @Nullable Callbacks callbacks) {
        return new ClosedLoop(scenario.callers(), cell.callers(), operation, callbacks);
    }

    @Override
    public Map<Metric, Double> slice(double warmup, double seconds) throws Exception {
        phase = Phase.WARMUP;
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(callers);
        Latencies[] latencies = new Latencies[callers];
        for (int i = 0; i < callers; i++) {
            latencies[i] = new Latencies();
            start(new Caller(new SplittableRandom(i), latencies[i], failure, ended));
        }
        pause(warmup);
        ResourceUsage before = ResourceUsage.now();
        long start = System.nanoTime();
        phase = Phase.MEASURE;
        pause(seconds);
        phase = Phase.END;
        double measured = (System.nanoTime() - start) / 1e9;
        ResourceUsage used = ResourceUsage.now().since(before);
        if (!ended.await(END_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(ended.getCount() + " callers still wait for an answer");
        }
        if (failure.get() != null) {
            throw new IllegalStateException(failure.get());
        }
        Latencies all = new Latencies();
        for (Latencies one : latencies) {
            all.add(one);
        }
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        figures.put(Metric.RATE, all.count() / measured);
        figures.put(Metric.P50, all.percentileMicros(50));
        figures.put(Metric.P99, all.percentileMicros(99));
        used.addTo(figures, all.count());
        return figures;
    }

    private static void pause(double seconds) throws InterruptedException {
        Thread.sleep((long) (seconds * 1000));
    }

    private void start(Caller caller) {
        switch (kind) {
            case PLATFORM -> ThreadKind.PLATFORM.start(caller::loop);
            case VIRTUAL -> ThreadKind.VIRTUAL.start(caller::loop);
            case CALLBACKS -> caller.next();
        }
    }

    /** One of those who call. Its operations do not overlap, so nothing of it needs a lock. */
    private final class Caller implements AsyncPeerClient.Callback {

        private final SplittableRandom random;
        private final Latencies latencies;
        private final AtomicReference<Throwable> failed;
        private final CountDownLatch ended;
        private long started;

        Caller(
                SplittableRandom random,
                Latencies latencies,
                AtomicReference<Throwable> failed,
                CountDownLatch ended) {
            this.random = random;
            this.latencies = latencies;
            this.failed = failed;
            this.ended = ended;
        }

        void loop() {
            try {
                while (phase != Phase.END) {
                    started = System.nanoTime();
                    operation.run(random);
                    count();
                }
            } catch (Throwable e) {
                failed.compareAndSet(null, e);
            } finally {
                ended.countDown();
            }
        }

        void next() {
            started = System.nanoTime();
            callbacks.run(random, this);
        }

        @Override
        public void done(int value, @Nullable Throwable failure) {
            if (failure != null) {
                failed.compareAndSet(null, failure);
                ended.countDown();
                return;
            }
            count();
            if (phase == Phase.END) {
                ended.countDown();
            } else {
                next();
            }
        }

        private void count() {
            if (phase == Phase.MEASURE) {
                latencies.record(System.nanoTime() - started);
            }
        }
    }
}
