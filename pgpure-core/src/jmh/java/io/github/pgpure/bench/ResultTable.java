package io.github.pgpure.bench;

import io.github.pgpure.bench.Results.Line;
import io.github.pgpure.bench.Results.Measured;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Results as Markdown tables, which read well on a terminal too. */
final class ResultTable {

    private ResultTable() {}

    /** One scenario: medians of the rounds, and between what the rate was. */
    static String of(Scenario scenario, Measured measured) {
        boolean start = scenario.workload() == Workload.FIRST_ROW;
        Metric main = start ? Metric.MILLISECONDS : Metric.RATE;
        List<Metric> others = new ArrayList<>(
                start ? List.of() : List.of(Metric.P50, Metric.P99, Metric.ALLOCATED, Metric.CPU));
        if (start || scenario.workload() == Workload.STREAM) {
            others.add(Metric.PEAK_MEMORY);
        }
        others.removeIf(metric ->
                measured.lines().stream().allMatch(line -> line.values(metric).isEmpty()));
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(
                "client", start ? "ms" : scenario.workload().unit() + " per second", "ratio", "min..max"));
        others.forEach(metric -> head.add(metric.title()));
        rows.add(head);
        double baseline = measured.line(Scenarios.BASELINE.label())
                .map(line -> line.median(main))
                .orElse(Double.NaN);
        for (Line line : measured.lines()) {
            List<String> row = new ArrayList<>();
            row.add(line.title());
            if (line.values(main).isEmpty()) {
                row.add(line.failure().isEmpty() ? "not measured" : line.failure());
            } else {
                row.add(number(line.median(main)));
                row.add(ratio(line.median(main) / baseline));
                row.add(number(Collections.min(line.values(main))) + ".." + number(Collections.max(line.values(main))));
                others.forEach(metric -> row.add(number(line.median(metric))));
                if (!line.failure().isEmpty()) {
                    row.set(0, line.title() + " (" + line.failure() + ")");
                }
            }
            rows.add(row);
        }
        return markdown(rows);
    }

    /** The points of a curve: a column each, with the rate, and the ratio to the first line in parentheses. */
    static String curve(List<Scenario> points, Results results) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(axis(points.get(0))));
        points.forEach(point -> head.add(String.format(Locale.ROOT, "%,d", point.point())));
        rows.add(head);
        for (Cell cell : points.get(0).cells()) {
            List<String> row = new ArrayList<>(List.of(cell.title()));
            for (Scenario point : points) {
                Optional<Measured> measured = results.scenario(point.id());
                double rate = measured.flatMap(one -> one.line(cell.label()))
                        .map(line -> line.median(Metric.RATE))
                        .orElse(Double.NaN);
                double speed = measured.map(one -> one.speed(cell.label())).orElse(Double.NaN);
                row.add(Double.isNaN(rate) ? "–" : number(rate) + " (" + ratio(speed) + ")");
            }
            rows.add(row);
        }
        return markdown(rows);
    }

    static String axis(Scenario point) {
        return point.name().substring(point.name().indexOf('-') + 1);
    }

    /** With thousands separated, three digits or more. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    static String ratio(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, value < 0.01 ? "%.3f" : "%.2f", value);
    }

    private static String markdown(List<List<String>> rows) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                // A reason why there is no figure may be long.
                widths[i] = Math.max(widths[i], Math.min(row.get(i).length(), 50));
            }
        }
        StringBuilder table = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            table.append('|');
            for (int i = 0; i < columns; i++) {
                String text = i < rows.get(r).size() ? rows.get(r).get(i).replace("|", "\\|") : "";
                String blanks = " ".repeat(Math.max(0, widths[i] - text.length()));
                table.append(' ').append(i == 0 ? text + blanks : blanks + text).append(" |");
            }
            table.append('\n');
            if (r == 0) {
                table.append('|');
                for (int i = 0; i < columns; i++) {
                    table.append(i == 0 ? "-".repeat(widths[i] + 2) : "-".repeat(widths[i] + 1) + ":")
                            .append('|');
                }
                table.append('\n');
            }
        }
        return table.toString();
    }
}
