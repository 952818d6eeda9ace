package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.pgpure.ConversionException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which Java values each PostgreSQL type takes, and as which Java types it gives its own. */
class ParameterTests {

    private final Codecs codecs = new Codecs();

    static Stream<Arguments> accepted() {
        Instant instant = Instant.parse("2024-02-29T12:34:56.789012Z");
        return Stream.of(
                arguments(23, 7L, "7"),
                arguments(23, (short) 7, "7"),
                arguments(23, BigInteger.valueOf(7), "7"),
                arguments(23, new BigDecimal("7.00"), "7"),
                arguments(23, 7.0, "7"),
                arguments(23, "-7", "-7"),
                arguments(20, (byte) 7, "7"),
                arguments(26, 4294967295L, "4294967295"),
                arguments(701, 1, "1"),
                arguments(701, new BigDecimal("0.1"), "0.1"),
                arguments(701, 0.1f, "0.10000000149011612"),
                arguments(701, "1e3", "1000"),
                arguments(700, 0.1, "0.1"),
                arguments(1700, 1, "1"),
                arguments(1700, 0.1f, "0.1"),
                arguments(1700, 1e-7, "0.00000010"),
                arguments(1700, BigInteger.TEN.pow(30), "1" + "0".repeat(30)),
                arguments(1700, new BigDecimal("1E+20"), "1" + "0".repeat(20)),
                arguments(1700, Float.NaN, "NaN"),
                arguments(1700, "12.50", "12.50"),
                arguments(16, "true", "t"),
                arguments(25, new StringBuilder("x"), "x"),
                arguments(25, 'x', "x"),
                arguments(25, new char[] {'x', 'y'}, "xy"),
                arguments(25, DayOfWeek.MONDAY, "MONDAY"),
                arguments(25, 7, "7"),
                arguments(25, true, "true"),
                arguments(25, new UUID(1, 2), "00000000-0000-0001-0000-000000000002"),
                arguments(25, instant, "2024-02-29T12:34:56.789012Z"),
                arguments(17, ByteBuffer.wrap(new byte[] {0, 1, 2}, 1, 2), "\\x0102"),
                arguments(2950, "123E4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
                arguments(1184, instant, "2024-02-29 13:34:56.789012+01"),
                arguments(1184, instant.atZone(ZoneId.of("America/New_York")), "2024-02-29 13:34:56.789012+01"),
                arguments(1184, Instant.MAX, "infinity"),
                arguments(1184, "2024-02-29T12:34:56.789012Z", "2024-02-29 13:34:56.789012+01"),
                arguments(1184, "0044-03-15 00:00:00+00 BC", "0044-03-15 00:53:28+00:53:28 BC"),
                arguments(1114, "2024-02-29T12:34", "2024-02-29 12:34:00"),
                arguments(1114, LocalDateTime.of(2024, 1, 1, 23, 59, 59, 999_999_500), "2024-01-02 00:00:00"),
                arguments(1083, LocalTime.of(23, 59, 59, 999_999_999), "24:00:00"),
                arguments(1082, "2024-02-29", "2024-02-29"),
                arguments(1186, Duration.ofMillis(-1500), "-00:00:01.5"),
                arguments(1186, Period.of(1, 2, 3), "1 year 2 mons 3 days"),
                arguments(1186, "P1Y2M3DT4H5M6.7S", "1 year 2 mons 3 days 04:05:06.7"),
                arguments(1186, "-1 years -2 mons +3 days -04:05:06", "-1 years -2 mons +3 days -04:05:06"),
                arguments(3802, Map.of("a", List.of(1, true)), "{\"a\":[1,true]}"),
                arguments(114, List.of(1, 2), "[1,2]"),
                arguments(114, new Point(1, "x"), "{\"x\":1,\"y\":\"x\"}"),
                arguments(1007, new int[] {1, 2}, "{1,2}"),
                arguments(1007, new int[0], "{}"),
                arguments(1007, new Integer[] {1, null}, "{1,NULL}"),
                arguments(1007, new Object[] {1, 2L, (short) 3}, "{1,2,3}"),
                arguments(1007, new LinkedList<>(List.of(1, 2)), "{1,2}"),
                arguments(1007, Set.of(1), "{1}"),
                arguments(1007, new int[][] {{1, 2}, {3, 4}}, "{{1,2},{3,4}}"),
                arguments(1007, List.of(new long[] {1, 2}, List.of(3, 4)), "{{1,2},{3,4}}"),
                arguments(1016, new long[] {1, 2}, "{1,2}"),
                arguments(1022, new double[] {1.5, 2}, "{1.5,2}"),
                arguments(1021, new float[] {1.5f}, "{1.5}"),
                arguments(1005, new short[] {1}, "{1}"),
                arguments(1000, new boolean[] {true, false}, "{t,f}"),
                arguments(1009, new String[] {"a", "b,c"}, "{a,\"b,c\"}"),
                arguments(1001, new byte[][] {{1}, {2}}, "{\"\\\\x01\",\"\\\\x02\"}"),
                arguments(1001, List.of(new byte[] {1}), "{\"\\\\x01\"}"),
                arguments(3807, List.of(Map.of("a", 1), List.of(1, 2)), "{\"{\\\"a\\\":1}\",\"[1,2]\"}"),
                arguments(
                        1020,
                        List.of(new Geometric.Box(new Geometric.Point(3, 4), new Geometric.Point(1, 2))),
                        "{(3,4),(1,2)}"),
                arguments(1560, true, "1"),
                arguments(3904, Range.closedOpen(1, 5L), "[1,5)"),
                arguments(4451, List.of(Range.atLeast(3), Range.lessThan(1)), "{[3,),(,1)}"));
    }

    record Point(int x, String y) {}

    @ParameterizedTest
    @MethodSource("accepted")
    void takes(int oid, Object value, String text) {
        assertThat(codecs.encodeAsText(oid, value)).isEqualTo(text);
        if (codecs.codec(oid).format() == io.github.pgpure.protocol.Format.BINARY) {
            assertThat(codecs.decode(oid, codecs.encode(oid, value), String.class))
                    .isEqualTo(text);
        }
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                arguments(21, 32768, "-32768 and 32767"),
                arguments(23, 1L << 31, "2147483647"),
                arguments(23, 1.5, "fractional"),
                arguments(23, "1.5", "no integer"),
                arguments(23, " 1", "no integer"),
                arguments(23, true, "use Integer"),
                arguments(26, -1, "0 and 4294967295"),
                arguments(20, BigInteger.ONE.shiftLeft(63), "64 bits"),
                arguments(20, new BigDecimal("1E+2000000000"), "digits"),
                arguments(700, 1e300, "range"),
                arguments(701, BigInteger.TEN.pow(400), "range"),
                arguments(701, "1d", "no number"),
                arguments(1700, new BigDecimal("1E-20000"), "16383"),
                arguments(1700, new BigDecimal("1E+2000000000"), "digits"),
                arguments(25, "a\0b", "U+0000"),
                arguments(25, "\ud800", "surrogate"),
                arguments(25, new Object(), "use String"),
                arguments(16, 1, "use Boolean"),
                arguments(16, "yes", "true"),
                arguments(2950, "1-1-1-1-1", "xxxxxxxx-"),
                arguments(1184, LocalDateTime.MAX, "AT TIME ZONE"),
                arguments(1184, LocalDate.EPOCH, "use OffsetDateTime"),
                arguments(1114, OffsetDateTime.MAX, "timestamptz"),
                arguments(1114, LocalDateTime.of(300_000, 1, 1, 0, 0), "294276"),
                arguments(1082, LocalDate.of(-4713, 1, 1), "4714 BC"),
                arguments(1082, "infinite", "DateStyle"),
                arguments(1083, LocalDate.EPOCH, "use LocalTime"),
                arguments(1186, Duration.ofSeconds(Long.MAX_VALUE), "longer"),
                arguments(1007, List.of(List.of(1), List.of(1, 2)), "same size"),
                arguments(1007, Arrays.asList(List.of(1), null), "same size"),
                arguments(1007, List.of(List.of(), List.of(1)), "empty"),
                arguments(1007, 7, "use List"),
                arguments(1007, nested(7), "at most 6"),
                arguments(790, new BigDecimal("1.50"), "use String"),
                arguments(2249, List.of(1), "cast"),
                arguments(1560, "012", "0 and 1"));
    }

