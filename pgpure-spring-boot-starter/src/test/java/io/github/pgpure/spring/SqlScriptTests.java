package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlScriptTests {

    @Test
    void splitsAtSeparators() {
        assertThat(split("select 1; select 2;\n\nselect 3")).containsExactly("select 1", "select 2", "select 3");
    }

    @Test
    void leavesOutWhatIsNoStatement() {
        assertThat(split(" ; ;; -- only a comment\n; /* and another */ ;")).isEmpty();
        assertThat(split("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'a;b'",
                "select 'it''s; fine'",
                "select 'back\\', 'x'",
                "select E'quote\\'; inside'",
                "select e'\\\\', ';'",
                "select name'; not an escape\\', 1",
                "select \"a;b\" from \"we\"\"ird;\"",
                "select $$a;b$$",
                "select $tag$a;$$;b$tag$",
                "select $1",
                "select a$1 from t",
                "select 1 -- one; two\n + 2",
                "select /* a; /* nested; */ b; */ 1",
                "create rule r as on update to t do also (insert into l values (1); delete from m)",
                "create function f() returns int language plpgsql as $$ begin return 1; end; $$",
                "create or replace procedure p() begin atomic insert into t values (1); select case when true then 1 end; end",
                "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE a WHEN 1 THEN 2 ELSE 3 END; SELECT 4; END"
            })
    void keepsSeparatorsThatArePartOfAStatement(String statement) {
        assertThat(split(statement + ";select 2")).containsExactly(statement, "select 2");
    }

    @Test
    void aTransactionIsNoBodyOfAFunction() {
        assertThat(split("begin; insert into t values (1); end; select 1"))
                .containsExactly("begin", "insert into t values (1)", "end", "select 1");
    }

    @Test
    void takesAnotherSeparator() {
        assertThat(SqlScript.split("select 1;\nselect 2\n^^^\nselect '^^^'", "^^^"))
                .containsExactly("select 1;\nselect 2", "select '^^^'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"select 'never ends; x", "select $$never ends; x", "select /* never ends; x", "select $", "-- x"
            })
    void endsWithWhatIsNotEnded(String script) {
        assertThat(split(script)).hasSizeLessThanOrEqualTo(1);
    }

    private static List<String> split(String script) {
        return SqlScript.split(script, ";");
    }
}
