package io.github.pgpure.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamedParametersTests {

    static Stream<Arguments> replaced() {
        return Stream.of(
                sql("select :a", "select $1", "a"),
                sql(":a", "$1", "a"),
                sql("select :a, :b", "select $1, $2", "a", "b"),
                sql("select :b, :a, :b", "select $1, $2, $1", "b", "a"),
                sql("where x=:x_1 and y=:Y2", "where x=$1 and y=$2", "x_1", "Y2"),
                sql("select :a and :A", "select $1 and $2", "a", "A"),
                sql("select :_x", "select $1", "_x"),
                sql("select :größe", "select $1", "größe"),
                sql("values (:a,:b),(:a,:c)", "values ($1,$2),($1,$3)", "a", "b", "c"),
                sql("in(:a)", "in($1)", "a"),
                sql("limit :n offset :m", "limit $1 offset $2", "n", "m"),
                sql("x = any(:ids)", "x = any($1)", "ids"),
                sql("-:a", "-$1", "a"),
                sql("a/:b", "a/$1", "b"),
                sql("select ':x', :a", "select ':x', $1", "a"),
                sql("select 'it''s :x', :a", "select 'it''s :x', $1", "a"),
                sql("select 'back\\', :a, ':x'", "select 'back\\', $1, ':x'", "a"),
                sql("select E'\\':x', :a", "select E'\\':x', $1", "a"),
                sql("select e'\\':x', :a", "select e'\\':x', $1", "a"),
                sql("select e'''\\\\', :a", "select e'''\\\\', $1", "a"),
                sql("select E'a'\n  'b\\':x', :a", "select E'a'\n  'b\\':x', $1", "a"),
                sql("select E'a' -- c\n  'b\\':x', :a", "select E'a' -- c\n  'b\\':x', $1", "a"),
                sql("select U&'\\0441:x', :a", "select U&'\\0441:x', $1", "a"),
                sql("select B'01', X'1f:', :a", "select B'01', X'1f:', $1", "a"),
                sql("select name'\\', :a", "select name'\\', $1", "a"),
                sql("select \":x\"\":y\", :a", "select \":x\"\":y\", $1", "a"),
                sql("select 1 -- :x '\n, :a", "select 1 -- :x '\n, $1", "a"),
                sql("select /* :x ' */ :a", "select /* :x ' */ $1", "a"),
                sql("select /* /* :x */ :y */ :a", "select /* /* :x */ :y */ $1", "a"),
                sql("select /**/:a", "select /**/$1", "a"),
                sql("select 1 */* :x */:a", "select 1 */* :x */$1", "a"),
                sql("select $$ :x ' $$, :a", "select $$ :x ' $$, $1", "a"),
                sql("do $f$ x := :y; $$ :z $$ $f$; select :a", "do $f$ x := :y; $$ :z $$ $f$; select $1", "a"),
                sql("select a$1 + b$$, :a", "select a$1 + b$$, $1", "a"),
                sql("select :a::int, x::text", "select $1::int, x::text", "a"),
                sql("call f(x := :a)", "call f(x := $1)", "a"),
                sql("call f(x:=:a)", "call f(x:=$1)", "a"),
                sql("select arr[1:2], :a", "select arr[1:2], $1", "a"),
                sql("select arr[1:n], :a", "select arr[1:n], $1", "a"),
                sql("select arr[lo:hi][f(:a):n]", "select arr[lo:hi][f($1):n]", "a"),
                sql("select arr[lo :hi], :a", "select arr[lo :hi], $1", "a"),
                sql("select arr[\"lo\":hi], :a", "select arr[\"lo\":hi], $1", "a"),
                sql("select arr[ : n], :a", "select arr[ : n], $1", "a"),
                sql("select arr[n:], :a", "select arr[n:], $1", "a"),
                sql("select arr[:i]", "select arr[$1]", "i"),
                sql("select arr[:lo : :hi]", "select arr[$1 : $2]", "lo", "hi"),
                sql("select arr[1: :n]", "select arr[1: $1]", "n"),
                sql("select array[:a, :b,:c]", "select array[$1, $2,$3]", "a", "b", "c"),
                sql(
                        "select array[x or :a, case when y THEN :b end]",
                        "select array[x or $1, case when y THEN $2 end]",
                        "a",
                        "b"),
                sql("select array[(select x from t limit :n)]", "select array[(select x from t limit $1)]", "n"),
                sql("select json_object('k':title, 'l' : :v)", "select json_object('k':title, 'l' : $1)", "v"),
                sql("select json_object(k:title, 'l': :v)", "select json_object(k:title, 'l': $1)", "v"),
                sql("select data #>> '{a}' = :a", "select data #>> '{a}' = $1", "a"),
                sql("select data ? :k", "select data ? $1", "k"),
                sql("select :a:b", "select $1:b", "a"),
                sql("select (]) :x, :a", "select (]) :x, $1", "a"),
                sql("update t set a = :a\twhere id\n=\r\n:id", "update t set a = $1\twhere id\n=\r\n$2", "a", "id"));
    }

    @ParameterizedTest
    @MethodSource("replaced")
    void replacesNamesByNumbers(String sql, String expected, List<String> names) {
        ParsedSql parsed = NamedParameters.parse(sql);
        assertThat(parsed.sql()).isEqualTo(expected);
        assertThat(parsed.names()).isEqualTo(names);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "::",
                ":=",
                " : ",
                "select 1",
                "select $1, $2",
                "select $1::int",
                "select '12:30'",
                "select a[1:2]",
                "select a[$1:n]",
                "select :1",
                "select :'psql'",
                "select ':a",
                "select E':a\\'",
                "select \":a",
                "select /* :a",
                "select /* /* */ :a",
                "select $$ :a",
                "select $x$ :a $y$ :b",
                "select $x :",
                "select 1 -- :a",
                "limit:n",
                "$",
                "$$",
                "a$",
                "select a [ b:c",
                ":-x",
                "\\:",
                "e'",
                "select E'a'\n'\\' :a"
            })
    void returnsTheSameStringWhereThereIsNoName(String sql) {
        ParsedSql parsed = NamedParameters.parse(sql);
        assertThat(parsed.sql()).isSameAs(sql);
        assertThat(parsed.names()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"select :a, $1", "select $2, :a", "select $1::int + :a"})
    void refusesNamesMixedWithNumbers(String sql) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NamedParameters.parse(sql))
                .withMessageContaining(":a")
                .withMessageContaining("either :name or $1");
    }

    @Test
    void numbersInsideTextsAreNotMixedIn() {
        assertThat(NamedParameters.parse("select '$1', :a /* $2 */").sql()).isEqualTo("select '$1', $1 /* $2 */");
    }

    @Test
    void neverFailsOnAnyInput() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        String alphabet = ":::''\"\"$$--/**/[]()eEuU&xt1_ \n\\=,ä";
        for (int i = 0; i < 50_000; i++) {
            var sql = new StringBuilder();
            for (int n = random.nextInt(24); n > 0; n--) {
                sql.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThatCode(() -> {
                        try {
                            NamedParameters.parse(sql.toString());
                        } catch (IllegalArgumentException mixed) {
                            assertThat(mixed).hasMessageContaining("either :name or $1");
                        }
                    })
                    .as("seed %d: %s", seed, sql)
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/*", "$a$", "$a", "'", "E'a'\n", "[", "(", ":a ", ":", "--\n", "a", "1:", "E'' -- \n"})
    void takesLinearTime(String part) {
        String sql = part.repeat(1_000_000);
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> NamedParameters.parse(sql));
    }

    private static Arguments sql(String sql, String expected, String... names) {
        return Arguments.of(sql, expected, List.of(names));
    }
}
