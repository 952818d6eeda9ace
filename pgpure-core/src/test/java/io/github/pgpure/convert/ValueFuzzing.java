package io.github.pgpure.convert;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.pgpure.ConversionException;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.Period;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Targets for coverage-guided fuzzing: what any bytes make of a value's parsers.
 *
 * <p>The first byte of an input chooses the type and the format, the second one the Java type. Bytes are either a value or a
 * {@link ConversionException}; bytes around them make no difference; and a value that was read can be sent, and is then read as the same.
 */
class ValueFuzzing {

    private static final Codecs CODECS = new Codecs();

    /** A row type that is found to have changed is forgotten. */
    private static void resolve() {
        CODECS.registry.resolve(
                new int[] {90001, 90003, 90004, 90006},
                sql -> List.of(
                        new String[] {"90001", "public", "hstore", "b", "0", ",", "t", null, null},
                        new String[] {"90003", "public", "pair", "c", "0", ",", "t", "a", "23"},
                        new String[] {"90003", "public", "pair", "c", "0", ",", "t", "b", "1009"},
                        new String[] {"90004", "public", "_pair", "a", "90003", ",", "t", null, null},
                        new String[] {"90006", "public", "_hstore", "a", "90001", ",", "t", null, null}));
    }

    @FuzzTest
    void arrays(byte[] input) {
        // bool, bytea, int4, text, float8, timestamptz, interval, box (with its own delimiter), numeric
        check(input, 1000, 1001, 1007, 1009, 1022, 1185, 1187, 1020, 1231);
    }

    @FuzzTest
    void composites(byte[] input) {
        // a row type, an array of it, an anonymous record, an array of those
        check(input, 90003, 90004, 2249, 2287);
    }

    @FuzzTest
    void hstore(byte[] input) {
        check(input, 90001, 90006);
    }

    @FuzzTest
    void ranges(byte[] input) {
        // int4, numeric, timestamp, timestamptz, date, int8; then the multiranges
        check(input, 3904, 3906, 3908, 3910, 3912, 3926, 4451, 4532, 4533, 4534, 4535, 4536);
    }

    @FuzzTest
    void numeric(byte[] input) {
        check(input, 1700);
    }

    @FuzzTest
    void interval(byte[] input) {
        check(input, 1186);
    }

    private static final List<Class<?>> TYPES = List.of(
            String.class,
            List.class,
            Object[].class,
            int[].class,
            Map.class,
            Long.class,
            double.class,
            Duration.class,
            Period.class,
            Range.class);

    private static void check(byte[] input, int... oids) {
        if (input.length < 2) {
            return;
        }
        int choice = input[0] & 0xff;
        resolve();
        Format format = choice % 2 == 0 ? Format.BINARY : Format.TEXT;
        ValueCodec codec = CODECS.codec(oids[choice / 2 % oids.length]);
        byte[] bytes = Arrays.copyOfRange(input, 2, input.length);
        if (isVeryLong(format, bytes)) {
            return;
        }
        int type = input[1] & 0xff;
        if (type % 2 == 1) {
            read(codec, format, bytes, TYPES.get(type / 2 % TYPES.size()));
            return;
        }
        Object value = read(codec, format, bytes, Object.class);
        if (value != null) {
            comesBack(codec, value);
        }
    }

    /** Numbers of a hundred thousand digits, which few bytes can say, would only keep the fuzzer busy. */
    private static boolean isVeryLong(Format format, byte[] bytes) {
        return format == Format.TEXT
                ? new String(bytes, StandardCharsets.ISO_8859_1).matches("(?s).*[eE][+-]?0*[1-9]\\d{3}.*")
                : bytes.length >= 8 && bytes.length % 2 == 0 && bytes[0] == 0 && (bytes[2] > 0 || bytes[6] > 1);
    }

    /** Null where the bytes are no such value. */
    private static Object read(ValueCodec codec, Format format, byte[] bytes, Class<?> type) {
        Object first = readBetween((byte) 0x7b, codec, format, bytes, type);
        Object second = readBetween((byte) 0x31, codec, format, bytes, type);
        if (!equal(first, second)) {
            throw new AssertionError(codec.typeName() + " as " + type + " depends on the bytes around it: "
                    + shortened(first) + ", " + shortened(second));
        }
        return first;
    }

    private static Object readBetween(byte padding, ValueCodec codec, Format format, byte[] bytes, Class<?> type) {
        byte[] padded = new byte[bytes.length + 6];
        Arrays.fill(padded, padding);
        System.arraycopy(bytes, 0, padded, 3, bytes.length);
        try {
            return type == Object.class
                    ? codec.decode(CODECS.context(), format, padded, 3, bytes.length)
                    : codec.decode(CODECS.context(), format, padded, 3, bytes.length, type);
        } catch (ConversionException expected) {
            if (!String.valueOf(expected.getMessage()).startsWith("cannot read")) {
                throw new AssertionError("an error that does not say what cannot be read", expected);
            }
            return null;
        }
    }

    private static void comesBack(ValueCodec codec, Object value) {
        FrontendBuffer out = new FrontendBuffer();
        String text;
        try {
            codec.encode(CODECS.context(), value, out);
            text = codec.encodeText(CODECS.context(), value);
        } catch (ConversionException e) {
            // What a text can say and the binary format cannot, the server never sends.
            return;
        }
        byte[] bytes = Arrays.copyOf(out.array(), out.position());
        same(codec, value, read(codec, codec.format(), bytes, Object.class), "its own " + codec.format());
        same(
                codec,
                value,
                read(codec, Format.TEXT, text.getBytes(StandardCharsets.UTF_8), Object.class),
                "its own text " + text);
    }

    private static void same(ValueCodec codec, Object value, Object again, String source) {
        if (!equal(value, again)) {
            throw new AssertionError(codec.typeName() + " " + shortened(value) + " was read as " + shortened(again)
                    + " from " + shortened(source));
        }
    }

    private static String shortened(Object value) {
        String text = String.valueOf(value);
        return text.length() < 500 ? text : text.substring(0, 500) + "…";
    }

    /** Arrays at any depth by their content, points in time whatever their offset. */
    private static boolean equal(Object one, Object other) {
        if (one instanceof List<?> a && other instanceof List<?> b) {
            return a.size() == b.size() && IntStream.range(0, a.size()).allMatch(i -> equal(a.get(i), b.get(i)));
        } else if (one instanceof Object[] a && other instanceof Object[] b) {
            return equal(Arrays.asList(a), Arrays.asList(b));
        } else if (one instanceof Map<?, ?> a && other instanceof Map<?, ?> b) {
            return a.keySet().equals(b.keySet()) && a.keySet().stream().allMatch(key -> equal(a.get(key), b.get(key)));
        } else if (one instanceof Range<?> a && other instanceof Range<?> b) {
            return a.isEmpty() == b.isEmpty()
                    && a.lowerInclusive() == b.lowerInclusive()
                    && a.upperInclusive() == b.upperInclusive()
                    && equal(a.lower(), b.lower())
                    && equal(a.upper(), b.upper());
        } else if (one instanceof OffsetDateTime a && other instanceof OffsetDateTime b) {
            return a.isEqual(b);
        } else if (one instanceof BigDecimal a && other instanceof BigDecimal b) {
            // 1e3 is written as 1000.
            return a.compareTo(b) == 0;
        }
        return Objects.deepEquals(one, other);
    }
}
