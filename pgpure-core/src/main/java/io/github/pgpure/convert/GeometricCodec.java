package io.github.pgpure.convert;

import io.github.pgpure.convert.Geometric.Box;
import io.github.pgpure.convert.Geometric.Circle;
import io.github.pgpure.convert.Geometric.Line;
import io.github.pgpure.convert.Geometric.LineSegment;
import io.github.pgpure.convert.Geometric.Path;
import io.github.pgpure.convert.Geometric.Point;
import io.github.pgpure.convert.Geometric.Polygon;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** point, line, lseg, box, path, polygon and circle: float8s one after the other, before them what a path and a polygon need. */
final class GeometricCodec extends ScalarCodec<Geometric> {

    private final Class<? extends Geometric> kind;

    @SuppressWarnings("unchecked")
    GeometricCodec(int oid, String typeName, Class<? extends Geometric> kind) {
        super(oid, typeName, Format.BINARY, (Class<Geometric>) kind, kind.getCanonicalName());
        this.kind = kind;
    }

    static String join(List<Point> points) {
        return points.stream().map(Point::toString).collect(Collectors.joining(","));
    }

    /** Makes the value of its numbers. */
    private Geometric make(List<Double> n, boolean open) {
        if (kind == Path.class || kind == Polygon.class) {
            if (n.size() % 2 != 0) {
                throw malformed();
            }
            List<Point> points = new ArrayList<>(n.size() / 2);
            for (int i = 0; i < n.size(); i += 2) {
                points.add(point(n, i));
            }
            return kind == Path.class ? new Path(points, open) : new Polygon(points);
        }
        if (n.size() != count()) {
            throw malformed();
        }
        if (kind == Point.class) {
            return point(n, 0);
        } else if (kind == Line.class) {
            return new Line(n.get(0), n.get(1), n.get(2));
        } else if (kind == Circle.class) {
            return new Circle(point(n, 0), n.get(2));
        }
        return kind == Box.class ? new Box(point(n, 0), point(n, 2)) : new LineSegment(point(n, 0), point(n, 2));
    }

    private static Point point(List<Double> numbers, int index) {
        return new Point(numbers.get(index), numbers.get(index + 1));
    }

    private int count() {
        return kind == Point.class ? 2 : kind == Line.class || kind == Circle.class ? 3 : 4;
    }

    private static ValueException malformed() {
        return new ValueException("it has not as many numbers as it should");
    }

    @Override
    Geometric readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        int header = kind == Path.class ? 5 : kind == Polygon.class ? 4 : 0;
        if (length < header || (length - header) % 8 != 0) {
            throw malformed();
        }
        List<Double> numbers = new ArrayList<>((length - header) / 8);
        for (int at = offset + header; at < offset + length; at += 8) {
            numbers.add(Double.longBitsToDouble(Bytes.getLong(bytes, at)));
        }
        if (header > 0 && numbers.size() != 2L * Bytes.getInt(bytes, offset + header - 4)) {
            throw malformed();
        }
        return make(numbers, kind == Path.class && bytes[offset] == 0);
    }

    @Override
    Geometric readText(ConversionContext context, String text) {
        List<Double> numbers = new ArrayList<>();
        int start = -1;
        for (int i = 0; i < text.length(); i++) {
            boolean separator = "()[]{}<>, ".indexOf(text.charAt(i)) >= 0;
            if (!separator && start < 0) {
                start = i;
            } else if (separator && start >= 0) {
                numbers.add(FloatText.parseDouble(text.substring(start, i)));
                start = -1;
            }
        }
        if (start >= 0) {
            numbers.add(FloatText.parseDouble(text.substring(start)));
        }
        return make(numbers, text.startsWith("["));
    }

    @Override
    void writeBinary(ConversionContext context, Geometric value, FrontendBuffer out) {
        if (value instanceof Path path) {
            out.writeByte(path.open() ? 0 : 1);
            write(path.points(), out);
        } else if (value instanceof Polygon polygon) {
            write(polygon.points(), out);
        } else if (value instanceof Line line) {
            out.writeDouble(line.a());
            out.writeDouble(line.b());
            out.writeDouble(line.c());
        } else if (value instanceof Circle circle) {
            write(circle.center(), out);
            out.writeDouble(circle.radius());
        } else if (value instanceof Box box) {
            write(box.upperRight(), out);
            write(box.lowerLeft(), out);
        } else if (value instanceof LineSegment segment) {
            write(segment.start(), out);
            write(segment.end(), out);
        } else if (value instanceof Point point) {
            write(point, out);
        }
    }

    private static void write(List<Point> points, FrontendBuffer out) {
        out.writeInt(points.size());
        for (Point point : points) {
            write(point, out);
        }
    }

    private static void write(Point point, FrontendBuffer out) {
        out.writeDouble(point.x());
        out.writeDouble(point.y());
    }

    @Override
    String writeText(ConversionContext context, Geometric value) {
        return value.toString();
    }

    @Override
    @Nullable
    Geometric accept(ConversionContext context, Object value) {
        if (value instanceof String text) {
            return readText(context, text);
        }
        return kind.isInstance(value) ? (Geometric) value : null;
    }
}
