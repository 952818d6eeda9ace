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
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What the starter adds to the start of an application, beside what JDBC's starter with HikariCP and pgjdbc adds: cold Java
 * processes, in turns, from their beginning to the answer of a first question.
 *
 * <p>Measured are the time that passes, the time that processors worked for the process (user and system, all its threads), which
 * suffers less from what else the machine does, and the number of classes that are loaded. What counts is the median of the differences
 * within a round; on a busy machine the times say little.
 *
 * <p>Needs what {@code ./mvnw verify} has installed under {@code target/it-repository}:
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
    private static final Pattern READY = Pattern.compile("READY 42 cpu-millis (\\d+) classes (\\d+)");

    private record Start(long wallMillis, long cpuMillis, long classes) {}

    private final PostgresServer server = PostgresServer.shared();

    @Test
    void theStarterCostsLessThanThatOfJdbc() throws Exception {
        int rounds = Integer.getInteger("pgpure.test.start-cost");
        Path work = Path.of("target", "start-cost").toAbsolutePath();
        for (String client : CLIENTS) {
            build(client, work);
        }
        Map<String, List<Start>> starts = new LinkedHashMap<>();
        CLIENTS.forEach(client -> starts.put(client, new ArrayList<>()));
        for (int round = 0; round <= rounds; round++) {
            List<String> order = new ArrayList<>(CLIENTS);
            Collections.rotate(order, round);
            for (String client : order) {
                Start start = start(client, work);
                if (round > 0) { // the first fills the caches of the operating system
                    starts.get(client).add(start);
                }
            }
        }
        System.out.println("From the start of the process to the first answer, " + rounds + " rounds, JDK "
                + Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " processors:");
        long cpu = added("milliseconds of processors", starts, Start::cpuMillis);
        long classes = added("classes", starts, Start::classes);
        long wall = added("milliseconds on the clock", starts, Start::wallMillis);
        assertThat(cpu).as("milliseconds of processors, beside JDBC").isNegative();
        assertThat(classes).as("classes, beside JDBC").isNegative();
        assertThat(wall).as("milliseconds on the clock, beside JDBC").isNegative();
    }

    /** Prints what each adds, and returns how much more pgpure takes than JDBC: the median of the differences within a round. */
    private static long added(String what, Map<String, List<Start>> starts, ToLongFunction<Start> value) {
        Map<String, List<Long>> values = new LinkedHashMap<>();
        starts.forEach((client, all) ->
                values.put(client, all.stream().map(value::applyAsLong).toList()));
        values.forEach((client, all) -> System.out.println("  " + what + ", " + client + ": median " + median(all)
                + " of " + all.stream().sorted().toList()));
        List<Long> none = values.get("none");
        List<Long> pgpure = values.get("pgpure");
        List<Long> jdbc = values.get("jdbc");
        long difference = median(differences(pgpure, jdbc));
        System.out.println("  " + what + ": pgpure adds " + median(differences(pgpure, none)) + ", JDBC adds "
                + median(differences(jdbc, none)) + "; pgpure takes " + difference + " more than JDBC");
        return difference;
    }

    private static List<Long> differences(List<Long> minuends, List<Long> subtrahends) {
        return IntStream.range(0, minuends.size())
                .mapToObj(round -> minuends.get(round) - subtrahends.get(round))
                .toList();
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
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
                "-Dwork.directory=" + work.resolve(client),
                "-Dboot.version=" + System.getProperty("pgpure.test.boot-version"),
                "-Dpgpure.version=" + System.getProperty("pgpure.test.version"),
                "-Dmaven.repo.local=" + repository,
                "-Dmaven.repo.local.tail=" + settings);
    }

    private Start start(String client, Path work) throws IOException, InterruptedException {
        Path jar = work.resolve(client).resolve("start-cost.jar");
        long startNanos = System.nanoTime();
        String output = run(
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
        long wallMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        Matcher ready = READY.matcher(output);
        assertThat(ready.find()).as(output).isTrue();
        return new Start(wallMillis, Long.parseLong(ready.group(1)), Long.parseLong(ready.group(2)));
    }

    private static String run(Path work, String... command) throws IOException, InterruptedException {
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
        return output;
    }
}