    private static Object nested(int depth) {
        return depth == 0 ? 1 : Collections.singletonList(nested(depth - 1));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuses(int oid, Object value, String advice) {
        assertThatThrownBy(() -> codecs.encode(oid, value))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining(codecs.codec(oid).typeName())
                .hasMessageContaining(advice);
    }

    @Test
    void givesOtherJavaTypesWhereTheValueStaysTheSame() {
        assertThat(codecs.decode(23, "00000007", Long.class)).isEqualTo(7L);
        assertThat(codecs.decode(23, "00000007", BigDecimal.class)).isEqualTo("7");
        assertThat(codecs.decode(23, "00000007", Number.class)).isEqualTo(7);
        assertThat(codecs.decode(23, "00000007", Object.class)).isEqualTo(7);
        assertThat(codecs.decode(20, "0000000000000007", int.class)).isEqualTo(7);
        assertThat(codecs.decode(1700, "0001ffff0000000103e8", Double.class)).isEqualTo(0.1);
        assertThat(codecs.decode(1700, "00000000c0000000", Double.class)).isNaN();
        assertThat(codecs.decode(25, "4d4f4e444159", DayOfWeek.class)).isEqualTo(DayOfWeek.MONDAY);
        assertThat(codecs.decode(17, "0102", ByteBuffer.class)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(codecs.decode(1184, "0002b58341728614", Instant.class))
                .isEqualTo(Instant.parse("2024-02-29T12:34:56.789012Z"));
        assertThat(codecs.decode(1184, "7fffffffffffffff", Instant.class)).isEqualTo(Instant.MAX);
        assertThat(codecs.decode(1184, "0002b58341728614", ZonedDateTime.class))
                .isEqualTo(ZonedDateTime.parse("2024-02-29T13:34:56.789012+01:00[Europe/Berlin]"));
        assertThat(codecs.decodeText(1186, "00:00:01.5", Duration.class)).isEqualTo(Duration.ofMillis(1500));
        assertThat(codecs.decodeText(1186, "1 year 3 days", Period.class)).isEqualTo(Period.of(1, 0, 3));
        assertThat(codecs.decodeText(3802, "{\"x\": 1, \"y\": \"z\"}", Point.class))
                .isEqualTo(new Point(1, "z"));
        assertThat(codecs.decodeText(3802, "{\"x\": 1}", Map.class)).isEqualTo(Map.of("x", 1));
        assertThat(codecs.decodeText(3802, "[1]", tools.jackson.databind.JsonNode.class))
                .hasToString("[1]");
        assertThat(codecs.decodeText(1007, "{1,2}", int[].class)).containsExactly(1, 2);
        assertThat(codecs.decodeText(1007, "{1,2}", long[].class)).containsExactly(1, 2);
        assertThat(codecs.decodeText(1007, "{1,NULL}", Integer[].class)).containsExactly(1, null);
        assertThat(codecs.decodeText(1007, "{{1,2},{3,4}}", int[][].class)).isDeepEqualTo(new int[][] {{1, 2}, {3, 4}});
        assertThat(codecs.decodeText(1007, "{{1},{2}}", Object[].class))
                .isEqualTo(new Object[] {new Object[] {1}, new Object[] {2}});
        assertThat(codecs.decodeText(1007, "[2:3]={1,2}", int[].class)).containsExactly(1, 2);
        assertThat(codecs.decodeText(1007, "[-1:0][5:5]={{1},{2}}")).isEqualTo(List.of(List.of(1), List.of(2)));
        assertThat(codecs.decodeText(1005, "{1}", short[].class)).containsExactly((short) 1);
        assertThat(codecs.decodeText(1009, "{a,NULL}", String[].class)).containsExactly("a", null);
        assertThat(codecs.decodeText(869, "192.0.2.1", java.net.InetAddress.class))
                .hasToString("/192.0.2.1");
    }

    @Test
    void saysWhyAValueDoesNotFitTheJavaTypeAskedFor() {
        assertThatThrownBy(() -> codecs.decode(20, "0000000100000000", int.class))
                .hasMessageContaining("int8");
        assertThatThrownBy(() -> codecs.decode(701, "3ff8000000000000", Long.class))
                .hasMessageContaining("fractional part");
        assertThatThrownBy(() -> codecs.decode(1700, "00000000c0000000", BigDecimal.class))
                .hasMessageContaining("NaN or infinite");
        assertThatThrownBy(() -> codecs.decode(1184, "0002b58341728614", LocalDateTime.class))
                .hasMessageContaining("AT TIME ZONE");
        assertThatThrownBy(() -> codecs.decodeText(1007, "{1,NULL}", int[].class))
                .hasMessageContaining("NULL elements");
        assertThatThrownBy(() -> codecs.decodeText(1007, "{{1}}", int[].class)).hasMessageContaining("2 dimensions");
        assertThatThrownBy(() -> codecs.decodeText(1186, "1 mon", Duration.class))
                .hasMessageContaining("use Interval");
        assertThatThrownBy(() -> codecs.decodeText(3802, "{\"secret\": 1}", Point.class))
                .hasMessageContaining("Jackson")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> codecs.decodeText(3802, "null", Map.class)).hasMessageContaining("null");
        assertThatThrownBy(() -> codecs.decodeText(869, "192.0.2.0/24", java.net.InetAddress.class))
                .hasMessageContaining("single host");
    }
}
