package io.github.pgpure.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The curves: rates against callers, connections and rows. */
final class GrowthChart {

    private static final List<String> NAMES =
            List.of("W2-callers", "W2-connections", "W9-callers", "W9-connections", "W4-rows");

    private static final int WIDTH = 880;
    private static final int PANEL_WIDTH = 420;
    private static final int PANEL_HEIGHT = 260;
    private static final int TOP = 60;

    private GrowthChart() {}

    static boolean hasAny(Results results) {
        return NAMES.stream()
                .flatMap(name -> points(name).stream())
                .anyMatch(point -> results.scenario(point.id()).isPresent());
    }

    private static List<Scenario> points(String name) {
        return Scenarios.ALL.stream()
                .filter(scenario -> scenario.name().equals(name))
                .toList();
    }

    static String draw(Results results) {
        int rows = (NAMES.size() + 1) / 2;
        Svg svg = new Svg(WIDTH, TOP + rows * PANEL_HEIGHT + 10, "Rates against callers, connections and rows");
        String[][] legend = {
            {"pgpure", "pgpure"},
            {"pgpure dashed", "pgpure, virtual threads"},
            {"pgjdbc", "pgjdbc + HikariCP"},
            {"pgjdbc dashed", "pgjdbc + HikariCP, virtual threads"},
            {"vertx", "Vert.x"}
        };
        double x = 24;
        for (String[] entry : legend) {
            svg.line(x, 26, x + 24, 26, entry[0] + " line");
            svg.text(x + 30, 30, "faint", entry[1]);
            x += 52 + 6.3 * entry[1].length();
        }
        for (int i = 0; i < NAMES.size(); i++) {
            panel(svg, points(NAMES.get(i)), results, 24 + i % 2 * PANEL_WIDTH, TOP + i / 2 * PANEL_HEIGHT);
        }
        return svg.toString();
    }

    private static void panel(Svg svg, List<Scenario> points, Results results, double x, double y) {
        Scenario first = points.get(0);
        double left = x + 56;
        double right = x + PANEL_WIDTH - 40;
        double top = y + 26;
        double bottom = y + PANEL_HEIGHT - 48;
        svg.text(x, y + 8, "title", first.name().replace('-', ' '));
        svg.text(right, y + 8, "faint right", first.workload().unit() + " per second, " + first.what());
        double highest = points.stream()
                .flatMap(point -> results.scenario(point.id()).stream())
                .flatMap(measured -> measured.lines().stream())
                .mapToDouble(line -> line.median(Metric.RATE))
                .filter(rate -> !Double.isNaN(rate))
                .max()
                .orElse(Double.NaN);
        if (Double.isNaN(highest)) {
            svg.text((left + right) / 2, (top + bottom) / 2, "faint middle", "no figures");
            return;
        }
        double scale = nice(highest);
        for (int i = 0; i <= 4; i++) {
            double at = bottom - i / 4.0 * (bottom - top);
            svg.line(left, at, right, at, "grid");
            svg.text(left - 6, at + 4, "faint right", compact(scale * i / 4));
        }
        double last = Math.log(points.get(points.size() - 1).point());
        for (Scenario point : points) {
            double at = left + Math.log(point.point()) / last * (right - left);
            svg.text(at, bottom + 18, "faint middle", compact(point.point()));
        }
        svg.text((left + right) / 2, bottom + 34, "faint middle", ResultTable.axis(first));
        for (Cell cell : first.cells()) {
            List<Double> line = new ArrayList<>();
            for (Scenario point : points) {
                double rate = results.scenario(point.id())
                        .flatMap(measured -> measured.line(cell.label()))
                        .map(result -> result.median(Metric.RATE))
                        .orElse(Double.NaN);
                if (!Double.isNaN(rate)) {
                    line.add(left + Math.log(point.point()) / last * (right - left));
                    line.add(bottom - rate / scale * (bottom - top));
                }
            }
            String colour = cell.client().name().toLowerCase(Locale.ROOT);
            svg.polyline(
                    line.stream().mapToDouble(Double::doubleValue).toArray(),
                    colour + " line" + (cell.callers() == Callers.VIRTUAL ? " dashed" : ""));
        }
    }

    /** The next of 1, 2, 4, 6, 8 and 10 times a power of ten: a scale whose quarters are short numbers. */
    private static double nice(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double step : new double[] {1, 2, 4, 6, 8}) {
            if (value <= step * power) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private static String compact(double value) {
        if (value >= 1e6) {
            return trimmed(value / 1e6) + "M";
        }
        if (value >= 1e4 || value == 1e3) {
            return trimmed(value / 1e3) + "k";
        }
        return trimmed(value);
    }

    private static String trimmed(double value) {
        return value == Math.rint(value)
                ? String.valueOf((long) value)
                : String.format(Locale.ROOT, "%.1f", value);
    }
}
