package io.github.pgpure.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * The picture of the README: for each workload how many times as fast as pgjdbc with HikariCP the others are. The scale is logarithmic, so
 * that twice as fast is as far to the right as half as fast to the left.
 */
final class PerformanceChart {

    /** Labels of cells; empty where there is no such thing. */
    private record Row(
            String scenario, String title, String pgpure, String pgpureVirtual, String vertx, String pgjdbcOther) {

        List<String> labels() {
            return List.of(pgpure, pgpureVirtual, vertx, pgjdbcOther);
        }
    }

    private static final List<Row> ROWS = List.of(
            new Row("W1", "point select, 1 caller", "pgpure", "pgpure-virtual", "vertx", "pgjdbc-virtual"),
            new Row(
                    "W2",
                    "point selects, 256 callers, 8 connections",
                    "pgpure",
                    "pgpure-virtual",
                    "vertx",
                    "pgjdbc-virtual"),
            new Row("W3", "20 selects together", "pgpure", "", "vertx-batch", "pgjdbc-multi-statement"),
            new Row("W4", "100,000 rows of 8 columns", "pgpure", "", "vertx", ""),
            new Row("W5", "1,000,000 rows streamed in 64 MB", "pgpure", "", "vertx", ""),
            new Row("W6", "10,000 inserts as a batch", "pgpure", "", "vertx", "pgjdbc-rewrite"),
            new Row("W7", "COPY of text", "pgpure", "", "", ""),
            new Row("W7r", "COPY of Java values", "pgpure", "", "", ""),
            new Row("W8x64", "checkout, 64 callers", "pgpure", "pgpure-virtual", "vertx", "pgjdbc-virtual"),
            new Row("W9", "transactions, 32 callers", "pgpure", "pgpure-virtual", "vertx", "pgjdbc-virtual"),
            new Row("W9", "the same, pipelined", "pgpure-pipelined", "pgpure-pipelined-virtual", "vertx-pipelined", ""),
            new Row("W10", "JVM start to first row", "pgpure", "", "vertx", ""));

    private static final int WIDTH = 880;
    private static final int TOP = 96;
    private static final int ROW = 30;
    private static final int LEFT = 350;
    private static final int RIGHT = 800;

    /** Powers of two: from a quarter to sixteen times. */
    private static final int LOWEST = -2;

    private static final int HIGHEST = 4;

    private static final double MARK = 5.5;

    private PerformanceChart() {}

    static boolean hasAll(Results results) {
        return ROWS.stream().allMatch(row -> results.scenario(row.scenario()).isPresent());
    }

    static String draw(Results results) {
        int bottom = TOP + ROWS.size() * ROW;
        Svg svg = new Svg(WIDTH, bottom + 66, "How many times as fast as pgjdbc with HikariCP");
        svg.text(24, 32, "title", "Times as fast as pgjdbc + HikariCP on platform threads");
        legend(svg);
        for (int power = LOWEST; power <= HIGHEST; power++) {
            double x = x(Math.pow(2, power));
            svg.line(x, TOP - 6, x, bottom, power == 0 ? "base" : "grid");
            svg.text(x, bottom + 18, "faint middle", power < 0 ? "1/" + (1 << -power) : String.valueOf(1 << power));
        }
        svg.text(
                24,
                bottom + 48,
                "faint",
                "pgjdbc otherwise: virtual threads (W1, W2, W8, W9), statements in one text (W3), rewritten inserts (W6). "
                        + "On the right: pgpure's best.");
        for (int i = 0; i < ROWS.size(); i++) {
            row(svg, ROWS.get(i), results, TOP + i * ROW + ROW / 2.0);
        }
        return svg.toString();
    }

    private static void legend(Svg svg) {
        entry(svg, 24, "pgpure", (x, y) -> svg.circle(x, y, "pgpure"));
        entry(svg, 110, "pgpure, virtual threads", (x, y) -> svg.circle(x, y, "pgpure hollow"));
        entry(svg, 300, "Vert.x", (x, y) -> diamond(svg, x, y));
        entry(svg, 390, "pgjdbc otherwise", (x, y) -> square(svg, x, y));
    }

    private static void entry(Svg svg, double x, String text, BiConsumer<Double, Double> mark) {
        mark.accept(x + MARK, 58.0);
        svg.text(x + 18, 62, "faint", text);
    }

    private static void row(Svg svg, Row row, Results results, double y) {
        svg.text(24, y + 4, "", row.scenario().replace("x64", "") + "  " + row.title());
        svg.line(LEFT, y, RIGHT, y, "grid");
        double[] speeds = row.labels().stream()
                .mapToDouble(label -> results.scenario(row.scenario())
                        .map(measured -> measured.speed(label))
                        .orElse(Double.NaN))
                .toArray();
        mark(speeds[3], y, (x, at) -> square(svg, x, at));
        mark(speeds[2], y, (x, at) -> diamond(svg, x, at));
        mark(speeds[1], y, (x, at) -> svg.circle(x, at, "pgpure hollow"));
        mark(speeds[0], y, (x, at) -> svg.circle(x, at, "pgpure"));
        double best = Double.isNaN(speeds[1]) ? speeds[0] : Math.max(speeds[0], speeds[1]);
        svg.text(
                WIDTH - 20,
                y + 4,
                Double.isNaN(best) ? "faint right" : "number",
                Double.isNaN(best) ? "no figures" : String.format(Locale.ROOT, "%.2f", best));
    }

    private static void mark(double speed, double y, BiConsumer<Double, Double> mark) {
        if (!Double.isNaN(speed)) {
            mark.accept(x(speed), y);
        }
    }

    /** What lies outside of the scale is drawn at its end. */
    private static double x(double speed) {
        double power = Math.log(speed) / Math.log(2);
        double within = Math.max(LOWEST, Math.min(HIGHEST, power));
        return LEFT + (within - LOWEST) / (HIGHEST - LOWEST) * (RIGHT - LEFT);
    }

    private static void diamond(Svg svg, double x, double y) {
        svg.path(
                String.format(Locale.ROOT, "M%.1f %.1f l6 6 l-6 6 l-6 -6 z", x, y - 6), "vertx");
    }

    private static void square(Svg svg, double x, double y) {
        svg.path(
                String.format(Locale.ROOT, "M%.1f %.1f h9 v9 h-9 z", x - 4.5, y - 4.5), "pgjdbc hollow");
    }
}
