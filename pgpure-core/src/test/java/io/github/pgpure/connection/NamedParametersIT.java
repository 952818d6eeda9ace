package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pgpure.Query;
import io.github.pgpure.SyntaxErrorException;
import io.github.pgpure.test.PostgresServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is a parameter and what is not, as PostgreSQL's own parser sees it. */
class NamedParametersIT {

    private PgConnection connection;

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    /** In each, {@code :n} is 2. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                "select :n::int => 2",
                "select -:n::int + :n::int * 3 => 4",
                "select (array[5,6,7])[:n] => 6",
                "select (array[5,6,7])[1:2] || :n::int => {5,6,2}",
                "select (array[5,6,7])[1 : :n] => {5,6}",
                "select (array[5,6,7])[:n : :n] => {6}",
                "select (array[5,6,7])[:n:] => {6,7}",
                "select (array[5,6,7])[x:y] || :n::int from (select 1 x, 2 y) t => {5,6,2}",
                "select (array[5,6,7])[ : x] || :n::int from (select 1 x) t => {5,2}",
                "select array[:n::int, :n::int] => {2,2}",
                "select array[case when true then :n::int end] => {2}",
                "select 'a:n''b' || :n::text => a:n'b2",
                "select E'a\\':n' || :n::text => a':n2",
                "select e'a\\\\' || :n::text => a\\2",
                "select U&'\\0061:n' || :n::text => a:n2",
                "select 'a\\' || :n::text => a\\2",
                "select $$:n'$$ || $x$ :n $$ $x$ || :n::text => :n' :n $$ 2",
                "select \":n\" || :n::text from (select 'x' as \":n\") t => x2",
                "select /* :n /* :m */ ' */ :n::int -- :o ' => 2",
                "select json_build_object('k', :n::int)::text => {\"k\" : 2}",
                "select a$1 + :n::int from (select 1 as a$1) t => 3",
                "select '{\"a\": [1,2]}'::jsonb #>> '{a,1}' || :n::text => 22",
                "select ('{\"a\": 1}'::jsonb ? 'a')::text || :n::text => true2",
                "select date_part('hour', time '12:30') + :n::int => 14",
                "select interval '1:30' * :n::int => 03:00:00",
                "select 10 %:n::int => 0",
            })
    void parameterIsFoundWhereOneIs(String sql, String expected) {
        assertThat(connection
                        .fetchOne(Query.of("select (" + sql + "\n)::text").bind("n", 2))
                        .getString(0))
                .isEqualTo(expected);
    }

    @Test
    void assignmentArrowOfOldCallsStays() {
        assertThat(connection
                        .fetchOne(Query.of("select make_date(year := 2026, month := 2, day := :d)")
                                .bind("d", 3))
                        .getLocalDate(0))
                .hasToString("2026-02-03");
    }

    @Test
    void bodyOfADoBlockStays() {
        connection.execute("do $body$ declare x int := 1; begin x := x + 1; perform 'a:b'; end $body$");
    }

    @Test
    void mixedKindsAreRefusedBeforeAnythingIsSent() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> connection.fetch(Query.of("select :a, $1").bind("a", 1)))
                .withMessageContaining("either :name or $1");
        assertThat(connection.ready()).isTrue();
    }

    @Test
    void parameterThatTouchesAWordIsLeftToTheServerToRefuse() {
        assertThatExceptionOfType(SyntaxErrorException.class).isThrownBy(() -> connection.fetch("select 1 limit:n"));
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }
}
