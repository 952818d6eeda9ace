package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.pgpure.ConversionException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Row;
import io.github.pgpure.SqlState;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.Session;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.test.PostgresServer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every type and its edge values, on a real server: there and back, alone and inside of arrays, records and composites; what
 * the server makes of it as text is what {@code getString} gives and what the text format is read from.
 */
class ConvertersIT {

    private static PostgresServer server;
    private static String database;
    private static TypeRegistry types;
    private static PgConnection connection;

    @BeforeAll
    static void open() {
        server = PostgresServer.shared();
        database = server.createDatabase("converters_it");
        types = new TypeRegistry();
        connection = Session.open(PgConnectOptions.parse(server.uri(database)), types)
                .connection(Session::close);
        connection.execute("set timezone = 'Europe/Berlin'");
        connection.execute("""
                create type mood as enum ('happy', 'sad', 'so "so", really');
                create domain positive as int check (value > 0);
                create domain three_ints as int[] check (cardinality(value) = 3);
                create type address as (street text, moods mood[], "Number" int, since timestamptz);
                create type person as (name text, home address, others address[], score numrange);
                create type floatrange as range (subtype = float8, multirange_type_name = floatranges);
                create type textrange as range (subtype = text, collation = "C");
                create domain sorted as int4range check (not isempty(value));
                create domain home as address;
                create table item (id int, tags text[], price numeric(9, 2));
                """);
        for (String extension : List.of("hstore", "citext", "ltree")) {
            if (available(extension)) {
                connection.execute("create extension " + extension);
            }
        }
        List<String> names = values().map(ConvertersIT::type).distinct().toList();
        for (int i = 0; i < names.size(); i++) {
            if (!isMissing(names.get(i))) {
                connection.execute("create type composite_" + i + " as (value " + names.get(i) + ", note text)");
                COMPOSITES.put(names.get(i), "composite_" + i);
                createRange(names.get(i), "bounds_" + i);
            }
        }
    }

    private static final Map<String, String> COMPOSITES = new LinkedHashMap<>();
    private static final Map<String, String> RANGES = new LinkedHashMap<>();

    /** Only types with an order can be bounds. */
    private static void createRange(String type, String range) {
        try {
            connection.execute("create type " + range + " as range (subtype = " + type + ")");
            RANGES.put(type, range);
        } catch (PgServerException e) {
            assertThat(e.sqlState()).isEqualTo(SqlState.UNDEFINED_OBJECT);
        }
    }

    @AfterAll
    static void close() {
        connection.close();
        server.dropDatabase(database);
    }

    private static boolean available(String extension) {
        return connection
                        .fetchOne("select count(*) from pg_available_extensions where name = $1", extension)
                        .getInt(0)
                > 0;
    }

    private static boolean isMissing(String type) {
        return connection.fetchOne("select to_regtype($1) is null", type).getBoolean(0);
    }

    private static String type(Arguments arguments) {
        return (String) arguments.get()[0];
    }

    private static Stream<Arguments> all(String type, Object... values) {
        return Arrays.stream(values).map(value -> arguments(type, value));
    }

    private static <K, V> Map<K, V> map(K key, V value) {
        Map<K, V> map = new LinkedHashMap<>();
        map.put(key, value);
        return map;
    }

