package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.Session;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.test.PostgresServer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ten thousand random values of each scalar type, there and back in arrays, compared with what the server prints. */
class RandomValuesIT {

    private static final int CASES = 10_000;
    private static final int PER_QUERY = 1_000;

    private static final TypeRegistry TYPES = new TypeRegistry();
    private static PgConnection connection;

    @BeforeAll
    static void open() {
        connection = Session.open(PgConnectOptions.parse(PostgresServer.shared().uri()), TYPES)
                .connection(Session::close);
        connection.execute("set timezone = 'America/New_York'");
    }

    @AfterAll
    static void close() {
        connection.close();
    }

    static Stream<Arguments> generators() {
        return Stream.of(
                generator("bool", SplittableRandom::nextBoolean),
                generator("int2", r -> (short) r.nextInt()),
                generator("int4", r -> (int) someLong(r)),
                generator("int8", RandomValuesIT::someLong),
                generator("oid", r -> someLong(r) & 0xFFFFFFFFL),
                generator("float4", r -> {
                    float value = Float.intBitsToFloat(r.nextInt());
                    return Float.isNaN(value)
                            ? Float.NaN
                            : r.nextInt(3) == 0 ? (float) r.nextInt(-100_000, 100_000) / 100 : value;
                }),
                generator("float8", r -> {
                    double value = Double.longBitsToDouble(r.nextLong());
                    switch (r.nextInt(4)) {
                        case 0:
                            return r.nextInt(-1_000_000, 1_000_000) / 1000.0;
                        case 1:
                            return Math.scalb(1.0, r.nextInt(-1074, 1024));
                        default:
                            return Double.isNaN(value) ? Double.NaN : value;
                    }
                }),
                generator("numeric", RandomValuesIT::someNumeric),
                generator("text", RandomValuesIT::someText),
                generator("varchar", RandomValuesIT::someText),
                generator("bytea", r -> {
                    byte[] bytes = new byte[r.nextInt(40)];
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = (byte) r.nextInt();
                    }
                    return bytes;
                }),
                generator("uuid", r -> new UUID(r.nextLong(), r.nextLong())),
                generator(
                        "date",
                        r -> LocalDate.ofEpochDay(
                                r.nextInt(2) == 0 ? r.nextInt(-3000, 30_000) : r.nextLong(-2_440_000, 2_000_000_000L))),
                generator("time", r -> LocalTime.ofNanoOfDay(someMicros(r, 86_400_000_000L) * 1000)),
                generator(
                        "timetz",
                        r -> OffsetTime.of(
                                LocalTime.ofNanoOfDay(someMicros(r, 86_400_000_000L) * 1000),
                                ZoneOffset.ofTotalSeconds(r.nextInt(-57_599, 57_600)))),
                generator("timestamp", RandomValuesIT::someTimestamp),
                generator("timestamptz", r -> OffsetDateTime.of(someTimestamp(r), ZoneOffset.UTC)),
                generator("interval", r -> new Interval(small(r), small(r), someMicros(r, 1L << 50) - (1L << 49))),
                generator("varbit", r -> {
                    StringBuilder bits = new StringBuilder();
                    for (int n = r.nextInt(70); n > 0; n--) {
                        bits.append(r.nextInt(2));
                    }
                    return bits.toString();
                }),
                generator(
                        "point", r -> new Geometric.Point(r.nextInt(-1000, 1000) / 8.0, r.nextInt(-1000, 1000) / 10.0)),
                generator("int4range", r -> {
                    int lower = r.nextInt(-100, 100);
                    return r.nextInt(5) == 0
                            ? Range.atLeast(lower)
                            : Range.closedOpen(lower, lower + 1 + r.nextInt(100));
                }),
                generator("numrange", r -> {
                    BigDecimal lower = BigDecimal.valueOf(r.nextLong(), r.nextInt(20));
                    return Range.of(lower, r.nextBoolean(), lower.add(BigDecimal.ONE), r.nextBoolean());
                }));
    }

    private static Arguments generator(String type, Function<SplittableRandom, Object> generator) {
        return arguments(type, generator);
    }

    private static long someLong(SplittableRandom r) {
        return r.nextLong() >> r.nextInt(64);
    }

    private static int small(SplittableRandom r) {
        return r.nextInt(3) == 0 ? 0 : r.nextInt(-50, 50);
    }

    private static Object someNumeric(SplittableRandom r) {
        if (r.nextInt(100) == 0) {
            return Double.NaN;
        }
        BigInteger unscaled = r.nextInt(3) > 0
                ? BigInteger.valueOf(someLong(r))
                : new BigInteger(r.nextInt(400), new java.util.Random(r.nextLong()));
        BigDecimal value = new BigDecimal(r.nextBoolean() ? unscaled : unscaled.negate(), r.nextInt(0, 40));
        return r.nextInt(4) == 0 ? value.setScale(value.scale() + r.nextInt(9)) : value;
    }

    private static String someText(SplittableRandom r) {
        StringBuilder text = new StringBuilder();
        String awkward = "\\\"'{},() \n\t\u00a0NULLnull[]=;";
        for (int n = r.nextInt(20); n > 0; n--) {
            switch (r.nextInt(4)) {
                case 0:
                    text.append(awkward.charAt(r.nextInt(awkward.length())));
                    break;
                case 1:
                    text.append((char) r.nextInt('a', 'z'));
                    break;
                default:
                    int point = r.nextInt(1, 0x110000);
                    text.appendCodePoint(point >= 0xD800 && point < 0xE000 ? 'x' : point);
            }
        }
        return text.toString();
    }

    private static long someMicros(SplittableRandom r, long bound) {
        long micros = r.nextLong(bound);
        return r.nextInt(3) == 0 ? micros / 1_000_000 * 1_000_000 : micros;
    }

    private static LocalDateTime someTimestamp(SplittableRandom r) {
        // From 4713 BC to 294276, half of them in our days.
        long second =
                r.nextBoolean() ? r.nextLong(0, 2_000_000_000L) : r.nextLong(-210_866_000_000L, 9_224_000_000_000L);
        return LocalDateTime.ofEpochSecond(second, (int) (someMicros(r, 1_000_000) * 1000), ZoneOffset.UTC);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("generators")
    void agreesWithTheServer(String type, Function<SplittableRandom, Object> generator) {
        long seed = System.nanoTime();
        System.out.println(type + ": seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int done = 0; done < CASES; done += PER_QUERY) {
            List<Object> values = new ArrayList<>(PER_QUERY);
            for (int i = 0; i < PER_QUERY; i++) {
                values.add(generator.apply(random));
            }
            List<Row> rows = connection.fetch(
                    "select v, format('%s', v) as t from unnest($1::" + type
                            + "[]) with ordinality as u(v, n) order by n",
                    values);
            assertThat(rows).hasSize(PER_QUERY);
            ValueCodec codec =
                    TYPES.snapshot().valueCodec(rows.get(0).columns().get(0).typeOid());
            ConversionContext context = new ConversionContext(TYPES.snapshot(), connection.serverTimeZone());
            for (int i = 0; i < PER_QUERY; i++) {
                Object value = values.get(i);
                Row row = rows.get(i);
                String text = row.getString("t");
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                assertThat(row.get("v")).as("seed %s", seed).isEqualTo(value);
                assertThat(row.getString("v")).as("seed %s", seed).isEqualTo(text);
                assertThat(codec.decode(context, Format.TEXT, bytes, 0, bytes.length))
                        .as("seed %s", seed)
                        .isEqualTo(value);
            }
        }
    }
}
