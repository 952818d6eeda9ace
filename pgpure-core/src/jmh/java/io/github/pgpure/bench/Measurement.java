package io.github.pgpure.bench;

import java.util.Map;

/** Measures a client in slices. */
interface Measurement {

    /**
     * Lets the client work for a while and says what that gave.
     *
     * @param warmup seconds that do not count, before those that do
     * @param seconds how long to measure
     * @return the figures by the names in {@link Metric}
     */
    Map<Metric, Double> slice(double warmup, double seconds) throws Exception;
}
