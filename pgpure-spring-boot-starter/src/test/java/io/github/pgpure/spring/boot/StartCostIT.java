package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.test.PostgresServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What the starter adds to the start of an application, beside what JDBC's starter adds: cold Java processes, in turns, from
 * their beginning to the answer of a first question.
 *
 * <p>Needs what {@code ./mvnw verify} has installed under {@code target/it-repository}. Run it on a machine that does nothing else:
 * {@code ./mvnw -pl pgpure-spring-boot-starter -am test -Dtest=StartCostIT -Dsurefire.failIfNoSpecifiedTests=false
 * -Dpgpure.test.start-cost=9}.
 */
@EnabledIfSystemProperty(
        named = "pgpure.test.start-cost",
        matches = "\\d+",
        disabledReason = "a measurement, run with -Dpgpure.test.start-cost=<rounds>")
class StartCostIT {

    private static final List<String> CLIENTS = List.of("none", "pgpure", "jdbc");
    private static final Path PROJECT = Path.of("src", "start-cost");
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private final PostgresServer server = PostgresServer.shared();

    @Test
    void theStarterCostsLessThanThatOfJdbc() throws Exception {
        int rounds = Integer.getInteger("pgpure.test.start-cost");
        Path work = Path.of("target", "start-cost").toAbsolutePath();
        for (String client : CLIENTS) {
            build(client, work);
        }
        Map<String, List<Long>> millis = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            List<String> order = new ArrayList<>(CLIENTS);
            Collections.rotate(order, round);
            for (String client : order) {
                long took = start(client, work);
                if (round > 0) { // the first fills the caches of the operating system
                    millis.computeIfAbsent(client, key -> new ArrayList<>()).add(took);
                }
            }
        }
        System.out.println("Milliseconds from the start of the process to the first answer, " + rounds + " rounds, JDK "
                + Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " processors:");
        CLIENTS.forEach(client -> System.out.println("  " + client + ": median " + median(millis.get(client)) + " of "
                + millis.get(client).stream().sorted().toList()));
        long pgpure = median(millis.get("pgpure")) - median(millis.get("none"));
        long jdbc = median(millis.get("jdbc")) - median(millis.get("none"));
        System.out.println("  pgpure adds " + pgpure + ", JDBC adds " + jdbc);
        assertThat(pgpure).isLessThan(jdbc);
    }

    private static void build(String client, Path work) throws IOException, InterruptedException {
        Path repository = Path.of("target", "it-repository").toAbsolutePath();
        assertThat(repository).as("run ./mvnw verify first").isDirectory();
        String settings = System.getProperty("user.home") + "/.m2/repository";
        run(
                work,
                Path.of("..", "mvnw").toAbsolutePath().normalize().toString(),
                "-q",
                "-B",
                "-ntp",
                "-f",
                PROJECT.resolve("pom.xml").toAbsolutePath().toString(),
                "package",
                "-Dclient=" + client,
                "-Dbuild.directory=" + work.resolve(client),
                "-Dboot.version=" + System.getProperty("pgpure.test.boot-version"),
                "-Dpgpure.version=" + System.getProperty("pgpure.test.version"),
                "-Dmaven.repo.local=" + repository,
                "-Dmaven.repo.local.tail=" + settings);
    }

    private long start(String client, Path work) throws IOException, InterruptedException {
        Path jar = work.resolve(client).resolve("start-cost.jar");
        long startNanos = System.nanoTime();
        run(
                work,
                JAVA,
                "-jar",
                jar.toString(),
                "--server.port=0",
                "--pgpure.url=" + server.uri(),
                "--spring.datasource.url=jdbc:postgresql://" + server.host() + ":" + server.port() + "/"
                        + server.database(),
                "--spring.datasource.username=" + server.username(),
                "--spring.datasource.password=" + server.password());
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }

    private static void run(Path work, String... command) throws IOException, InterruptedException {
        File log = Files.createDirectories(work).resolve("log.txt").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String output = Files.readString(log.toPath());
        assertThat(process.exitValue()).as(output).isZero();
        if (command[0].equals(JAVA)) {
            assertThat(output).contains("READY 42");
        }
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }
}
