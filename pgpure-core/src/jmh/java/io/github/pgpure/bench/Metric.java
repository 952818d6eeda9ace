package io.github.pgpure.bench;

import java.util.List;

/** What is measured, in each slice. */
enum Metric {
    /** Operations or rows a second. */
    RATE("per second"),
    /** What W10 measures, in place of a rate. */
    MILLISECONDS("ms"),
    P50("p50 µs"),
    P99("p99 µs"),
    /** By all threads of the client's JVM, per operation or row. */
    ALLOCATED("bytes each"),
    /** Of the client's whole process, with compiler and collector, per operation or row. */
    CPU("client CPU µs each"),
    PEAK_MEMORY("peak MB");

    private final String title;

    Metric(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** NaN of none. */
    static double median(List<Double> values) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        List<Double> sorted = values.stream().sorted().toList();
        int n = sorted.size();
        return (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    }
}
