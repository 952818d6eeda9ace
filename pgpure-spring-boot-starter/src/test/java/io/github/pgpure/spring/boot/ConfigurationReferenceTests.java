package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * docs/configuration.md is what the metadata say. After a change of a key, {@code -Dpgpure.docs.write=true} writes the page anew:
 *
 * <pre>{@code
 * ./mvnw -pl pgpure-spring-boot-starter -am test -Dtest=ConfigurationReferenceTests \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dpgpure.docs.write=true
 * }</pre>
 */
class ConfigurationReferenceTests {

    private static final Path PAGE = Path.of("..", "docs", "configuration.md");
    private static final String START = "<!-- made by ConfigurationReferenceTests -->\n\n";

    @Test
    void thePageIsWhatTheMetadataSay() throws IOException {
        String page = Files.readString(PAGE).replace("\r\n", "\n");
        int start = page.indexOf(START) + START.length();
        assertThat(start).isGreaterThan(START.length());
        String expected = page.substring(0, start) + ConfigurationReference.tables();
        if (Boolean.getBoolean("pgpure.docs.write")) {
            Files.writeString(PAGE, expected);
        } else {
            assertThat(page)
                    .as("a key has changed: write the page anew, as the comment of this class says")
                    .isEqualTo(expected);
        }
    }
}
