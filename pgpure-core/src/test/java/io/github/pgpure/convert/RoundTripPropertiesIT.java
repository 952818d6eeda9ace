package io.github.pgpure.convert;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** {@link RoundTripProperties} for ten thousand arbitrary values of each type: a hundred times a hundred, by one statement each. */
@PropertyDefaults(tries = 100)
class RoundTripPropertiesIT {

    private static final int TOGETHER = 100;

    private static RoundTripProperties properties;

    @BeforeContainer
    static void open() {
        properties = new RoundTripProperties("round_trip_properties");
        properties.connection.execute("""
                create extension hstore;
                create extension citext;
                create extension ltree;
                create domain label as varchar(40) check (value <> 'x');
                create type mood as enum ('happy', 'sad');
                create type sample as (a int4, b text, "c_C" numeric[], since timestamptz, mood mood);
                """);
        properties.add(EnumConverter.of(TypeName.of("mood"), Mood.class));
        properties.add(CompositeConverter.of(TypeName.of("sample"), Sample.class));
    }

    @AfterContainer
    static void close() {
        properties.close();
    }

    enum Mood {
        HAPPY,
        SAD
    }

    record Sample(Integer a, String b, List<BigDecimal> cC, OffsetDateTime since, Mood mood) {}

    @Provide
    Arbitrary<List<Boolean>> boolValues() {
        return Arbitraries.of(true, false).list().ofSize(TOGETHER);
    }

    @Property
    void bool(@ForAll("boolValues") List<Boolean> values) {
        properties.hold("bool", values);
    }

    @Provide
    Arbitrary<List<Short>> int2Values() {
        return Arbitraries.shorts().list().ofSize(TOGETHER);
    }

    @Property
    void int2(@ForAll("int2Values") List<Short> values) {
        properties.hold("int2", values);
    }

    @Provide
    Arbitrary<List<Integer>> int4Values() {
        return Arbitraries.integers().list().ofSize(TOGETHER);
    }

    @Property
    void int4(@ForAll("int4Values") List<Integer> values) {
        properties.hold("int4", values);
    }

    @Provide
    Arbitrary<List<Long>> int8Values() {
        return Arbitraries.longs().list().ofSize(TOGETHER);
    }

    @Property
    void int8(@ForAll("int8Values") List<Long> values) {
        properties.hold("int8", values);
    }

    @Provide
    Arbitrary<List<Long>> oidValues() {
        return Arbitraries.longs().between(0, 0xFFFFFFFFL).list().ofSize(TOGETHER);
    }

    @Property
    void oid(@ForAll("oidValues") List<Long> values) {
        properties.hold("oid", values);
    }

    @Provide
    Arbitrary<List<Long>> xid8Values() {
        return Arbitraries.longs().list().ofSize(TOGETHER);
    }

    @Property
    void xid8(@ForAll("xid8Values") List<Long> values) {
        properties.hold("xid8", values);
    }

    @Provide
    Arbitrary<List<Float>> float4Values() {
        return Values.floats().list().ofSize(TOGETHER);
    }

    @Property
    void float4(@ForAll("float4Values") List<Float> values) {
        properties.hold("float4", values);
    }

    @Provide
    Arbitrary<List<Double>> float8Values() {
        return Values.doubles().list().ofSize(TOGETHER);
    }

    @Property
    void float8(@ForAll("float8Values") List<Double> values) {
        properties.hold("float8", values);
    }

    @Provide
    Arbitrary<List<Object>> numericValues() {
        return Values.numerics().list().ofSize(TOGETHER);
    }

    @Property
    void numeric(@ForAll("numericValues") List<Object> values) {
        properties.hold("numeric", values);
    }

    @Provide
    Arbitrary<List<String>> textValues() {
        return Values.texts(20).list().ofSize(TOGETHER);
    }

    @Property
    void text(@ForAll("textValues") List<String> values) {
        properties.hold("text", values);
    }

    @Provide
    Arbitrary<List<String>> varcharValues() {
        return Values.texts(20).list().ofSize(TOGETHER);
    }

    @Property
    void varchar(@ForAll("varcharValues") List<String> values) {
        properties.hold("varchar", values);
    }

    @Provide
    Arbitrary<List<String>> nameValues() {
        return Arbitraries.strings()
                .ascii()
                .excludeChars((char) 0)
                .ofMaxLength(63)
                .list()
                .ofSize(TOGETHER);
    }

