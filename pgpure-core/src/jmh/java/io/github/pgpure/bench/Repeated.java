package io.github.pgpure.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** One caller who does something large again and again; each time counts as a whole, and the median of them is the slice's rate. */
final class Repeated implements Measurement {

    /** What is repeated. */
    interface Operation {
        void run() throws Exception;
    }

    private final int rows;
    private final PeerClient client;
    private final String before;
    private final Operation operation;

    /**
     * @param rows how many each run reads or writes
     * @param before a statement that is run before each, and not measured; empty for none
     */
    Repeated(int rows, PeerClient client, String before, Operation operation) {
        this.rows = rows;
        this.client = client;
        this.before = before;
        this.operation = operation;
    }

    @Override
    public Map<Metric, Double> slice(double warmup, double seconds) throws Exception {
        double warmed = 0;
        while (warmed < warmup) {
            prepare();
            warmed += time();
        }
        List<Double> times = new ArrayList<>();
        ResourceUsage used = ResourceUsage.NONE;
        double measured = 0;
        while (measured < seconds) {
            prepare();
            ResourceUsage start = ResourceUsage.now();
            double time = time();
            used = used.plus(ResourceUsage.now().since(start));
            times.add(time);
            measured += time;
        }
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        figures.put(Metric.RATE, rows / Metric.median(times));
        used.addTo(figures, (double) rows * times.size());
        return figures;
    }

    private void prepare() throws Exception {
        if (!before.isEmpty()) {
            client.execute(before);
        }
    }

    private double time() throws Exception {
        long start = System.nanoTime();
        operation.run();
        return (System.nanoTime() - start) / 1e9;
    }
}
