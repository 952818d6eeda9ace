package io.github.pgpure.convert;

import java.util.List;

/**
 * A value of one of PostgreSQL's geometric types; immutable. The text is the server's. See
 * <a href="https://www.postgresql.org/docs/current/datatype-geometric.html">Geometric Types</a>.
 */
public sealed interface Geometric {

    /** A value of the type point. */
    record Point(double x, double y) implements Geometric {
        @Override
        public String toString() {
            return "(" + FloatText.format(x) + "," + FloatText.format(y) + ")";
        }
    }

    /** A value of the type line: all points for which {@code a * x + b * y + c = 0}. */
    record Line(double a, double b, double c) implements Geometric {
        @Override
        public String toString() {
            return "{" + FloatText.format(a) + "," + FloatText.format(b) + "," + FloatText.format(c) + "}";
        }
    }

    /** A value of the type lseg. */
    record LineSegment(Point start, Point end) implements Geometric {
        @Override
        public String toString() {
            return "[" + start + "," + end + "]";
        }
    }

    /** A value of the type box; the server makes the corners the upper right one and the lower left one. */
    record Box(Point upperRight, Point lowerLeft) implements Geometric {
        @Override
        public String toString() {
            return upperRight + "," + lowerLeft;
        }
    }

    /**
     * A value of the type path.
     *
     * @param open whether its last point is not joined with the first
     */
    record Path(List<Point> points, boolean open) implements Geometric {
        public Path {
            points = List.copyOf(points);
        }

        @Override
        public String toString() {
            return (open ? "[" : "(") + GeometricCodec.join(points) + (open ? "]" : ")");
        }
    }

    /** A value of the type polygon. */
    record Polygon(List<Point> points) implements Geometric {
        public Polygon {
            points = List.copyOf(points);
        }

        @Override
        public String toString() {
            return "(" + GeometricCodec.join(points) + ")";
        }
    }

    /** A value of the type circle. */
    record Circle(Point center, double radius) implements Geometric {
        @Override
        public String toString() {
            return "<" + center + "," + FloatText.format(radius) + ">";
        }
    }
}
