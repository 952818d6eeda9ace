package com.example.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What somebody gets who adds the starter to a web application. */
class WebAppTests {

    private static final Path JAR = Path.of(System.getProperty("web-app.jar"));

    /** What is in an application with the web starter alone. */
    private static final List<String> OF_THE_WEB_STARTER = List.of(
            "spring-", "tomcat-embed-", "jackson-", "logback-", "log4j-", "jul-to-slf4j", "slf4j-api", "jakarta.annotation-api",
            "snakeyaml", "micrometer-", "jspecify", "commons-logging");

    private static EmbeddedPostgres server;

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1)).start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String url() {
        return "postgresql://postgres@localhost:" + server.getPort() + "/postgres";
    }

    @Test
    void theJarStartsAnswersAndEnds() throws Exception {
        try (RunningApp app = new RunningApp(url(), List.of("-jar", JAR.toString()))) {
            app.awaitStarted(1);
            assertThat(app.send("POST", "/visitors?name=ada").statusCode()).isEqualTo(200);
            assertThat(app.send("POST", "/visitors?name=nobody").statusCode()).isEqualTo(500);
            assertThat(app.send("GET", "/visitors").body()).isEqualTo("[{\"id\":1,\"name\":\"ada\"}]");
            assertThat(sessions()).isPositive();
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 0);
    }

    /** Classes beside the jars, as an IDE runs them: a class that changes restarts the application in the same process. */
    @Test
    void devToolsRestartIt() throws Exception {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
                .filter(entry -> !entry.contains("test-classes") && !entry.contains("zonky") && !entry.contains("postgresql"))
                .collect(Collectors.joining(java.io.File.pathSeparator));
        Path changed = Path.of("target", "classes", "com", "example", "web", "WebApp.class");
        try (RunningApp app = new RunningApp(url(), List.of("-cp", classPath, "com.example.web.WebApp"))) {
            app.awaitStarted(1);
            assertThat(app.send("POST", "/visitors?name=before").statusCode()).isEqualTo(200);

            Files.setLastModifiedTime(changed, FileTime.from(Instant.now().plusSeconds(2)));

            app.awaitStarted(2);
            assertThat(app.output).anyMatch(line -> line.contains("restartedMain"));
            assertThat(app.send("GET", "/visitors").body()).contains("before");
            // Those of the pool before the restart are gone.
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> sessions() <= 3);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 0);
    }

    @Test
    void theStarterBringsNoDriverNoNettyAndFewArtifacts() throws IOException {
        List<String> jars = new ArrayList<>();
        try (JarFile jar = new JarFile(JAR.toFile())) {
            jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith("BOOT-INF/lib/") && name.endsWith(".jar"))
                    .map(name -> name.substring("BOOT-INF/lib/".length()))
                    .forEach(jars::add);
        }
        assertThat(jars)
                .isNotEmpty()
                .noneMatch(name -> name.startsWith("postgresql") || name.startsWith("netty") || name.contains("jdbc")
                        || name.startsWith("HikariCP") || name.startsWith("reactor"));
        List<String> beyondBoot = jars.stream()
                .filter(name -> OF_THE_WEB_STARTER.stream().noneMatch(name::startsWith))
                .filter(name -> !name.startsWith("pgpure-spring-boot-starter"))
                .toList();
        System.out.println("beyond Boot's own: " + beyondBoot);
        assertThat(beyondBoot).anyMatch(name -> name.startsWith("pgpure-core")).hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void everyKeyOfTheApplicationHasMetadata() throws IOException {
        String metadata;
        try (InputStream in = new java.net.URL(
                        io.github.pgpure.spring.boot.PgPureProperties.class.getProtectionDomain().getCodeSource().getLocation()
                                .toString()
                                .replaceFirst("^(.*\\.jar)$", "jar:$1!/META-INF/spring-configuration-metadata.json"))
                .openStream()) {
            metadata = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        TreeSet<String> known = new TreeSet<>();
        Matcher names = Pattern.compile("\"name\"\\s*:\\s*\"(pgpure\\.[^\"]+)\"").matcher(metadata);
        while (names.find()) {
            known.add(names.group(1));
        }
        Map<String, Object> keys = new TreeMap<>();
        try (InputStream in = WebAppTests.class.getResourceAsStream("/application.yml")) {
            flatten("", new Yaml().load(in), keys);
        }
        assertThat(keys.keySet()).filteredOn(key -> key.startsWith("pgpure.")).hasSizeGreaterThan(8).allSatisfy(key -> assertThat(
                        known.contains(key) || known.contains(key.substring(0, key.lastIndexOf('.'))))
                .as(key)
                .isTrue());
    }

    private static void flatten(String prefix, Map<String, Object> map, Map<String, Object> into) {
        map.forEach((key, value) -> {
            if (value instanceof Map<?, ?> nested) {
                @SuppressWarnings("unchecked")
                Map<String, Object> inner = (Map<String, Object>) nested;
                flatten(prefix + key + ".", inner, into);
            } else {
                into.put(prefix + key, value);
            }
        });
    }

    private static int sessions() throws Exception {
        try (var connection = server.getPostgresDatabase().getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(
                        "select count(*) from pg_stat_activity where application_name = 'web-app'")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
