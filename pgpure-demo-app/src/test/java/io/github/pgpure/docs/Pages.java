package io.github.pgpure.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

/** Blocks of the pages that tests run. */
public final class Pages {

    private Pages() {}

    /** Gives an application the README's settings, below those of its command line. */
    public static void addApplicationYml(ConfigurableApplicationContext context) {
        addYaml(context, Documentation.readmeBlock("yaml"));
    }

    /** Gives an application these settings, below those of its command line. */
    public static void addYaml(ConfigurableApplicationContext context, String yaml) {
        load(yaml).forEach(context.getEnvironment().getPropertySources()::addLast);
    }

    /** The README's tables. */
    public static String sql() {
        return Documentation.readmeBlock("sql");
    }

    /** The only YAML block of a page that sets this key. */
    public static String yaml(String page, String key) {
        List<String> blocks = Documentation.blocks(Documentation.root().resolve(page)).stream()
                .filter(block -> block.language().equals("yaml"))
                .map(Documentation.Block::text)
                .filter(yaml -> load(yaml).stream()
                        .anyMatch(source ->
                                source instanceof EnumerablePropertySource<?> keys && keys.containsProperty(key)))
                .toList();
        if (blocks.size() != 1) {
            throw new AssertionError(page + " has " + blocks.size() + " blocks that set " + key + ", not one");
        }
        return blocks.get(0);
    }

    private static List<PropertySource<?>> load(String yaml) {
        try {
            return new YamlPropertySourceLoader()
                    .load("page", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
