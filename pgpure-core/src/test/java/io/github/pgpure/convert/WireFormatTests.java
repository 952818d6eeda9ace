package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The bytes were taken from a server, by its {@code …send} functions, and the texts by its output functions. */
class WireFormatTests {

    private final Codecs codecs = new Codecs();

    static Stream<Arguments> values() {
        return Stream.of(
                arguments(16, true, "01", "t"),
                arguments(16, false, "00", "f"),
                arguments(17, new byte[] {0, -1}, "00ff", "\\x00ff"),
                arguments(17, new byte[0], "", "\\x"),
                arguments(21, (short) -2, "fffe", "-2"),
                arguments(23, 1, "00000001", "1"),
                arguments(23, Integer.MIN_VALUE, "80000000", "-2147483648"),
                arguments(20, Long.MAX_VALUE, "7fffffffffffffff", "9223372036854775807"),
                arguments(20, Long.MIN_VALUE, "8000000000000000", "-9223372036854775808"),
                arguments(26, 4294967295L, "ffffffff", "4294967295"),
                arguments(28, 4294967295L, "ffffffff", "4294967295"),
                arguments(5069, -1L, "ffffffffffffffff", "18446744073709551615"),
                arguments(700, -1e-5f, "b727c5ac", "-1e-05"),
                arguments(701, 1.5, "3ff8000000000000", "1.5"),
                arguments(701, Double.NaN, "7ff8000000000000", "NaN"),
                arguments(701, -0.0, "8000000000000000", "-0"),
                arguments(701, Double.NEGATIVE_INFINITY, "fff0000000000000", "-Infinity"),
                arguments(1700, new BigDecimal("0"), "0000000000000000", "0"),
                arguments(1700, new BigDecimal("1"), "00010000000000000001", "1"),
                arguments(1700, new BigDecimal("-1.5"), "000200004000000100011388", "-1.5"),
                arguments(1700, new BigDecimal("12345.678"), "0003000100000003000109291a7c", "12345.678"),
                arguments(1700, new BigDecimal("0.00012"), "0002ffff00000005000107d0", "0.00012"),
                arguments(1700, new BigDecimal("0.1"), "0001ffff0000000103e8", "0.1"),
                arguments(1700, new BigDecimal("0.000000000100"), "0001fffd0000000c0064", "0.000000000100"),
                arguments(1700, new BigDecimal("10000"), "00010001000000000001", "10000"),
                arguments(1700, new BigDecimal("0.0000"), "0000000000000004", "0.0000"),
                arguments(
                        1700,
                        new BigDecimal("99999999999999999999.99999"),
                        "0007000400000005270f270f270f270f270f270f2328",
                        "99999999999999999999.99999"),
                arguments(1700, Double.NaN, "00000000c0000000", "NaN"),
                arguments(1700, Double.POSITIVE_INFINITY, "00000000d0000000", "Infinity"),
                arguments(1700, Double.NEGATIVE_INFINITY, "00000000f0000000", "-Infinity"),
                arguments(25, "é🐘", "c3a9f09f9098", "é🐘"),
                arguments(1043, "", "", ""),
                arguments(18, "x", "78", "x"),
                arguments(
                        2950,
                        UUID.fromString("123e4567-e89b-12d3-a456-426614174000"),
                        "123e4567e89b12d3a456426614174000",
                        "123e4567-e89b-12d3-a456-426614174000"),
                arguments(114, "{\"a\":1}", "7b2261223a317d", "{\"a\":1}"),
                arguments(3802, "{\"a\": 1}", "017b2261223a20317d", "{\"a\": 1}"),
                arguments(1082, LocalDate.of(2024, 2, 29), "00002279", "2024-02-29"),
                arguments(1082, LocalDate.of(-43, 3, 15), "fff49d7b", "0044-03-15 BC"),
                arguments(1082, LocalDate.of(5874897, 12, 31), "7fda970c", "5874897-12-31"),
                arguments(1082, LocalDate.MAX, "7fffffff", "infinity"),
                arguments(1082, LocalDate.MIN, "80000000", "-infinity"),
                arguments(1083, LocalTime.parse("23:59:59.999999"), "000000141dd75fff", "23:59:59.999999"),
                arguments(1083, LocalTime.MAX, "000000141dd76000", "24:00:00"),
                arguments(
                        1266,
                        OffsetTime.of(LocalTime.MAX, ZoneOffset.ofHours(2)),
                        "000000141dd76000ffffe3e0",
                        "24:00:00+02"),
                arguments(1114, LocalDateTime.MAX, "7fffffffffffffff", "infinity"),
                arguments(1114, LocalDateTime.of(2000, 1, 1, 0, 0, 1), "00000000000f4240", "2000-01-01 00:00:01"),
                arguments(
                        1114,
                        LocalDateTime.of(1999, 12, 31, 23, 59, 59, 999_999_000),
                        "ffffffffffffffff",
                        "1999-12-31 23:59:59.999999"),
                arguments(
                        1184,
                        OffsetDateTime.parse("2024-02-29T12:34:56.789012Z"),
                        "0002b58341728614",
                        "2024-02-29 13:34:56.789012+01"),
                arguments(1184, OffsetDateTime.MAX, "7fffffffffffffff", "infinity"),
                arguments(1184, OffsetDateTime.MIN, "8000000000000000", "-infinity"),
                arguments(
                        1186,
                        new Interval(14, -3, 14_706_789_000L),
                        "000000036c97ca88fffffffd0000000e",
                        "1 year 2 mons -3 days +04:05:06.789"),
                arguments(1186, new Interval(-1, 0, 0), "000000000000000000000000ffffffff", "-1 mons"),
                arguments(1186, Interval.ZERO, "00000000000000000000000000000000", "00:00:00"),
                arguments(1186, new Interval(0, 0, -1), "ffffffffffffffff0000000000000000", "-00:00:00.000001"),
                arguments(1007, List.of(), "000000000000000000000017", "{}"),
                arguments(
                        1007,
                        Arrays.asList(1, null, 3),
                        "00000001000000010000001700000003000000010000000400000001ffffffff0000000400000003",
                        "{1,NULL,3}"),
                arguments(
                        1007,
                        List.of(List.of(1, 2), List.of(3, 4)),
                        "00000002000000010000001700000002000000010000000200000001"
                                + "0000000400000001000000040000000200000004000000030000000400000004",
                        "{{1,2},{3,4}}"),
                arguments(
                        1009,
                        Arrays.asList("a b", "", "null", "x\"y\\z", "é", null),
                        "000000010000000100000019000000060000000100000003612062000000000000"
                                + "00046e756c6c0000000578227" + "95c7a00000002c3a9ffffffff",
                        "{\"a b\",\"\",\"null\",\"x\\\"y\\\\z\",é,NULL}"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void writesTheServersBytes(int oid, Object value, String hex, String text) {
        assertThat(codecs.encode(oid, value)).isEqualTo(hex);
    }

    @ParameterizedTest
    @MethodSource("values")
    void readsTheServersBytes(int oid, Object value, String hex, String text) {
        assertThat(codecs.decode(oid, hex)).isEqualTo(value);
    }

    @ParameterizedTest
    @MethodSource("values")
    void readsTheServersText(int oid, Object value, String hex, String text) {
        assertThat(codecs.decodeText(oid, text)).isEqualTo(value);
    }

    @ParameterizedTest
    @MethodSource("values")
    void makesTheServersTextOfItsBytes(int oid, Object value, String hex, String text) {
        assertThat(codecs.decode(oid, hex, String.class)).isEqualTo(text);
        assertThat(codecs.decodeText(oid, text, String.class)).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("values")
    void writesTheServersText(int oid, Object value, String hex, String text) {
        assertThat(codecs.encodeAsText(oid, value)).isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("values")
    void aWrongLengthIsAConversionError(int oid, Object value, String hex, String text) {
        // A byte less, for every length there is: an answer or a ConversionException, nothing else.
        for (int length = 0; length < hex.length(); length += 2) {
            try {
                codecs.decode(oid, hex.substring(0, length));
            } catch (io.github.pgpure.ConversionException e) {
                assertThat(e).hasMessageContaining("cannot read");
            }
        }
    }
}