    static Stream<Arguments> values() {
        String awkward = "a\"b\\c{d},e f\n\t\u000B'é🐘\u00a0NULL()[]";
        return Stream.of(
                        all("bool", true, false),
                        all("int2", (short) 0, Short.MIN_VALUE, Short.MAX_VALUE),
                        all("int4", 0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE),
                        all("int8", 0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE),
                        all("oid", 0L, 4294967295L),
                        all("xid", 0L, 4294967295L),
                        all("xid8", 0L, Long.MAX_VALUE, -1L),
                        all("float4", 0f, -0f, 1.5f, -1e-5f, 16777216f, 1e6f, 123456f, 3.4028235e38f, 1.4e-45f),
                        all("float4", Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e-4f, 0.3f),
                        all("float8", 0.0, -0.0, 0.1, 1e14, 1e15, 1.5e15, 1e-4, 1e-5, 1.7976931348623157e308, 5e-324),
                        all("float8", Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e23, 2e-44),
                        all(
                                "float8",
                                Math.pow(2, -44),
                                9007199254740993.0,
                                0.3,
                                123456789012345.6,
                                2.2250738585072014e-308),
                        all(
                                "numeric",
                                BigDecimal.ZERO,
                                new BigDecimal("0.000"),
                                new BigDecimal("-1.5"),
                                new BigDecimal("1234567890.123456789"),
                                new BigDecimal("999999999999999999"),
                                new BigDecimal("9999999999999999.99"),
                                new BigDecimal("0.000000000000000001"),
                                new BigDecimal("100000000000000000000.0000"),
                                new BigDecimal("-12345678901234567890123456789.987654321"),
                                new BigDecimal("1" + "0".repeat(1000) + "." + "0".repeat(500) + "1"),
                                new BigDecimal("0." + "0".repeat(16000) + "123")),
                        all("numeric", Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY),
                        all("text", "", " ", "NULL", "null", awkward, "x".repeat(100_000)),
                        all("varchar", "", awkward),
                        all("bpchar", "abc", awkward),
                        all("name", "", "relname", "a b"),
                        all("\"char\"", "x", "\"", "", "\\"),
                        all("citext", "AbC", awkward),
                        all("bytea", new byte[0], new byte[] {0, 1, -1, '\\', '\''}, new byte[1000]),
                        all(
                                "uuid",
                                new UUID(0, 0),
                                new UUID(-1, -1),
                                UUID.fromString("123e4567-e89b-12d3-a456-426614174000")),
                        all("json", "{\"a\": [1, \"x\\\"y\", null]}", "null", "1", " [ ] "),
                        all("jsonb", "{\"a\": [1, \"x\\\"y\", null]}", "null", "\"é\"", "[]"),
                        all("xml", "<a b=\"c\">é</a>"),
                        all("jsonpath", "$.\"a\""),
                        all(
                                "date",
                                LocalDate.EPOCH,
                                LocalDate.of(2000, 1, 1),
                                LocalDate.of(2024, 2, 29),
                                LocalDate.of(1, 1, 1),
                                LocalDate.of(0, 12, 31),
                                LocalDate.of(-43, 3, 15),
                                LocalDate.of(-4712, 11, 24),
                                LocalDate.of(9999, 12, 31),
                                LocalDate.of(10000, 1, 1),
                                LocalDate.of(5874897, 12, 31),
                                LocalDate.MAX,
                                LocalDate.MIN),
                        all(
                                "time",
                                LocalTime.MIDNIGHT,
                                LocalTime.of(12, 0),
                                LocalTime.parse("23:59:59.999999"),
                                LocalTime.parse("00:00:00.000001"),
                                LocalTime.MAX),
                        all(
                                "timetz",
                                OffsetTime.of(LocalTime.MIDNIGHT, ZoneOffset.UTC),
                                OffsetTime.of(LocalTime.MAX, ZoneOffset.ofHoursMinutes(-5, -30)),
                                OffsetTime.of(
                                        LocalTime.parse("01:02:03.000004"),
                                        ZoneOffset.ofTotalSeconds(15 * 3600 + 3599))),
                        all(
                                "timestamp",
                                LocalDateTime.of(2000, 1, 1, 0, 0),
                                LocalDateTime.parse("1999-12-31T23:59:59.999999"),
                                LocalDateTime.parse("2024-02-29T12:34:56.000001"),
                                LocalDateTime.of(0, 1, 1, 0, 0),
                                LocalDateTime.of(-4712, 11, 24, 0, 0),
                                LocalDateTime.of(10000, 1, 1, 0, 0),
                                LocalDateTime.of(294276, 12, 31, 23, 59, 59, 999_999_000),
                                LocalDateTime.MAX,
                                LocalDateTime.MIN),
                        all(
                                "timestamptz",
                                OffsetDateTime.parse("2000-01-01T00:00:00Z"),
                                OffsetDateTime.parse("1999-12-31T23:59:59.999999Z"),
                                OffsetDateTime.parse("2024-07-01T12:34:56.789012Z"),
                                OffsetDateTime.parse("1850-01-01T00:00:00Z"),
                                OffsetDateTime.parse("0000-01-01T00:00:00Z"),
                                OffsetDateTime.of(-4712, 11, 24, 0, 0, 0, 0, ZoneOffset.UTC),
                                OffsetDateTime.of(10000, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC),
                                OffsetDateTime.of(294276, 12, 31, 20, 0, 0, 0, ZoneOffset.UTC),
                                OffsetDateTime.MAX,
                                OffsetDateTime.MIN),
                        all(
                                "interval",
                                Interval.ZERO,
                                new Interval(14, 3, 14_706_789_012L),
                                new Interval(-14, -3, -14_706_789_012L),
                                new Interval(14, -3, 14_706_789_012L),
                                new Interval(-1, 1, 1),
                                new Interval(1, 0, 0),
                                new Interval(0, 1, 0),
                                new Interval(12, 0, -1),
                                new Interval(0, 0, 1_000_000_000_000_000L),
                                new Interval(Integer.MAX_VALUE - 1, Integer.MIN_VALUE + 1, -1)),
                        all(
                                "inet",
                                "192.168.0.1",
                                "192.168.0.1/24",
                                "::1",
                                "2001:db8::/32",
                                "::ffff:1.2.3.4",
                                "1::1",
                                "::1.2.3.4"),
                        all("inet", "1:0:0:2::3", "::", "1:2:3:4:5:6:7:8", "0:1:2:3:4:5:6:7"),
                        all("cidr", "192.168.0.0/24", "10.1.2.3/32", "2001:db8::/32"),
                        all("macaddr", "08:00:2b:01:02:03"),
                        all("macaddr8", "08:00:2b:01:02:03:04:05"),
                        all("bit(11)", "10110100110"),
                        all("varbit", "", "1", "10110100"),
                        all("point", new Geometric.Point(1.5, -2)),
                        all("line", new Geometric.Line(1, -1, 0)),
                        all("lseg", new Geometric.LineSegment(new Geometric.Point(1, 2), new Geometric.Point(3, 4))),
                        all("box", new Geometric.Box(new Geometric.Point(3, 4), new Geometric.Point(1, 2))),
                        all(
                                "path",
                                new Geometric.Path(List.of(new Geometric.Point(1, 2), new Geometric.Point(3, 4)), true),
                                new Geometric.Path(
                                        List.of(new Geometric.Point(1, 2), new Geometric.Point(3, 4)), false)),
                        all(
                                "polygon",
                                new Geometric.Polygon(
                                        List.of(new Geometric.Point(1, 2), new Geometric.Point(1e20, 4)))),
                        all("circle", new Geometric.Circle(new Geometric.Point(1, 2), 3)),
                        all("money", "$1,234.50", "-$0.01"),
                        all("pg_lsn", "16/B374D848"),
                        all("tsvector", "'a':1A 'b''c':2"),
                        all("tsquery", "'a' & !'b'"),
                        all("regclass", "pg_class"),
                        all("regtype", "integer"),
                        all("tid", "(1,2)"),
                        all("hstore", Map.of(), map("a", "1"), map("b \"q\" \\ => ,", null), map("", awkward)),
                        all("ltree", "top.science"),
                        all("mood", "happy", "so \"so\", really"),
                        all("positive", 1, 7),
                        all("three_ints", List.of(1, 2, 3)),
                        all(
                                "int4range",
                                Range.closedOpen(1, 5),
                                Range.empty(),
                                Range.all(),
                                Range.atLeast(3),
                                Range.lessThan(3)),
                        all(
                                "numrange",
                                Range.of(new BigDecimal("1.5"), false, new BigDecimal("2.50"), true),
                                Range.of(null, false, BigDecimal.ONE, true)),
                        all(
                                "int8range",
                                Range.closedOpen(Long.MIN_VALUE, Long.MAX_VALUE),
                                Range.empty(),
                                Range.all(),
                                Range.atLeast(3L),
                                Range.lessThan(3L)),
                        all(
                                "daterange",
                                Range.closedOpen(LocalDate.of(2024, 1, 1), LocalDate.MAX),
                                Range.empty(),
                                Range.all(),
                                Range.atLeast(LocalDate.EPOCH),
                                Range.lessThan(LocalDate.EPOCH)),
                        all(
                                "tsrange",
                                Range.closed(LocalDateTime.of(-100, 1, 1, 0, 0), LocalDateTime.of(2024, 1, 1, 0, 0))),
                        all("tstzrange", Range.open(OffsetDateTime.parse("2024-01-01T00:00:00Z"), OffsetDateTime.MAX)),
                        all(
                                "int4multirange",
                                List.of(),
                                List.of(Range.lessThan(1), Range.closedOpen(3, 5), Range.atLeast(9))),
                        all(
                                "int8multirange",
                                List.of(Range.closedOpen(Long.MIN_VALUE, -1L), Range.closedOpen(3L, Long.MAX_VALUE))),
                        all(
                                "nummultirange",
                                List.of(
                                        Range.of(null, false, new BigDecimal("-1.5"), true),
                                        Range.open(BigDecimal.ZERO, new BigDecimal("100000000000000000000")))),
                        all(
                                "datemultirange",
                                List.of(Range.closedOpen(LocalDate.of(-43, 3, 15), LocalDate.of(2024, 2, 29)))),
                        all(
                                "tsmultirange",
                                List.of(Range.closed(
                                        LocalDateTime.of(2024, 1, 1, 0, 0), LocalDateTime.of(2024, 1, 1, 12, 0)))),
                        all(
                                "tstzmultirange",
                                List.of(Range.closed(
                                        OffsetDateTime.parse("2024-01-01T00:00:00Z"),
                                        OffsetDateTime.parse("2024-01-02T00:00:00Z")))),
                        all(
                                "floatrange",
                                Range.closed(-1.5, Double.POSITIVE_INFINITY),
                                Range.empty(),
                                Range.lessThan(0.1)),
                        all("floatranges", List.of(Range.open(0.1, 0.2), Range.atLeast(1e300))),
                        all(
                                "textrange",
                                Range.closedOpen("", awkward),
                                Range.closed(" \"a\" ", "b,c)"),
                                Range.closed("a]", "a][b"),
                                Range.of(null, false, "\\", true)),
                        all("sorted", Range.closedOpen(1, 5)),
                        all("home", address()),
                        all("item", item()),
                        all("address", address()),
                        all("person", person()))
                .flatMap(stream -> stream);
    }