    @Property
    void name(@ForAll("nameValues") List<String> values) {
        properties.hold("name", values);
    }

    @Provide
    Arbitrary<List<byte[]>> byteaValues() {
        return Values.bytes().list().ofSize(TOGETHER);
    }

    @Property
    void bytea(@ForAll("byteaValues") List<byte[]> values) {
        properties.hold("bytea", values);
    }

    @Provide
    Arbitrary<List<UUID>> uuidValues() {
        return Values.uuids().list().ofSize(TOGETHER);
    }

    @Property
    void uuid(@ForAll("uuidValues") List<UUID> values) {
        properties.hold("uuid", values);
    }

    @Provide
    Arbitrary<List<String>> jsonValues() {
        return Values.jsons().list().ofSize(TOGETHER);
    }

    @Property
    void json(@ForAll("jsonValues") List<String> values) {
        properties.hold("json", values);
    }

    @Provide
    Arbitrary<List<String>> jsonbValues() {
        return Values.jsons().list().ofSize(TOGETHER);
    }

    @Property
    void jsonb(@ForAll("jsonbValues") List<String> values) {
        properties.holdOnceNormal("jsonb", values);
    }

    @Provide
    Arbitrary<List<String>> xmlValues() {
        return Values.texts(20)
                .map(text -> "<a>" + text.replaceAll("[^a-zA-Z ]", "") + "</a>")
                .list()
                .ofSize(TOGETHER);
    }

    @Property
    void xml(@ForAll("xmlValues") List<String> values) {
        properties.holdOnceNormal("xml", values);
    }

    @Provide
    Arbitrary<List<LocalDate>> dateValues() {
        return Values.dates().list().ofSize(TOGETHER);
    }

    @Property
    void date(@ForAll("dateValues") List<LocalDate> values) {
        properties.hold("date", values);
    }

    @Provide
    Arbitrary<List<LocalTime>> timeValues() {
        return Values.times().list().ofSize(TOGETHER);
    }

    @Property
    void time(@ForAll("timeValues") List<LocalTime> values) {
        properties.hold("time", values);
    }

    @Provide
    Arbitrary<List<OffsetTime>> timetzValues() {
        return Values.offsetTimes().list().ofSize(TOGETHER);
    }

    @Property
    void timetz(@ForAll("timetzValues") List<OffsetTime> values) {
        properties.hold("timetz", values);
    }

    @Provide
    Arbitrary<List<LocalDateTime>> timestampValues() {
        return Values.timestamps().list().ofSize(TOGETHER);
    }

    @Property
    void timestamp(@ForAll("timestampValues") List<LocalDateTime> values) {
        properties.hold("timestamp", values);
    }

    @Provide
    Arbitrary<List<OffsetDateTime>> timestamptzValues() {
        return Values.instants().list().ofSize(TOGETHER);
    }

    @Property
    void timestamptz(@ForAll("timestamptzValues") List<OffsetDateTime> values) {
        properties.hold("timestamptz", values);
    }

    @Provide
    Arbitrary<List<Interval>> intervalValues() {
        return Values.intervals().list().ofSize(TOGETHER);
    }

    @Property
    void interval(@ForAll("intervalValues") List<Interval> values) {
        properties.hold("interval", values);
    }

    @Provide
    Arbitrary<List<String>> moneyValues() {
        return Arbitraries.bigDecimals()
                .between(new BigDecimal("-9e16"), new BigDecimal("9e16"))
                .ofScale(2)
                .map(BigDecimal::toPlainString)
                .list()
                .ofSize(TOGETHER);
    }

    @Property
    void money(@ForAll("moneyValues") List<String> values) {
        properties.holdOnceNormal("money", values);
    }

    @Provide
    Arbitrary<List<String>> inetValues() {
        return Values.hosts().list().ofSize(TOGETHER);
    }

    @Property
    void inet(@ForAll("inetValues") List<String> values) {
        properties.holdOnceNormal("inet", values);
    }

    @Provide
    Arbitrary<List<String>> cidrValues() {
        return Values.networks().list().ofSize(TOGETHER);
    }

    @Property
    void cidr(@ForAll("cidrValues") List<String> values) {
        properties.holdOnceNormal("cidr", values);
    }

    @Provide
    Arbitrary<List<String>> macaddrValues() {
        return Values.macAddresses(6).list().ofSize(TOGETHER);
    }

