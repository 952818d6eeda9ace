package io.github.pgpure.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.spring.PgTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.StreamUtils;

/** What the pages show is what is compiled and run, and what they point to is there. */
class DocumentationTests {

    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)#\\s]+)(#[^)]*)?\\)");

    /** A link to a test class, or to a method of it: {@code [PgPoolIT.closedPoolSaysSo](../…/PgPoolIT.java)}. */
    private static final Pattern PROOF = Pattern.compile("\\[(\\w+(?:Tests|IT))(?:\\.(\\w+))?]\\(([^)]+\\.java)\\)");

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

    @ParameterizedTest
    @MethodSource("pages")
    void settingsAreOnesThatTheStarterDescribes(Path page) throws IOException {
        String metadata = StreamUtils.copyToString(
                PgTemplate.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json"), UTF_8);
        for (Documentation.Block block : Documentation.blocks(page)) {
            if (block.language().equals("yaml")) {
                YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
                yaml.setResources(new ByteArrayResource(block.text().getBytes(UTF_8)));
                for (String name : yaml.getObject().stringPropertyNames()) {
                    assertThat(metadata).contains("\"name\": \"" + name + "\"");
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
        for (int promise = 1; promise <= 12; promise++) {
            String name = "S" + promise;
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

    @Test
    void dependencyIsTheOneThatIsBuilt() {
        String pom = Documentation.read(Documentation.root().resolve("pom.xml"));
        String dependency = Documentation.readmeBlock("xml");
        for (String element : Set.of("groupId", "version")) {
            assertThat(element(dependency, element)).isEqualTo(element(pom, element));
        }
        assertThat(Documentation.root().resolve(element(dependency, "artifactId")))
                .isDirectory();
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