    private static Map<String, Object> address() {
        Map<String, Object> address = new LinkedHashMap<>();
        address.put("street", "Main \"St\", \\ 5");
        address.put("moods", Arrays.asList("happy", null, "so \"so\", really"));
        address.put("Number", null);
        address.put("since", OffsetDateTime.parse("2024-01-01T00:00:00Z"));
        return address;
    }

    private static Map<String, Object> item() {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("id", 1);
        item.put("tags", Arrays.asList("a", null, "b c"));
        item.put("price", new BigDecimal("9.90"));
        return item;
    }

    private static Map<String, Object> person() {
        Map<String, Object> person = new LinkedHashMap<>();
        person.put("name", "");
        person.put("home", address());
        person.put("others", List.of(address(), address()));
        person.put("score", Range.closed(BigDecimal.ONE, BigDecimal.TEN));
        return person;
    }

    private static ValueCodec codec(Row row, String column) {
        return types.snapshot()
                .valueCodec(row.columns().get(row.indexOf(column)).typeOid());
    }

    private static Object fromText(Row row, String column, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ConversionContext context = new ConversionContext(types.snapshot(), connection.serverTimeZone());
        return codec(row, column).decode(context, Format.TEXT, bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @MethodSource("values")
    void comesBackAsItWent(String type, Object value) {
        assumeTrue(!isMissing(type), () -> "this server has no " + type);
        Row row = connection.fetchOne(
                "select $1::" + type + " as v, format('%s', $1::" + type + ") as t, format('%s', $1::" + type + ") = "
                        + "format('%s', $2::text::" + type + ") as same",
                value,
                text(type, value));
        assertThat(row.get("v")).isEqualTo(value);
        assertThat(row.getString("v")).isEqualTo(row.getString("t"));
        assertThat(fromText(row, "v", row.getString("t"))).isEqualTo(value);
        assertThat(row.getBoolean("same")).isTrue();
        assertThat(equalToServer(type, value)).isIn(true, null);
    }

    /** What the server's own {@code =} says of the value and of its text; null where the type has none. */
    private static Boolean equalToServer(String type, Object value) {
        try {
            return connection
                    .fetchOne("select $1::" + type + " = $2::text::" + type, value, text(type, value))
                    .getBoolean(0);
        } catch (PgServerException e) {
            assertThat(e.sqlState()).isEqualTo(SqlState.UNDEFINED_FUNCTION);
            return null;
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void comesBackAsRangeBound(String type, Object value) {
        String range = RANGES.get(type);
        assumeTrue(range != null, () -> type + " has no order");
        Row row = connection.fetchOne(
                "select $1::R as v, format('%s', $1::R) as t, format('%s', R($2::T, $2::T, '[]')) as expected"
                        .replace("R", range)
                        .replace("T", type),
                Range.closed(value, value),
                value);
        assertThat(row.getString("t")).isEqualTo(row.getString("expected"));
        assertThat(row.getString("v")).isEqualTo(row.getString("t"));
        for (Range<?> back : List.of(row.get("v", Range.class), (Range<?>) fromText(row, "v", row.getString("t")))) {
            assertThat((Object) back.lower()).isEqualTo(value);
            assertThat((Object) back.upper()).isEqualTo(value);
        }
    }

    @Test
    void mostTypesHaveAnOrder() {
        assertThat(RANGES)
                .hasSizeGreaterThan(35)
                .containsKeys(
                        "bool", "text", "bytea", "uuid", "jsonb", "interval", "inet", "mood", "address", "tsvector");
    }

    /** What the codec would write into a composite that goes as text. */
    private static String text(String type, Object value) {
        int oid = types.findOid(
                        type.replaceAll("\\(.*", ""),
                        sql -> connection.fetch(sql).stream()
                                .map(row -> new String[] {row.getString(0)})
                                .toList())
                .orElseThrow();
        types.resolve(
                new int[] {oid},
                sql -> connection.fetch(sql).stream()
                        .map(row -> {
                            String[] values = new String[row.size()];
                            Arrays.setAll(values, row::getString);
                            return values;
                        })
                        .toList());
        ConversionContext context = new ConversionContext(types.snapshot(), connection.serverTimeZone());
        return types.snapshot().valueCodec(oid).encodeText(context, value);
    }

    @ParameterizedTest
    @MethodSource("values")
    void comesBackInArrays(String type, Object value) {
        assumeTrue(!isMissing(type), () -> "this server has no " + type);
        List<Object> list = Arrays.asList(value, null, value);
        // The server makes no arrays of a domain over an array, though it has a type for them.
        boolean overArray = type.equals("three_ints");
        Row row = connection.fetchOne(
                "select $1::T[] as v, format('%s', $1::T[]) as t, format('%s', EXPECTED) as expected, NESTED as nested"
                        .replace("EXPECTED", overArray ? "$1::T[]" : "array[$2::T, null, $2::T]")
                        .replace("NESTED", overArray ? "$2::T" : "array[$1::T[]]")
                        .replace("T", type),
                list,
                value);
        assertThat(row.getString("t")).isEqualTo(row.getString("expected"));
        assertThat(row.getString("v")).isEqualTo(row.getString("t"));
        List<?> back = row.get("v", List.class);
        assertThat(back).hasSize(3);
        assertThat(back.get(0)).isEqualTo(value);
        assertThat(back.get(1)).isNull();
        assertThat(back.get(2)).isEqualTo(value);
        List<?> text = (List<?>) fromText(row, "v", row.getString("t"));
        assertThat(text.get(0)).isEqualTo(value);
        assertThat(text.get(1)).isNull();
        if (!overArray) {
            assertThat(((List<?>) row.get("nested", List.class).get(0)).get(0)).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void comesBackInComposites(String type, Object value) {
        String composite = COMPOSITES.get(type);
        assumeTrue(composite != null, () -> "this server has no " + type);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("value", value);
        map.put("note", null);
        Row row = connection.fetchOne(
                "select $1::" + composite + " as v, format('%s', $1::" + composite + ") as t, format('%s', row($2::"
                        + type + ", null)) as expected",
                map,
                value);
        assertThat(row.getString("t")).isEqualTo(row.getString("expected"));
        assertThat(row.getString("v")).isEqualTo(row.getString("t"));
        Map<?, ?> back = row.get("v", Map.class);
        assertThat(back.get("value")).isEqualTo(value);
        assertThat(back.get("note")).isNull();
        assertThat(((Map<?, ?>) fromText(row, "v", row.getString("t"))).get("value"))
                .isEqualTo(value);
    }

    @ParameterizedTest
    @MethodSource("values")
    void comesBackInAnonymousRecords(String type, Object value) {
        assumeTrue(!isMissing(type), () -> "this server has no " + type);
        Row row = connection.fetchOne("select row($1::" + type + ", 7) as v, $1::" + type + " as known", value);
        List<?> list = row.get("v", List.class);
        assertThat(list.get(1)).isEqualTo(7);
        // These are numbers, whose names only the server knows.
        if (!List.of("money", "regclass", "regtype").contains(type)) {
            assertThat(list.get(0)).isEqualTo(value);
        }
    }

    /** No type knows this class, and no server this value. */
    record Secret(String value) {
        @Override
        public String toString() {
            return "sesame";
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void errorsOfEveryTypeNameItAndTheJavaTypeAndNeverTheValue(String type, Object value) {
        assumeTrue(!isMissing(type), () -> "this server has no " + type);
        assumeTrue(!type.startsWith("json"), "Jackson maps any class");
        Row row = connection.fetchOne("select $1::" + type + " as my_column", value);
        String typeName = codec(row, "my_column").typeName();
        String text = row.getString("my_column");
        assertThatThrownBy(() -> row.get("my_column", Thread.class))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("'my_column'")
                .hasMessageContaining(typeName)
                .hasMessageContaining("java.lang.Thread")
                .hasMessageContaining("use ")
                .satisfies(e -> {
                    String message = e.getMessage();
                    // Short ones, such as 1, are part of anything.
                    assertThat(text.length() > 5 && message.contains(text)).isFalse();
                    // What would work is said once.
                    assertThat(message).doesNotContainPattern("(use |, )String\\b.*or String$");
                });
        assertThatThrownBy(() -> connection.fetchOne("select $1::" + type, new Secret("sesame")))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("$1")
                .hasMessageContaining(Secret.class.getTypeName())
                .hasMessageNotContaining("sesame");
        try {
            fromText(row, "my_column", "open sesame");
        } catch (ConversionException e) {
            assertThat(e).hasMessageContaining(typeName).hasMessageNotContaining("sesame");
        }
    }

    @Test
    void infiniteIntervalsAreKnownSince17() {
        assumeTrue(Integer.parseInt(server.version().split("\\D")[0]) >= 17);
        Row row = connection.fetchOne("select $1::interval as v, $1::interval = 'infinity' as same", Interval.INFINITY);
        assertThat(row.get("v")).isEqualTo(Interval.INFINITY);
        assertThat(row.getBoolean("same")).isTrue();
        assertThat(row.getString("v")).isEqualTo("infinity");
    }

    @Test
    void voidAndUnknownTypesAreNoErrors() {
        Row row = connection.fetchOne(
                "select pg_sleep(0) as nothing, 'x=r/\"pgpure test\"'::text as t, relacl, '1 2'::int2vector as v "
                        + "from pg_class where relacl is not null limit 1");
        assertThat(row.get("nothing")).isEqualTo("");
        assertThat(row.get("relacl", List.class)).isNotEmpty();
        assertThat(row.get("v")).isEqualTo("1 2");
    }

    @Test
    void errorsNameTheColumn() {
        Row row = connection.fetchOne("select 'secret' as word");
        assertThatThrownBy(() -> row.getUuid("word"))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("'word'")
                .hasMessageContaining("text")
                .hasMessageContaining("UUID")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> connection.fetchOne("select $1::int4", "secret"))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("$1")
                .hasMessageNotContaining("secret");
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }
}
