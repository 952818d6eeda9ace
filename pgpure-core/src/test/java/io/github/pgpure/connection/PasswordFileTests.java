package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.pgpure.PgHost;
import io.github.pgpure.test.PemFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The rules of {@code .pgpass}. */
class PasswordFileTests {

    @TempDir
    Path directory;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        ((Logger) LoggerFactory.getLogger(PasswordFile.class)).addAppender(log);
    }

    @AfterEach
    void stopListening() {
        ((Logger) LoggerFactory.getLogger(PasswordFile.class)).detachAppender(log);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "db1:5432:shop:ada:p             | p",
                "*:*:*:*:p                       | p",
                "db2:5432:shop:ada:p             | -",
                "db1:5433:shop:ada:p             | -",
                "db1:5432:sho:ada:p              | -",
                "db1:5432:shop:Ada:p             | -",
                "# db1:5432:shop:ada:p           | -",
                "#*:*:*:*:q;*:*:*:*:p            | p",
                "db2:*:*:*:q;db1:*:*:*:p;*:*:*:*:r | p",
                "db1:5432:shop:p                 | -",
                "db1:5432:shop:ada               | -",
                "db1:5432:shop:ada:              | \"\"",
                "db1:5432:shop:ada:p\\:q\\\\r    | p:q\\r",
                "d\\b1:5432:shop:ada:p           | p",
                "\\*:*:*:*:p                     | -",
                "db1:5432:shop:ada:p:ignored     | p",
                "db1:5432:shop:ada: p            | \" p\"",
                ";;garbage;db1:*:*:*:p           | p",
            })
    void firstMatchingLineCounts(String lines, String password) {
        Path file = write(lines.replace(';', '\n') + "\n");
        assertThat(PasswordFile.find(file, new PgHost("db1", 5432), "shop", "ada"))
                .isEqualTo(password.equals("-") ? null : password);
        assertThat(log.list).isEmpty();
    }

    @Test
    void socketInTheDefaultDirectoryIsLocalhost() {
        Path file = write("localhost:5432:*:*:p\n/srv/pg:5432:*:*:q\n");
        assertThat(PasswordFile.find(file, new PgHost("/var/run/postgresql", 5432), "d", "u"))
                .isEqualTo("p");
        assertThat(PasswordFile.find(file, new PgHost("/tmp", 5432), "d", "u")).isEqualTo("p");
        assertThat(PasswordFile.find(file, new PgHost("/srv/pg", 5432), "d", "u"))
                .isEqualTo("q");
    }

    @Test
    void addressesWithColonsAreEscaped() {
        Path file = write("\\:\\:1:5432:*:*:p\n");
        assertThat(PasswordFile.find(file, new PgHost("::1", 5432), "d", "u")).isEqualTo("p");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwx-----x"})
    void fileThatOthersCanAccessIsIgnoredWithAWarning(String permissions) {
        assumeThat(directory.getFileSystem().supportedFileAttributeViews()).contains("posix");
        Path file = PemFiles.write(directory.resolve("open"), "*:*:*:*:sesame-4711\n", permissions);
        assertThat(PasswordFile.find(file, new PgHost("db1", 5432), "d", "u")).isNull();
        assertThat(log.list).hasSize(1);
        assertThat(log.list.get(0).getFormattedMessage())
                .contains("0600", file.toString())
                .doesNotContain("4711");
    }

    @Test
    void missingFileIsNoError() {
        assertThat(PasswordFile.find(directory.resolve("none"), new PgHost("db1", 5432), "d", "u"))
                .isNull();
        assertThat(log.list).isEmpty();
    }

    @Test
    void whatIsNoFileOrNoTextIsIgnoredWithAWarning() throws Exception {
        assertThat(PasswordFile.find(directory, new PgHost("db1", 5432), "d", "u"))
                .isNull();
        Path file = write("");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 's'});
        assertThat(PasswordFile.find(file, new PgHost("db1", 5432), "d", "u")).isNull();
        assertThat(log.list).hasSize(2);
    }

    private Path write(String text) {
        return PemFiles.write(directory.resolve("pass"), text, "rw-------");
    }
}
