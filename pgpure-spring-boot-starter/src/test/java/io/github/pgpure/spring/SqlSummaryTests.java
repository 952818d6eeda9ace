package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlSummaryTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "select * from item where id = $1 | SELECT item",
                "  /* hint */ SELECT 1 | SELECT",
                "insert into app.item (id) values (1) | INSERT app.item",
                "update only item set a = 1 | UPDATE item",
                "delete from \"Odd Name\" where true | DELETE \"Odd Name\"",
                "with x as (select * from a) insert into b select * from x | INSERT a",
                "select a from t1 join t2 on true | SELECT t1",
                "create table if not exists thing (id int) | CREATE thing",
                "copy item from stdin | COPY item",
                "call do_it() | CALL do_it",
                "select * from (select 1 from inner_table) s | SELECT inner_table",
                "-- nothing | UNKNOWN"
            })
    void summarizesCommandAndFirstTable(String sql, String summary) {
        assertThat(SqlSummary.of(sql).summary()).isEqualTo(summary);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "select 'secret' | select ?",
                "select 'it''s secret' | select ?",
                "select E'secret\\' still' | select ?",
                "select $$secret$$, $t$secret$t$ | select ?, ?",
                "select 42, 4.2e1 from t1 where a2 = 7 | select ?, ? from t1 where a2 = ?",
                "select $1, :name from t | select $1, :name from t",
                "select /* secret */ 1 -- secret | select ?",
                "select  a,   b | select a, b",
                "select a::text | select a::text"
            })
    void showsNoLiteralAndNoComment(String sql, String text) {
        assertThat(SqlSummary.of(sql).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'never ended secret",
                "select $$secret",
                "select /* secret",
                "$",
                "\"",
                "'",
                "$a",
                ":",
                ""
            })
    void survivesWhatIsNotEnded(String sql) {
        assertThat(SqlSummary.of(sql).text()).doesNotContain("secret");
    }

    @Test
    void isBounded() {
        SqlSummary summary = SqlSummary.of("select a, ".repeat(1_000_000));

        assertThat(summary.text().length()).isLessThanOrEqualTo(SqlSummary.MAX_TEXT);
    }

    @Test
    void endsForAnyText() {
        long seed = System.nanoTime();
        System.out.println("SqlSummaryTests: seed " + seed);
        Random random = new Random(seed);
        String alphabet = "'\"$$--/**/;:() \nEe\\aselect1.";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder sql = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                sql.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(SqlSummary.of(sql.toString()).operation()).isNotEmpty();
            assertThat(SqlScript.split(sql.toString(), ";")).doesNotContain("");
        }
    }
}