    @Property
    void macaddr(@ForAll("macaddrValues") List<String> values) {
        properties.hold("macaddr", values);
    }

    @Provide
    Arbitrary<List<String>> macaddr8Values() {
        return Values.macAddresses(8).list().ofSize(TOGETHER);
    }

    @Property
    void macaddr8(@ForAll("macaddr8Values") List<String> values) {
        properties.hold("macaddr8", values);
    }

    @Provide
    Arbitrary<List<String>> varbitValues() {
        return Values.bits(70).list().ofSize(TOGETHER);
    }

    @Property
    void varbit(@ForAll("varbitValues") List<String> values) {
        properties.hold("varbit", values);
    }

    @Provide
    Arbitrary<List<Geometric.Point>> pointValues() {
        return Values.points().list().ofSize(TOGETHER);
    }

    @Property
    void point(@ForAll("pointValues") List<Geometric.Point> values) {
        properties.hold("point", values);
    }

    @Provide
    Arbitrary<List<String>> tsvectorValues() {
        return Values.texts(20)
                .map(text -> text.replaceAll("[\\\\':]", " "))
                .list()
                .ofSize(TOGETHER);
    }

    @Property
    void tsvector(@ForAll("tsvectorValues") List<String> values) {
        properties.holdOnceNormal("tsvector", values);
    }

    @Provide
    Arbitrary<List<Mood>> moodValues() {
        return Arbitraries.of(Mood.class).list().ofSize(TOGETHER);
    }

    @Property
    void mood(@ForAll("moodValues") List<Mood> values) {
        properties.hold("mood", values);
    }

    @Provide
    Arbitrary<List<Map<String, String>>> hstoreValues() {
        return Values.hstores().list().ofSize(TOGETHER);
    }

    @Property
    void hstore(@ForAll("hstoreValues") List<Map<String, String>> values) {
        properties.hold("hstore", values);
    }

    @Provide
    Arbitrary<List<Range<Integer>>> int4rangeValues() {
        return Values.integerRanges().list().ofSize(TOGETHER);
    }

    @Property
    void int4range(@ForAll("int4rangeValues") List<Range<Integer>> values) {
        properties.hold("int4range", values);
    }

    @Provide
    Arbitrary<List<Range<BigDecimal>>> numrangeValues() {
        return Values.decimalRanges().list().ofSize(TOGETHER);
    }

    @Property
    void numrange(@ForAll("numrangeValues") List<Range<BigDecimal>> values) {
        properties.hold("numrange", values);
    }

    @Provide
    Arbitrary<List<Range<OffsetDateTime>>> tstzrangeValues() {
        return Values.instantRanges().list().ofSize(TOGETHER);
    }

    @Property
    void tstzrange(@ForAll("tstzrangeValues") List<Range<OffsetDateTime>> values) {
        properties.hold("tstzrange", values);
    }

    @Provide
    Arbitrary<List<List<Integer>>> int4ArrayValues() {
        return Values.listsOf(Arbitraries.integers()).list().ofSize(TOGETHER);
    }

    @Property
    void int4Array(@ForAll("int4ArrayValues") List<List<Integer>> values) {
        properties.hold("int4[]", values);
    }

    @Provide
    Arbitrary<List<List<String>>> textArrayValues() {
        return Values.listsOf(Values.texts(6)).list().ofSize(TOGETHER);
    }

    @Property
    void textArray(@ForAll("textArrayValues") List<List<String>> values) {
        properties.hold("text[]", values);
    }

    @Provide
    Arbitrary<List<List<BigDecimal>>> numericArrayValues() {
        return Values.listsOf(Values.decimals()).list().ofSize(TOGETHER);
    }

    @Property
    void numericArray(@ForAll("numericArrayValues") List<List<BigDecimal>> values) {
        properties.hold("numeric[]", values);
    }

    @Provide
    Arbitrary<List<List<OffsetDateTime>>> timestamptzArrayValues() {
        return Values.listsOf(Values.instants()).list().ofSize(TOGETHER);
    }

    @Property
    void timestamptzArray(@ForAll("timestamptzArrayValues") List<List<OffsetDateTime>> values) {
        properties.hold("timestamptz[]", values);
    }

    @Provide
    Arbitrary<List<List<Range<BigDecimal>>>> numrangeArrayValues() {
        return Values.listsOf(Values.decimalRanges()).list().ofSize(TOGETHER);
    }

