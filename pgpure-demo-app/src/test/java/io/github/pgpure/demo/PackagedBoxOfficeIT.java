package io.github.pgpure.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

/** The packaged demo, as it is and processed ahead of time, in a Java process of its own with an embedded PostgreSQL. */
class PackagedBoxOfficeIT {

    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final String RESERVATION = "{\"customer\": \"Ada\", \"seats\": [\"A1\"]}";

    private final List<String> output = new CopyOnWriteArrayList<>();

    @ParameterizedTest(name = "spring.aot.enabled={0}")
    @ValueSource(booleans = {true, false})
    void startsAnswersAndEndsWithoutAWarning(boolean aot) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dspring.aot.enabled=" + aot,
                        "-jar",
                        System.getProperty("pgpure.test.jar"),
                        "--server.port=0")
                .redirectErrorStream(true)
                .start();
        var reader = new Thread(() -> read(process));
        reader.setDaemon(true);
        reader.start();
        try {
            await().atMost(LIMIT)
                    .failFast(() -> {
                        if (!process.isAlive()) {
                            throw new IllegalStateException("it has ended: " + String.join("\n", output));
                        }
                    })
                    .until(() -> output.stream().anyMatch(line -> line.contains("Started BoxOfficeApplication")));
            assertThat(output.stream().anyMatch(line -> line.contains("Starting AOT-processed BoxOfficeApplication")))
                    .isEqualTo(aot);
            use();
        } finally {
            // Process.destroy() would close the output too, under the reader's hands and before the last of it.
            process.toHandle().destroy();
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            reader.join(LIMIT.toMillis());
            assertThat(reader.isAlive()).isFalse();
        }
        // "WARNING:" is the JVM's own, of reflection or native access that it is going to forbid.
        assertThat(output)
                .noneMatch(line -> isWarning(line) || line.contains(" ERROR ") || line.contains("Exception"))
                .noneMatch(line -> line.contains("WARNING:") && (line.contains("pgpure") || line.contains("eflect")));
    }

    private static boolean isWarning(String line) {
        // Tomcat warns where its random numbers take more than 100 ms, which says something of the machine only.
        return line.contains(" WARN ") && !line.contains("Creation of SecureRandom");
    }

    /** Rows to records, a transaction, and what only reflection knows of. */
    private void use() {
        RestTestClient client = RestTestClient.bindToServer()
                .baseUrl("http://localhost:" + port())
                .build();
        client.get()
                .uri("/api/shows")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.length()")
                .isEqualTo(4);
        client.get().uri("/api/shows/1/seats").exchange().expectStatus().isOk();
        client.post()
                .uri("/api/shows/1/reservations")
                .contentType(MediaType.APPLICATION_JSON)
                .body(RESERVATION)
                .exchange()
                .expectStatus()
                .is2xxSuccessful();
        client.get()
                .uri("/actuator/health")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.components.pgpure.status")
                .isEqualTo("UP");
        String scraped = client.get()
                .uri("/actuator/prometheus")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(String.class)
                .returnResult()
                .getResponseBody();
        assertThat(scraped).contains("pgpure_connections_max");
    }

    private String port() {
        for (String line : output) {
            Matcher matcher = PORT.matcher(line);
            if (matcher.find()) {
                return matcher.group(1);
            }
        }
        throw new IllegalStateException("no port in " + output);
    }

    private void read(Process process) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(output::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
