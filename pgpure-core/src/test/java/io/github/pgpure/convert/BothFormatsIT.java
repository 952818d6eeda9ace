package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.Session;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.test.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Some hundreds of SQL expressions: what is read from binary and what is read from text are the same Java value. */
class BothFormatsIT {

    private static final TypeRegistry TYPES = new TypeRegistry();
    private static PgConnection connection;
    private static String database;

    @BeforeAll
    static void open() {
        database = PostgresServer.shared().createDatabase("both_formats_it");
        connection = Session.open(PgConnectOptions.parse(PostgresServer.shared().uri(database)), TYPES)
                .connection(Session::close);
        connection.execute("""
                create extension hstore;
                create extension citext;
                create extension ltree;
                create type mood as enum ('happy', 'so "so"');
                create domain positive as int check (value > 0);
                create type address as (street text, moods mood[], number int);
                """);
        connection.execute("set timezone = 'Asia/Kathmandu'");
    }

    @AfterAll
    static void close() {
        connection.close();
        PostgresServer.shared().dropDatabase(database);
    }

    /** Texts of each type's values, separated by bars. */
    private static Map<String, String> literals() {
        Map<String, String> literals = new LinkedHashMap<>();
        literals.put("bool", "t|f");
        literals.put("int2", "0|-32768|32767");
        literals.put("int4", "0|-1|2147483647|-2147483648");
        literals.put("int8", "0|9223372036854775807|-9223372036854775808");
        literals.put("oid", "0|4294967295");
        literals.put("float4", "0|-0|1.1|1e-30|3e38|NaN|Infinity|-Infinity|0.00001|1234567");
        literals.put("float8", "0|-0|1.1|1e-300|1e300|NaN|Infinity|-Infinity|0.0001|123456789012345678");
        literals.put(
                "numeric", "0|0.0|-1.10|12345678901234567890.123|NaN|Infinity|-Infinity|1e-30|1e30|9999|10000|0.9999");
        literals.put("text", "|x| |NULL|\"|\\\\|{}|(),|é🐘|a''b");
        literals.put("varchar(5)", "|abc|NULL");
        literals.put("char(5)", "|abc|a b");
        literals.put("name", "x|a b");
        literals.put("bytea", "|\\\\x00ff|\\\\\\\\");
        literals.put("uuid", "123e4567-e89b-12d3-a456-426614174000|00000000-0000-0000-0000-000000000000");
        literals.put("json", "1|null|{\"a\": [1, 2]}|\"x\\\\\"y\"");
        literals.put("jsonb", "1|null|{\"a\": [1, 2]}|\"é\"");
        literals.put("xml", "<a/>|x");
        literals.put("date", "2024-02-29|0001-01-01|0044-03-15 BC|9999-12-31|10000-01-01|infinity|-infinity");
        literals.put("time", "00:00|24:00|12:34:56.7|23:59:59.999999");
        literals.put("timetz", "00:00+00|24:00-05:30|12:34:56.7+02|01:02:03+15:59:59");
        literals.put(
                "timestamp",
                "2024-02-29 12:34:56.789|0044-03-15 00:00 BC|294276-12-31 23:59:59.999999|infinity|-infinity|1999-12-31 23:59:59.5");
        literals.put(
                "timestamptz",
                "2024-02-29 12:34:56.789+00|1900-01-01 00:00+00|0044-03-15 00:00+00 BC|20000-01-01 00:00+00|infinity|-infinity");
        literals.put("interval", "0|1 mon|-1 year 2 days|1 day -1 sec|100:00:00.000001|-1 mon +1 day|P1Y2M3DT4H5M6.7S");
        literals.put("inet", "1.2.3.4|1.2.3.0/24|::1|2001:db8::/32");
        literals.put("cidr", "10.0.0.0/8|2001:db8::/32");
        literals.put("macaddr", "08:00:2b:01:02:03");
        literals.put("bit(3)", "101|000");
        literals.put("varbit", "|1|101010101");
        literals.put("point", "(1,2)|(1.5,-1e30)");
        literals.put("lseg", "[(1,2),(3,4)]");
        literals.put("box", "(3,4),(1,2)");
        literals.put("path", "[(1,2),(3,4)]|((1,2),(3,4))");
        literals.put("polygon", "((1,2),(3,4),(5,6))");
        literals.put("line", "{1,2,3}");
        literals.put("circle", "<(1,2),3>");
        literals.put("int4range", "[1,5)|empty|(,)|[1,)|(,1)");
        literals.put("int8range", "[1,5)|empty");
        literals.put("numrange", "(1.5,2.50]|(,)|[,1]");
        literals.put("daterange", "[2024-01-01,2024-02-01)|(,2024-01-01)|[2024-01-01,infinity)");
        literals.put("tsrange", "[2024-01-01 00:00,2024-01-01 12:00]|empty");
        literals.put("tstzrange", "[2024-01-01 00:00+00,)|(0044-03-15 00:00+00 BC,2024-01-01 12:00+00]");
        literals.put("int4multirange", "{}|{[1,2),[5,9)}|{(,)}");
        literals.put("nummultirange", "{[1.5,2],(3,4)}");
        literals.put("datemultirange", "{[2024-01-01,2024-02-01),[2025-01-01,)}");
        literals.put("int8multirange", "{}|{[1,2),[5,)}");
        literals.put("tsmultirange", "{[2024-01-01 00:00,2024-01-02 00:00)}");
        literals.put("tstzmultirange", "{[2024-01-01 00:00+00,2024-01-02 00:00+00]}");
        literals.put("bpchar", "|abc|a b ");
        literals.put("\"char\"", "|x|\"|\\\\351");
        literals.put("citext", "|aBc|NULL");
        literals.put("xid", "0|4294967295");
        literals.put("xid8", "0|18446744073709551615");
        literals.put("money", "0|-1234.5");
        literals.put("macaddr8", "08:00:2b:01:02:03:04:05");
        literals.put("tsvector", "|a:1A b''c:2,3");
        literals.put("tsquery", "a & !b|a <-> (b <2> c:*)");
        literals.put("pg_lsn", "0/0|16/B374D848");
        literals.put("hstore", "|a=>1|a=>NULL, \"b c\"=>\"\\\\\"\"");
        literals.put("ltree", "|top.science");
        literals.put("mood", "happy|so \"so\"");
        literals.put("positive", "1|2147483647");
        literals.put("address", "(,,)|(\"a b\",\"{happy,NULL}\",7)");
        return literals;
    }