    @Property
    void numrangeArray(@ForAll("numrangeArrayValues") List<List<Range<BigDecimal>>> values) {
        properties.hold("numrange[]", values);
    }

    @Provide
    Arbitrary<List<Sample>> sampleValues() {
        return Combinators.combine(
                        Arbitraries.integers().injectNull(0.1),
                        Values.texts(8).injectNull(0.1),
                        Values.listsOf(Values.decimals()).injectNull(0.1),
                        Values.instants().injectNull(0.1),
                        Arbitraries.of(Mood.class).injectNull(0.1))
                .as(Sample::new)
                .list()
                .ofSize(TOGETHER);
    }

    @Property
    void sample(@ForAll("sampleValues") List<Sample> values) {
        properties.hold("sample", values);
    }

    @Provide
    Arbitrary<List<String>> internalCharValues() {
        return Arbitraries.strings()
                .withCharRange((char) 1, (char) 127)
                .ofMaxLength(1)
                .list()
                .ofSize(TOGETHER);
    }

    @Property
    void internalChar(@ForAll("internalCharValues") List<String> values) {
        properties.hold("\"char\"", values);
    }

    @Provide
    Arbitrary<List<String>> bpcharValues() {
        return Values.texts(20).list().ofSize(TOGETHER);
    }

    @Property
    void bpchar(@ForAll("bpcharValues") List<String> values) {
        properties.hold("bpchar", values);
    }

    @Provide
    Arbitrary<List<String>> citextValues() {
        return Values.texts(20).list().ofSize(TOGETHER);
    }

    @Property
    void citext(@ForAll("citextValues") List<String> values) {
        properties.hold("citext", values);
    }

    @Provide
    Arbitrary<List<String>> labelValues() {
        return Values.texts(20).filter(text -> !text.equals("x")).list().ofSize(TOGETHER);
    }

    @Property
    void label(@ForAll("labelValues") List<String> values) {
        properties.hold("label", values);
    }

    @Provide
    Arbitrary<List<Long>> xidValues() {
        return Arbitraries.longs().between(0, 0xFFFFFFFFL).list().ofSize(TOGETHER);
    }

    @Property
    void xid(@ForAll("xidValues") List<Long> values) {
        properties.hold("xid", values);
    }

    @Provide
    Arbitrary<List<String>> pgLsnValues() {
        return Arbitraries.longs()
                .map(lsn -> String.format("%X/%X", (int) (lsn >>> 32), lsn.intValue()))
                .list()
                .ofSize(TOGETHER);
    }

    @Property
    void pgLsn(@ForAll("pgLsnValues") List<String> values) {
        properties.holdOnceNormal("pg_lsn", values);
    }

    @Provide
    Arbitrary<List<String>> bitValues() {
        return Arbitraries.strings().withChars('0', '1').ofLength(13).list().ofSize(TOGETHER);
    }

    @Property
    void bit(@ForAll("bitValues") List<String> values) {
        properties.hold("bit(13)", values);
    }

    @Provide
    Arbitrary<List<String>> ltreeValues() {
        return Values.labelPaths().list().ofSize(TOGETHER);
    }

    @Property
    void ltree(@ForAll("ltreeValues") List<String> values) {
        properties.hold("ltree", values);
    }

    @Provide
    Arbitrary<List<String>> tsvectorWithPositionsValues() {
        return Values.textSearchVectors().list().ofSize(TOGETHER);
    }

    @Property
    void tsvectorWithPositions(@ForAll("tsvectorWithPositionsValues") List<String> values) {
        properties.holdOnceNormal("tsvector", values);
    }

    @Provide
    Arbitrary<List<String>> tsqueryValues() {
        return Values.textSearchQueries().list().ofSize(TOGETHER);
    }

    @Property
    void tsquery(@ForAll("tsqueryValues") List<String> values) {
        properties.holdOnceNormal("tsquery", values);
    }

    @Provide
    Arbitrary<List<Geometric.Line>> lineValues() {
        return Values.lines().list().ofSize(TOGETHER);
    }

    @Property
    void line(@ForAll("lineValues") List<Geometric.Line> values) {
        properties.hold("line", values);
    }

    @Provide
    Arbitrary<List<Geometric.LineSegment>> lsegValues() {
        return Values.lineSegments().list().ofSize(TOGETHER);
    }

    @Property
    void lseg(@ForAll("lsegValues") List<Geometric.LineSegment> values) {
        properties.hold("lseg", values);
    }

