package io.github.pgpure.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first word of a statement, behind whatever the server does not look at. */
class SqlTextTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "call p()|call",
                "' \t CALL p()'|call",
                "/* a */ call p()|call",
                "/* a /* b */ c */ CALL p()|call",
                "/*/* */*/call p()|call",
                "/* -- */ call p()|call",
                "-- /* call|''",
                "/* a /* b */ call p()|''",
                "/*/ call */ select 1|select",
                ";; ( (select 1))|select",
                "/|''",
                "- 1|''",
                "'\"call\" x'|''",
                "''|''",
            })
    void firstWord(String sql, String word) {
        assertThat(SqlText.firstWord(sql)).isEqualTo(word);
    }

    @Test
    void lineCommentsEndWithTheirLine() {
        assertThat(SqlText.firstWord("-- one\n--two\r/* three */ call p()")).isEqualTo("call");
    }

    @Test
    void whatComesBeforeItMayBeLong() {
        assertThat(SqlText.firstWord(" /* x */\n-- y\n".repeat(100_000) + "call p()"))
                .isEqualTo("call");
        assertThat(SqlText.firstWord("/* ".repeat(100_000) + " */".repeat(100_000) + "call p()"))
                .isEqualTo("call");
    }
}
