package io.github.pgpure.bench;

import java.util.Locale;

/**
 * An SVG picture with its own background, so that it reads on light and on dark pages: colours are classes, whose meaning follows the
 * reader's colour scheme.
 */
final class Svg {

    private static final String STYLE =
            """
            <style>
              svg { --page: #ffffff; --text: #1f2328; --faint: #59636e; --grid: #d8dee4; --pgpure: #0969da; --pgjdbc: #57606a; --vertx: #bc4c00; }
              @media (prefers-color-scheme: dark) {
                svg { --page: #0d1117; --text: #e6edf3; --faint: #9198a1; --grid: #30363d; --pgpure: #58a6ff; --pgjdbc: #afb8c1; --vertx: #f0883e; }
              }
              text { font: 13px -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: var(--text); }
              .title { font-weight: 600; font-size: 15px; }
              .faint { fill: var(--faint); font-size: 12px; }
              .number { font-weight: 600; text-anchor: end; }
              .middle { text-anchor: middle; }
              .right { text-anchor: end; }
              .page { fill: var(--page); }
              .grid { stroke: var(--grid); fill: none; }
              .base { stroke: var(--pgjdbc); stroke-width: 1.5; fill: none; }
              .pgpure { fill: var(--pgpure); stroke: var(--pgpure); }
              .pgjdbc { fill: var(--pgjdbc); stroke: var(--pgjdbc); }
              .vertx { fill: var(--vertx); stroke: var(--vertx); }
              .hollow { fill: var(--page); stroke-width: 2; }
              .line { fill: none; stroke-width: 2; }
              .dashed { stroke-dasharray: 5 4; }
            </style>
            """;

    private final StringBuilder body = new StringBuilder();
    private final int width;
    private final int height;
    private final String title;

    Svg(int width, int height, String title) {
        this.width = width;
        this.height = height;
        this.title = title;
    }

    void text(double x, double y, String classes, String text) {
        add("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>", x, y, classes, escaped(text));
    }

    void line(double x1, double y1, double x2, double y2, String classes) {
        add("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>", x1, y1, x2, y2, classes);
    }

    void circle(double x, double y, String classes) {
        add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5.5\" class=\"%s\"/>", x, y, classes);
    }

    void path(String data, String classes) {
        add("<path d=\"%s\" class=\"%s\"/>", data, classes);
    }

    /** @param points x and y in turn */
    void polyline(double[] points, String classes) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < points.length; i += 2) {
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f", i == 0 ? "M" : " L", points[i], points[i + 1]));
        }
        path(path.toString(), classes);
    }

    private void add(String format, Object... values) {
        body.append("  ").append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    @Override
    public String toString() {
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n",
                        width,
                        height,
                        width,
                        height)
                + "<title>" + escaped(title) + "</title>\n" + STYLE
                + "  <rect width=\"100%\" height=\"100%\" rx=\"8\" class=\"page\"/>\n" + body + "</svg>\n";
    }
}