    @Provide
    Arbitrary<List<Geometric.Box>> boxValues() {
        return Values.boxes().list().ofSize(TOGETHER);
    }

    @Property
    void box(@ForAll("boxValues") List<Geometric.Box> values) {
        properties.hold("box", values);
    }

    @Provide
    Arbitrary<List<Geometric.Path>> pathValues() {
        return Values.paths().list().ofSize(TOGETHER);
    }

    @Property
    void path(@ForAll("pathValues") List<Geometric.Path> values) {
        properties.hold("path", values);
    }

    @Provide
    Arbitrary<List<Geometric.Polygon>> polygonValues() {
        return Values.polygons().list().ofSize(TOGETHER);
    }

    @Property
    void polygon(@ForAll("polygonValues") List<Geometric.Polygon> values) {
        properties.hold("polygon", values);
    }

    @Provide
    Arbitrary<List<Geometric.Circle>> circleValues() {
        return Values.circles().list().ofSize(TOGETHER);
    }

    @Property
    void circle(@ForAll("circleValues") List<Geometric.Circle> values) {
        properties.hold("circle", values);
    }

    @Provide
    Arbitrary<List<Range<Long>>> int8rangeValues() {
        return Values.longRanges().list().ofSize(TOGETHER);
    }

    @Property
    void int8range(@ForAll("int8rangeValues") List<Range<Long>> values) {
        properties.hold("int8range", values);
    }

    @Provide
    Arbitrary<List<Range<LocalDate>>> daterangeValues() {
        return Values.dateRanges().list().ofSize(TOGETHER);
    }

    @Property
    void daterange(@ForAll("daterangeValues") List<Range<LocalDate>> values) {
        properties.hold("daterange", values);
    }

    @Provide
    Arbitrary<List<Range<LocalDateTime>>> tsrangeValues() {
        return Values.timestampRanges().list().ofSize(TOGETHER);
    }

    @Property
    void tsrange(@ForAll("tsrangeValues") List<Range<LocalDateTime>> values) {
        properties.hold("tsrange", values);
    }

    @Provide
    Arbitrary<List<List<Range<Integer>>>> int4multirangeValues() {
        return Values.integerRanges().list().ofMaxSize(4).list().ofSize(TOGETHER);
    }

    @Property
    void int4multirange(@ForAll("int4multirangeValues") List<List<Range<Integer>>> values) {
        properties.holdOnceNormal("int4multirange", values);
    }

    @Provide
    Arbitrary<List<List<Range<Long>>>> int8multirangeValues() {
        return Values.longRanges().list().ofMaxSize(4).list().ofSize(TOGETHER);
    }

    @Property
    void int8multirange(@ForAll("int8multirangeValues") List<List<Range<Long>>> values) {
        properties.holdOnceNormal("int8multirange", values);
    }

    @Provide
    Arbitrary<List<List<Range<BigDecimal>>>> nummultirangeValues() {
        return Values.decimalRanges().list().ofMaxSize(4).list().ofSize(TOGETHER);
    }

    @Property
    void nummultirange(@ForAll("nummultirangeValues") List<List<Range<BigDecimal>>> values) {
        properties.holdOnceNormal("nummultirange", values);
    }

    @Provide
    Arbitrary<List<List<Range<LocalDate>>>> datemultirangeValues() {
        return Values.dateRanges().list().ofMaxSize(4).list().ofSize(TOGETHER);
    }

    @Property
    void datemultirange(@ForAll("datemultirangeValues") List<List<Range<LocalDate>>> values) {
        properties.holdOnceNormal("datemultirange", values);
    }

    @Provide
    Arbitrary<List<List<Range<LocalDateTime>>>> tsmultirangeValues() {
        return Values.timestampRanges().list().ofMaxSize(4).list().ofSize(TOGETHER);
    }

    @Property
    void tsmultirange(@ForAll("tsmultirangeValues") List<List<Range<LocalDateTime>>> values) {
        properties.holdOnceNormal("tsmultirange", values);
    }

    @Provide
    Arbitrary<List<List<Range<OffsetDateTime>>>> tstzmultirangeValues() {
        return Values.instantRanges().list().ofMaxSize(4).list().ofSize(TOGETHER);
    }

    @Property
    void tstzmultirange(@ForAll("tstzmultirangeValues") List<List<Range<OffsetDateTime>>> values) {
        properties.holdOnceNormal("tstzmultirange", values);
    }
}
