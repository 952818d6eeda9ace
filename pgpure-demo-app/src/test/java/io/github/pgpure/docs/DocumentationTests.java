package io.github.pgpure.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.boot.PgPureProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the pages show is what is compiled and run, and what they point to is there. */
class DocumentationTests {

    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)#\\s]+)(#[^)]*)?\\)");

    /** A link to a test class, or to a method of it: {@code [PgPoolIT.closedPoolSaysSo](../…/PgPoolIT.java)}. */
    private static final Pattern PROOF = Pattern.compile("\\[(\\w+(?:Tests|IT))(?:\\.(\\w+))?]\\(([^)]+\\.java)\\)");

    private static final Pattern OWN_DEPENDENCY = Pattern.compile(
            "<groupId>io.github.pgpure</groupId>\\s*<artifactId>(.*)</artifactId>\\s*<version>(.*)</version>");

    private static final Set<String> KEYS_OF_LIBRARIES = keysOfLibraries();

    private static Set<String> keysOfLibraries() {
        Set<String> keys = new HashSet<>();
        try {
            for (URL url : Collections.list(
                    PgTemplate.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
                for (JsonNode property :
                        JsonMapper.shared().readTree(url.openStream()).path("properties")) {
                    keys.add(property.path("name").asString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return keys;
    }

    static Stream<Path> pages() {
        return Documentation.pages().stream();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void javaBlocksComeFromCompiledSources(Path page) {
        for (Documentation.Block block : Documentation.blocks(page)) {
            if (block.language().equals("java")) {
                assertThat(block.source())
                        .as("the marker <!-- File.java#tag --> before %s", block.text())
                        .isNotEmpty();
            }
            if (!block.source().isEmpty()) {
                String source = Documentation.read(source(block.source()));
                assertThat(block.text())
                        .as("%s#%s in %s", block.source(), block.tag(), page.getFileName())
                        .isEqualTo(Documentation.snippet(source, block.tag()));
            }
        }
    }

    /** Bound as the starter binds them; keys of others have to be in the metadata of a library that is here. */
    @ParameterizedTest
    @MethodSource("pages")
    void settingsAreUnderstood(Path page) throws IOException {
        for (Documentation.Block block : Documentation.blocks(page)) {
            if (block.language().equals("yaml")) {
                var sources = new YamlPropertySourceLoader()
                        .load(
                                page.getFileName().toString(),
                                new ByteArrayResource(block.text().getBytes(UTF_8)));
                var binder = new Binder(ConfigurationPropertySources.from(sources));
                var nothingUnknown = new NoUnboundElementsBindHandler(
                        BindHandler.DEFAULT,
                        source -> source.getUnderlyingSource() instanceof EnumerablePropertySource);
                binder.bind("pgpure", Bindable.of(PgPureProperties.class), nothingUnknown);
                for (PropertySource<?> source : sources) {
                    for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
                        if (!name.startsWith("pgpure.")) {
                            assertThat(KEYS_OF_LIBRARIES)
                                    .as(page.getFileName().toString())
                                    .contains(name);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhere(Path page) {
        Matcher links = LINK.matcher(Documentation.read(page));
        while (links.find()) {
            if (!links.group(1).contains("://")) {
                assertThat(page.resolveSibling(links.group(1))).exists();
            }
        }
    }

    @Test
    void quickStartIsTwoCommands() {
        String readme = Documentation.read(Documentation.root().resolve("README.md"));
        int start = readme.indexOf("\n## Quick start\n");
        assertThat(start).isPositive();
        String quickStart = readme.substring(start, readme.indexOf("\n## ", start + 1));
        List<String> commands = Pattern.compile("(?m)^```bash\\n(.*)\\n```$")
                .matcher(quickStart)
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(quickStart.split("```", -1)).hasSize(2 * commands.size() + 1);
        assertThat(commands).hasSize(2).allMatch(command -> command.startsWith("./mvnw "));
    }

    @Test
    void everyPromiseHasItsTests() {
        String page = Documentation.read(Documentation.root().resolve("docs/promises.md"));
        for (String name : promises()) {
            String row = page.lines()
                    .filter(line -> line.startsWith("| " + name + " |"))
                    .reduce((a, b) -> {
                        throw new AssertionError("two rows " + name);
                    })
                    .orElseThrow(() -> new AssertionError("no row " + name));
            Matcher proofs = PROOF.matcher(row);
            assertThat(proofs.find()).as("a test of %s", name).isTrue();
            do {
                String source = Documentation.read(Documentation.root()
                        .resolve("docs")
                        .resolve(proofs.group(3))
                        .normalize());
                assertThat(source).contains("class " + proofs.group(1) + " ");
                if (proofs.group(2) != null) {
                    assertThat(source).as("%s of %s", proofs.group(), name).contains("void " + proofs.group(2) + "(");
                }
            } while (proofs.find());
        }
    }

    private static List<String> promises() {
        var kinds = Map.of("S", 12, "P", 24, "F", 14);
        return kinds.entrySet().stream()
                .flatMap(kind -> IntStream.rangeClosed(1, kind.getValue()).mapToObj(number -> kind.getKey() + number))
                .toList();
    }

    /** On every page that shows how to depend on pgpure. */
    @ParameterizedTest
    @MethodSource("pages")
    void dependencyIsTheOneThatIsBuilt(Path page) {
        String version = element(Documentation.read(Documentation.root().resolve("pom.xml")), "version");
        for (Documentation.Block block : Documentation.blocks(page)) {
            Matcher dependencies = OWN_DEPENDENCY.matcher(block.text());
            while (block.language().equals("xml") && dependencies.find()) {
                assertThat(Documentation.root().resolve(dependencies.group(1))).isDirectory();
                assertThat(dependencies.group(2)).isEqualTo(version);
            }
        }
    }

    private static String element(String xml, String name) {
        Matcher matcher =
                Pattern.compile("<" + name + ">([^<]+)</" + name + ">").matcher(xml);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    /** A marker's file: a path from the root, or the name of a source beside this one. */
    private static Path source(String name) {
        Path fromRoot = Documentation.root().resolve(name);
        if (Files.exists(fromRoot)) {
            return fromRoot;
        }
        Path here = Documentation.root().resolve("pgpure-demo-app/src/test/java/io/github/pgpure/docs");
        return Files.exists(here.resolve(name))
                ? here.resolve(name)
                : here.resolve("guestbook").resolve(name);
    }
}
