package io.github.pgpure.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What has been measured, as the JSON file has it. Runs add to it; what is measured again is replaced. */
record Results(List<Measured> scenarios) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * One scenario.
     *
     * @param environment on what it was measured
     */
    record Measured(String id, Map<String, String> environment, List<Line> lines) {

        Optional<Line> line(String label) {
            return lines.stream().filter(line -> line.label().equals(label)).findFirst();
        }

        /** How many times as fast a client is as pgjdbc with HikariCP; NaN when one of them was not measured. */
        double speed(String label) {
            Optional<Line> baseline = line(Scenarios.BASELINE.label());
            Optional<Line> line = line(label);
            if (baseline.isEmpty() || line.isEmpty()) {
                return Double.NaN;
            }
            double rate = line.get().median(Metric.RATE) / baseline.get().median(Metric.RATE);
            return Double.isNaN(rate)
                    ? baseline.get().median(Metric.MILLISECONDS) / line.get().median(Metric.MILLISECONDS)
                    : rate;
        }
    }

    /**
     * One client's figures.
     *
     * @param failure why there are none, empty when nothing went wrong
     * @param rounds the figure of each slice, in order
     */
    record Line(String label, String title, String failure, Map<Metric, List<Double>> rounds) {

        static Line of(Cell cell) {
            return new Line(cell.label(), cell.title(), "", new LinkedHashMap<>());
        }

        Line failed(String why) {
            return new Line(label, title, why, rounds);
        }

        void add(Map<Metric, Double> figures) {
            figures.forEach((metric, value) -> {
                if (Double.isFinite(value)) {
                    rounds.computeIfAbsent(metric, m -> new ArrayList<>()).add(rounded(value));
                }
            });
        }

        List<Double> values(Metric metric) {
            return rounds.getOrDefault(metric, List.of());
        }

        /** NaN when it was not measured. */
        double median(Metric metric) {
            return Metric.median(values(metric));
        }

        /** To five digits: the file stays readable, and nothing is that exact. */
        private static double rounded(double value) {
            return new java.math.BigDecimal(value)
                    .round(new java.math.MathContext(5))
                    .doubleValue();
        }
    }

    static Results read(Path file) {
        return Files.exists(file) ? JSON.readValue(file, Results.class) : new Results(List.of());
    }

    void write(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, JSON.writeValueAsString(this) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** These, with one more or another for the same scenario; in the order of {@link Scenarios}. */
    Results with(Measured measured) {
        List<Measured> all = new ArrayList<>(scenarios);
        all.removeIf(other -> other.id().equals(measured.id()));
        all.add(measured);
        List<String> order = Scenarios.ALL.stream().map(Scenario::id).toList();
        all.sort(java.util.Comparator.comparingInt(one -> order.indexOf(one.id())));
        return new Results(all);
    }

    Optional<Measured> scenario(String id) {
        return scenarios.stream().filter(measured -> measured.id().equals(id)).findFirst();
    }
}
