package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.pgpure.ConversionException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.PostgresServer;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An error of conversion names the column or parameter, the PostgreSQL type, the Java type and what would work; never the value. */
class ConversionErrorsIT {

    private static PgConnection connection;

    @BeforeAll
    static void open() {
        connection =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()));
    }

    @AfterAll
    static void close() {
        connection.close();
    }

    record Pair(int one, String two) {}

    /** The type, a value's text, the Java type asked for, and what would work or why it does not. */
    static Stream<Arguments> readings() {
        return Stream.of(
                arguments("bool", "true", Integer.class, "Boolean"),
                arguments("int2", "4711", UUID.class, "Short"),
                arguments("int4", "4711", LocalDate.class, "Integer, Long"),
                arguments("int4", "471100", Short.class, "-32768 and 32767"),
                arguments("int8", "4711471147114711", int.class, "-2147483648 and 2147483647"),
                arguments("int8", "4711", Boolean.class, "Long"),
                arguments("oid", "4711", LocalTime.class, "Long"),
                arguments("float4", "47.11", Integer.class, "fractional part"),
                arguments("float8", "4711e300", Float.class, "beyond the type's range"),
                arguments("float8", "NaN", BigDecimal.class, "Double"),
                arguments("numeric", "47.11", Long.class, "fractional part"),
                arguments("numeric", "4711e400", Double.class, "beyond the type's range"),
                arguments("numeric", "NaN", BigDecimal.class, "Double"),
                arguments("money", "4711", Integer.class, "String"),
                arguments("text", "4711", UUID.class, "String, Character, an enum"),
                arguments("text", "4711", Character.class, "one character"),
                arguments("text", "4711", TimeUnit.class, "SECONDS"),
                arguments("bytea", "4711", Integer.class, "byte[]"),
                arguments("uuid", "123e4567-e89b-12d3-a456-426614174711", Long.class, "UUID"),
                arguments("jsonb", "\"4711x\"", Integer.class, "Jackson cannot map it"),
                arguments("xml", "<a>4711</a>", Integer.class, "String"),
                arguments("date", "4711-01-01", LocalDateTime.class, "LocalDate"),
                arguments("time", "11:47:11", Integer.class, "LocalTime"),
                arguments("timetz", "11:47:11+01", LocalTime.class, "OffsetTime"),
                arguments("timestamp", "4711-01-01 00:00", Instant.class, "LocalDateTime"),
                arguments("timestamptz", "4711-01-01 00:00Z", LocalDateTime.class, "OffsetDateTime, Instant"),
                arguments("interval", "4711 days", Duration.class, "use Interval"),
                arguments("interval", "4711 seconds", Period.class, "use Interval"),
                arguments("interval", "4711 seconds", Integer.class, "Interval, Period, Duration"),
                arguments("inet", "4.7.1.0/24", InetAddress.class, "String"),
                arguments("inet", "4.7.1.1", Integer.class, "InetAddress"),
                arguments("macaddr", "08:00:2b:47:11:03", Integer.class, "String"),
                arguments("varbit", "10101", Boolean.class, "it has 5 bits; use String"),
                arguments("point", "(4711,0)", Integer.class, "Geometric"),
                arguments("tsvector", "x4711", Integer.class, "String"),
                arguments("int4range", "[47,4711)", Integer.class, "Range"),
                arguments("int4multirange", "{[47,4711)}", Integer.class, "List"),
                arguments("int4[]", "{4711}", Integer.class, "List"),
                arguments("int4[]", "{4711,NULL}", int[].class, "NULL"),
                arguments("int4[]", "{4711}", int[][].class, "int4 as int[]"),
                arguments("text[]", "{4711}", UUID[].class, "String"));
    }

    @ParameterizedTest(name = "{0} as {2}")
    @MethodSource("readings")
    void readingNamesColumnAndTypes(String type, String text, Class<?> wanted, String hint) {
        Row row = connection.fetchOne("select $1::text::" + type + " as my_column", text);
        assertThatThrownBy(() -> row.get("my_column", wanted))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("'my_column'")
                .hasMessageContaining(type.replace("[]", ""))
                .hasMessageContaining(wanted.getTypeName())
                .hasMessageContaining(hint)
                .hasMessageNotContaining("4711")
                .hasNoCause();
        assertThat(row.getString("my_column")).isNotNull();
    }

    /** The type, a value, and what would work or why it does not. */
    static Stream<Arguments> parameters() {
        return Stream.of(
                arguments("bool", 4711, "Boolean"),
                arguments("int2", 471_100, "-32768 and 32767"),
                arguments("int4", 47.11, "fractional part"),
                arguments("int4", "4711x", "no integer"),
                arguments("int4", LocalDate.of(4711, 1, 1), "Integer, Long"),
                arguments("oid", -4711L, "between 0"),
                arguments("float4", 4711e300, "beyond the type's range"),
                arguments("numeric", "4711x", "no number"),
                arguments("numeric", Map.of("4711", 1), "BigDecimal"),
                arguments("money", new BigDecimal("47.11"), "String"),
                arguments("text", "4711\0", "U+0000"),
                arguments("text", List.of("4711"), "String"),
                arguments("text", "4711\uD800", "surrogate"),
                arguments("bytea", "4711", "byte[]"),
                arguments("uuid", "4711", "UUID"),
                arguments("uuid", 4711, "UUID"),
                arguments("date", "4711", "LocalDate"),
                arguments("date", LocalDateTime.of(4711, 1, 1, 0, 0), "LocalDate"),
                arguments("timestamp", OffsetDateTime.parse("4711-01-01T00:00Z"), "LocalDateTime"),
                arguments("timestamptz", LocalDateTime.of(4711, 1, 1, 0, 0), "OffsetDateTime, Instant"),
                arguments("interval", "4711 fortnights", "IntervalStyle"),
                arguments("inet", 4711, "InetAddress"),
                arguments("varbit", "4711", "String"),
                arguments("point", 4711, "Geometric"),
                arguments("int4[]", 4711, "List"),
                arguments("int4[]", List.of("4711x"), "no integer"),
                arguments("int4range", 4711, "Range"));
    }

    @ParameterizedTest(name = "{1} to {0}")
    @MethodSource("parameters")
    void sendingNamesParameterAndTypes(String type, Object value, String hint) {
        assertThatThrownBy(() -> connection.fetchOne("select $1::" + type, value))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("$1")
                .hasMessageContaining(type.replace("[]", ""))
                .hasMessageContaining(value.getClass().getTypeName())
                .hasMessageContaining(hint)
                .hasMessageNotContaining("4711")
                .hasNoCause();
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }
}