    static List<String> expressions() {
        List<String> expressions = new ArrayList<>();
        literals().forEach((type, texts) -> {
            String values = "";
            for (String text : texts.split("\\|", -1)) {
                String value = "E'" + text + "'::" + type;
                expressions.add(value);
                values += (values.isEmpty() ? "" : ", ") + value;
            }
            expressions.add("array[" + values + ", null]");
            expressions.add("array[[" + values + "], [" + values + "]]");
            expressions.add("'[-1:0]={NULL" + (type.equals("box") ? ';' : ',') + "NULL}'::" + type + "[]");
            expressions.add("'{}'::" + type + "[]");
        });
        Stream.of(
                        "sum(n) from generate_series(1, 10) n",
                        "avg(n) from generate_series(1, 10) n",
                        "array_agg(n) from generate_series(1, 10) n",
                        "count(*)",
                        "now() - now()",
                        "age(timestamp '2001-04-10', timestamp '1957-06-13')",
                        "justify_interval(interval '1 mon -1 hour')",
                        "current_date",
                        "date_trunc('day', now())",
                        "make_interval(years => -1, months => 13, days => -2, secs => 0.5)",
                        "1.0 / 3",
                        "sqrt(2::numeric)",
                        "power(2::numeric, 200)",
                        "random()",
                        "pi()",
                        "exp(1)::float4",
                        "factorial(30)",
                        "gen_random_uuid()",
                        "to_jsonb(array[1, 2])",
                        "json_build_object('a', null)",
                        "string_to_array('a,b,,c', ',', '')",
                        "regexp_split_to_array('a b', ' ')",
                        "range_agg(int4range(n, n + 1)) from generate_series(1, 9, 2) n",
                        "pg_typeof(1)",
                        "to_tsvector('simple', 'a b')",
                        "current_schemas(true)",
                        "txid_current()",
                        "pg_current_wal_lsn()",
                        "encode(sha256('x'), 'base64')",
                        "sha256('x')",
                        "'{1,2}'::int[] || 3",
                        "array_fill(0, array[2, 3], array[-1, 5])",
                        "width_bucket(5, 0, 10, 5)",
                        "'1 2'::int2vector",
                        "'abc'::\"char\"",
                        "B'101'",
                        "extract(epoch from timestamptz '2024-01-01 00:00:00.5+00')",
                        "current_user",
                        "'16/B374D848'::pg_lsn",
                        "'$1.50'::money")
                .forEach(expressions::add);
        return expressions;
    }

    @Test
    void thereAreHundreds() {
        assertThat(expressions()).hasSizeGreaterThan(300);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("expressions")
    void giveTheSame(String expression) {
        int from = expression.indexOf(" from generate_series");
        String value = from < 0 ? expression : expression.substring(0, from);
        Row row = connection.fetchOne("select v, format('%s', v) as t from (select " + value + " as v"
                + (from < 0 ? "" : expression.substring(from)) + ") q");
        ValueCodec codec = TYPES.snapshot().valueCodec(row.columns().get(0).typeOid());
        String text = row.getString("t");
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Object fromText = codec.decode(
                new ConversionContext(TYPES.snapshot(), connection.serverTimeZone()),
                Format.TEXT,
                bytes,
                0,
                bytes.length);
        assertThat(plain(fromText)).isEqualTo(plain(row.get("v")));
        assertThat(row.getString("v")).isEqualTo(text);
    }

    /** With lists in the place of byte arrays, which equal only themselves. */
    private static Object plain(Object value) {
        if (value instanceof byte[] bytes) {
            return Arrays.toString(bytes);
        }
        return value instanceof List<?> list
                ? list.stream().map(BothFormatsIT::plain).toList()
                : value;
    }
}
