package io.github.pgpure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SqlStateTests {

    @Test
    void sourceIsWhatTheGeneratorPrints() throws IOException, InterruptedException {
        Path errors = Files.createTempFile("generator", ".txt");
        try {
            Process generator = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "src/main/generator/GenerateSqlState.java")
                    .redirectError(errors.toFile())
                    .start();
            String printed = new String(generator.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(generator.waitFor()).as(Files.readString(errors)).isZero();
            assertThat(printed).isEqualTo(Files.readString(Path.of("src/main/java/io/github/pgpure/SqlState.java")));
        } finally {
            Files.delete(errors);
        }
    }

    @Test
    void everyConstantIsAnotherSqlState() {
        var constants = Arrays.stream(SqlState.class.getDeclaredFields())
                .filter(field -> Modifier.isPublic(field.getModifiers()))
                .map(field -> {
                    try {
                        return (String) field.get(null);
                    } catch (IllegalAccessException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
        assertThat(constants)
                .hasSizeGreaterThan(250)
                .doesNotHaveDuplicates()
                .allMatch(code -> code.matches("[0-9A-Z]{5}"));
    }

    @Test
    void knowsTheCodesOfTheManual() {
        assertThat(SqlState.UNIQUE_VIOLATION).isEqualTo("23505");
        assertThat(SqlState.QUERY_CANCELED).isEqualTo("57014");
        assertThat(SqlState.INTERNAL_ERROR).isEqualTo("XX000");
        assertThat(SqlState.STRING_DATA_RIGHT_TRUNCATION).isEqualTo("22001");
        assertThat(SqlState.WARNING_STRING_DATA_RIGHT_TRUNCATION).isEqualTo("01004");
        assertThat(SqlState.NULL_VALUE_NOT_ALLOWED).isEqualTo("22004");
        assertThat(SqlState.EXTERNAL_ROUTINE_INVOCATION_NULL_VALUE_NOT_ALLOWED).isEqualTo("39004");
        assertThat(SqlState.TRANSACTION_TIMEOUT).isEqualTo("25P04");
    }

    @Test
    void classIsTheFirstTwoCharacters() {
        assertThat(SqlState.classOf(SqlState.ADMIN_SHUTDOWN)).isEqualTo("57");
        assertThat(SqlState.classOf("5")).isEqualTo("5");
        assertThat(SqlState.classOf("")).isEmpty();
    }
}
