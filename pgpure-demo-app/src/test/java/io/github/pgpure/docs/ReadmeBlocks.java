package io.github.pgpure.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.ByteArrayResource;

/** Blocks of the README that tests run. */
public final class ReadmeBlocks {

    private ReadmeBlocks() {}

    /** Gives an application the README's settings, below those of its command line. */
    public static void addApplicationYml(ConfigurableApplicationContext context) {
        try {
            new YamlPropertySourceLoader()
                    .load(
                            "README.md",
                            new ByteArrayResource(
                                    Documentation.readmeBlock("yaml").getBytes(StandardCharsets.UTF_8)))
                    .forEach(context.getEnvironment().getPropertySources()::addLast);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The README's tables. */
    public static String sql() {
        return Documentation.readmeBlock("sql");
    }
}
