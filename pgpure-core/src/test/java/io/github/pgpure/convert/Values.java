package io.github.pgpure.convert;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Arbitrary values of PostgreSQL's types. */
final class Values {

    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private Values() {}

    static Arbitrary<Float> floats() {
        return Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.integers().map(Values::floatOfBits)),
                Tuple.of(4, Arbitraries.floats()),
                Tuple.of(1, Arbitraries.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, 0f)));
    }

    /** There is one NaN only in PostgreSQL. */
    private static Float floatOfBits(int bits) {
        float value = Float.intBitsToFloat(bits);
        return Float.isNaN(value) ? Float.NaN : value;
    }

    static Arbitrary<Double> doubles() {
        return Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.longs().map(Values::doubleOfBits)),
                Tuple.of(4, Arbitraries.doubles().ofScale(4)),
                Tuple.of(1, Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0d, 0d)));
    }

    private static Double doubleOfBits(long bits) {
        double value = Double.longBitsToDouble(bits);
        return Double.isNaN(value) ? Double.NaN : value;
    }

    static Arbitrary<BigDecimal> decimals() {
        return Combinators.combine(
                        Arbitraries.bigIntegers().between(BigInteger.TEN.pow(60).negate(), BigInteger.TEN.pow(60)),
                        Arbitraries.integers().between(0, 80))
                .as(BigDecimal::new);
    }

    static Arbitrary<Object> numerics() {
        return Arbitraries.frequencyOf(
                Tuple.of(50, decimals().map(value -> (Object) value)),
                Tuple.of(1, Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)));
    }

    /** Texts of everything that UTF-8 and PostgreSQL can hold, with much of what has a meaning somewhere. */
    static Arbitrary<String> texts(int maxLength) {
        Arbitrary<Integer> points = Arbitraries.frequencyOf(
                Tuple.of(
                        3,
                        Arbitraries.chars()
                                .with("\\\"'{},() \n\t\u00a0NULnul[]=;:*&|!<>%_-")
                                .map(c -> (int) c)),
                Tuple.of(3, Arbitraries.integers().between('a', 'z')),
                Tuple.of(
                        2,
                        Arbitraries.integers().between(1, 0x10FFFF).filter(point -> point < 0xD800 || point > 0xDFFF)));
        return points.list().ofMaxSize(maxLength).map(list -> {
            StringBuilder text = new StringBuilder();
            list.forEach(text::appendCodePoint);
            return text.toString();
        });
    }

    static Arbitrary<byte[]> bytes() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(40);
    }

    static Arbitrary<UUID> uuids() {
        return Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(UUID::new);
    }

    static Arbitrary<LocalDate> dates() {
        // From the first day of the Julian calendar to the last that a date can be.
        Arbitrary<Long> all = Arbitraries.longs()
                .between(
                        LocalDate.of(-4713, 11, 24).toEpochDay(),
                        LocalDate.of(5_874_897, 12, 31).toEpochDay());
        return either(Arbitraries.longs().between(-3_000, 30_000), all).map(LocalDate::ofEpochDay);
    }

    private static Arbitrary<Long> either(Arbitrary<Long> one, Arbitrary<Long> other) {
        return Arbitraries.oneOf(one, other);
    }

    static Arbitrary<LocalTime> times() {
        return Arbitraries.longs().between(0, MICROS_PER_DAY - 1).map(micros -> LocalTime.ofNanoOfDay(micros * 1000));
    }

    static Arbitrary<OffsetTime> offsetTimes() {
        return Combinators.combine(times(), Arbitraries.integers().between(-57_599, 57_599))
                .as((time, seconds) -> OffsetTime.of(time, ZoneOffset.ofTotalSeconds(seconds)));
    }

    static Arbitrary<LocalDateTime> timestamps() {
        return Combinators.combine(
                        either(
                                Arbitraries.longs().between(0, 2_000_000_000L),
                                Arbitraries.longs().between(-210_866_803_200L, 9_224_318_015_999L)),
                        Arbitraries.integers().between(0, 999_999))
                .as((second, micros) -> LocalDateTime.ofEpochSecond(second, micros * 1000, ZoneOffset.UTC));
    }

    static Arbitrary<OffsetDateTime> instants() {
        return timestamps().map(timestamp -> timestamp.atOffset(ZoneOffset.UTC));
    }

    static Arbitrary<Interval> intervals() {
        Arbitrary<Integer> small = Arbitraries.integers().between(-50, 50);
        return Combinators.combine(
                        Arbitraries.oneOf(small, Arbitraries.integers().between(-100_000_000, 100_000_000)),
                        Arbitraries.oneOf(small, Arbitraries.integers()),
                        Arbitraries.longs().between(-(1L << 61), 1L << 61))
                .as(Interval::new);
    }

    private static Arbitrary<String> address(int bytes, String group, int base) {
        return Arbitraries.integers()
                .between(0, base)
                .list()
                .ofSize(bytes)
                .map(list -> list.stream()
                        .map(part -> base > 255 ? Integer.toHexString(part) : part.toString())
                        .collect(Collectors.joining(group)));
    }

    static Arbitrary<String> hosts() {
        return Arbitraries.oneOf(
                Combinators.combine(address(4, ".", 255), Arbitraries.integers().between(0, 32))
                        .as((host, bits) -> host + "/" + bits),
                Combinators.combine(
                                address(8, ":", 65_535), Arbitraries.integers().between(0, 128))
                        .as((host, bits) -> host + "/" + bits));
    }

    static Arbitrary<String> networks() {
        return Arbitraries.oneOf(
                address(3, ".", 255).map(net -> net + ".0/24"),
                address(4, ":", 65_535).map(net -> net + "::/64"));
    }

    static Arbitrary<String> macAddresses(int bytes) {
        return Arbitraries.bytes()
                .list()
                .ofSize(bytes)
                .map(list ->
                        list.stream().map(part -> String.format("%02x", part)).collect(Collectors.joining(":")));
    }

    static Arbitrary<String> bits(int maxLength) {
        return Arbitraries.strings().withChars('0', '1').ofMaxLength(maxLength);
    }

    private static Arbitrary<Double> coordinates() {
        return Arbitraries.oneOf(
                Arbitraries.doubles().between(-1e6, 1e6).ofScale(3),
                Arbitraries.longs().map(Values::doubleOfBits).filter(value -> Math.abs(value) < 1e150));
    }

    static Arbitrary<Geometric.Point> points() {
        return Combinators.combine(coordinates(), coordinates()).as(Geometric.Point::new);
    }

    static Arbitrary<Geometric.Line> lines() {
        return Combinators.combine(coordinates(), coordinates(), coordinates())
                .filter((a, b, c) -> Math.abs(a) > 1e-5 || Math.abs(b) > 1e-5)
                .as(Geometric.Line::new);
    }

    static Arbitrary<Geometric.LineSegment> lineSegments() {
        return Combinators.combine(points(), points()).as(Geometric.LineSegment::new);
    }

    /** With the corners in the order that the server brings them into. */
    static Arbitrary<Geometric.Box> boxes() {
        return Combinators.combine(points(), points())
                .as((one, other) -> new Geometric.Box(
                        new Geometric.Point(Math.max(one.x(), other.x()), Math.max(one.y(), other.y())),
                        new Geometric.Point(Math.min(one.x(), other.x()), Math.min(one.y(), other.y()))));
    }

    static Arbitrary<Geometric.Path> paths() {
        return Combinators.combine(points().list().ofMinSize(1).ofMaxSize(4), Arbitraries.of(true, false))
                .as(Geometric.Path::new);
    }

    static Arbitrary<Geometric.Polygon> polygons() {
        return points().list().ofMinSize(1).ofMaxSize(4).map(Geometric.Polygon::new);
    }

    static Arbitrary<Geometric.Circle> circles() {
        return Combinators.combine(points(), coordinates())
                .as((center, radius) -> new Geometric.Circle(center, Math.abs(radius)));
    }

    /** Values of ltree. */
    static Arbitrary<String> labelPaths() {
        return Arbitraries.strings()
                .alpha()
                .numeric()
                .withChars('_')
                .ofMinLength(1)
                .ofMaxLength(6)
                .list()
                .ofMaxSize(4)
                .map(labels -> String.join(".", labels));
    }

    private static Arbitrary<String> lexemes() {
        return texts(6).map(text -> "'x" + text.replace("'", "''").replace("\\", "\\\\") + "'");
    }

    static Arbitrary<String> textSearchVectors() {
        return Combinators.combine(
                        lexemes(), Arbitraries.integers().between(1, 16_383), Arbitraries.of("", "A", "B", "C", "D"))
                .as((lexeme, position, weight) -> lexeme + ":" + position + weight)
                .list()
                .ofMaxSize(4)
                .map(parts -> String.join(" ", parts));
    }

    static Arbitrary<String> textSearchQueries() {
        Arbitrary<String> leaves = Combinators.combine(lexemes(), Arbitraries.of("", ":*", ":AB", ":*D"))
                .as(String::concat);
        return Arbitraries.lazyOf(
                () -> leaves,
                () -> leaves,
                () -> textSearchQueries().map(query -> "!(" + query + ")"),
                () -> Combinators.combine(textSearchQueries(), Arbitraries.of(" & ", " | ", " <-> ", " <7> "), leaves)
                        .as((left, operator, right) -> "(" + left + ")" + operator + right));
    }

    static Arbitrary<Map<String, String>> hstores() {
        return Arbitraries.maps(texts(6), texts(6).injectNull(0.2)).ofMaxSize(4);
    }

    /** JSON texts, objects and arrays within each other. */
    static Arbitrary<String> jsons() {
        Arbitrary<String> leaves = Arbitraries.oneOf(
                Arbitraries.of("null", "true", "false", "0", "-0.5e10", "1E400", "[]", "{}"),
                decimals().map(BigDecimal::toPlainString),
                texts(8).map(Values::jsonString));
        return Arbitraries.lazyOf(
                () -> leaves,
                () -> leaves,
                () -> jsons().list().ofMaxSize(3).map(list -> "[" + String.join(", ", list) + "]"),
                () -> Combinators.combine(texts(4), jsons())
                        .as((key, value) -> "{" + jsonString(key) + ":" + value + "}"));
    }

    private static String jsonString(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                json.append('\\').append((char) c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", c));
            } else {
                json.append((char) c);
            }
        });
        return json.append('"').toString();
    }

    static Arbitrary<Range<Integer>> integerRanges() {
        Arbitrary<Integer> lower = Arbitraries.integers().between(-1_000_000, 1_000_000);
        return Combinators.combine(
                        lower,
                        Arbitraries.integers().between(1, 1_000),
                        Arbitraries.integers().between(0, 5))
                .as((from, length, kind) -> {
                    switch (kind) {
                        case 0:
                            return Range.<Integer>empty();
                        case 1:
                            return Range.atLeast(from);
                        case 2:
                            return Range.lessThan(from);
                        default:
                            return Range.closedOpen(from, from + length);
                    }
                });
    }

    static Arbitrary<Range<Long>> longRanges() {
        return Combinators.combine(
                        Arbitraries.longs().between(Long.MIN_VALUE, Long.MAX_VALUE - 1_000),
                        Arbitraries.integers().between(1, 1_000))
                .as((from, length) -> Range.closedOpen(from, from + length));
    }

    static Arbitrary<Range<LocalDate>> dateRanges() {
        return Combinators.combine(
                        Arbitraries.longs().between(-2_000_000, 100_000_000),
                        Arbitraries.integers().between(1, 1_000_000))
                .as((from, length) ->
                        Range.closedOpen(LocalDate.ofEpochDay(from), LocalDate.ofEpochDay(from + length)));
    }

    static Arbitrary<Range<LocalDateTime>> timestampRanges() {
        return instantRanges()
                .map(range -> Range.of(
                        range.lower().toLocalDateTime(),
                        range.lowerInclusive(),
                        range.upper().toLocalDateTime(),
                        range.upperInclusive()));
    }

    static Arbitrary<Range<BigDecimal>> decimalRanges() {
        return Combinators.combine(decimals(), decimals(), Arbitraries.of(true, false), Arbitraries.of(true, false))
                .filter((one, other, lower, upper) -> one.compareTo(other) != 0)
                .as((one, other, lower, upper) -> Range.of(one.min(other), lower, one.max(other), upper));
    }

    static Arbitrary<Range<OffsetDateTime>> instantRanges() {
        return Combinators.combine(instants(), instants(), Arbitraries.of(true, false), Arbitraries.of(true, false))
                .filter((one, other, lower, upper) -> !one.isEqual(other))
                .as((one, other, lower, upper) ->
                        one.isBefore(other) ? Range.of(one, lower, other, upper) : Range.of(other, lower, one, upper));
    }

    static <T> Arbitrary<List<T>> listsOf(Arbitrary<T> elements) {
        return elements.injectNull(0.1).list().ofMaxSize(5);
    }
}
