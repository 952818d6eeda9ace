package io.github.pgpure.test;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs each target of the classes {@code *Fuzzing}: the inputs kept in {@code src/test/resources} first, and then for some seconds new ones,
 * guided by coverage. Each target has a JVM of its own, whose classes are instrumented.
 *
 * <p>{@code -Dpgpure.fuzz.seconds} sets how many seconds, {@code -Dpgpure.fuzz.target} chooses targets by a regular expression. What a run finds interesting is
 * kept in {@code target/fuzz}, and that of long runs in {@code src/test/resources/fuzz}; an input that a target fails with is written to {@code src/test/resources}, to be repeated from then on.
 */
class FuzzingIT {

    private static final List<String> CLASSES = List.of(
            "io.github.pgpure.ConnectionStringFuzzing",
            "io.github.pgpure.convert.ValueFuzzing",
            "io.github.pgpure.protocol.MessageFuzzing");

    private static final int SECONDS = Integer.getInteger("pgpure.fuzz.seconds", 3);
    private static final String CHOICE = System.getProperty("pgpure.fuzz.target", ".*");
    private static final Path DIRECTORY = Path.of("target", "fuzz");
    private static final Pattern RUNS = Pattern.compile("Done (\\d+) runs in (\\d+) second");
    private static final Pattern COVERAGE = Pattern.compile("cov: (\\d+) ft: (\\d+) corp: (\\d+)");

    private static final Map<String, Future<Integer>> RUNNING = new TreeMap<>();
    private static final ExecutorService EXECUTOR = Executors.newFixedThreadPool(
            SECONDS > 60 ? 1 : Math.min(2, Runtime.getRuntime().availableProcessors()));

    static Stream<String> targets() throws ClassNotFoundException {
        Stream.Builder<String> targets = Stream.builder();
        for (String name : CLASSES) {
            Class<?> type = Class.forName(name, false, FuzzingIT.class.getClassLoader());
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(FuzzTest.class))
                    .map(Method::getName)
                    .filter(method -> method.matches(CHOICE))
                    .sorted()
                    .forEach(method -> targets.add(name + "#" + method));
        }
        return targets.build();
    }

    @BeforeAll
    static void startAll() throws ClassNotFoundException {
        targets().forEach(target -> RUNNING.put(target, EXECUTOR.submit(() -> run(target))));
    }

    @AfterAll
    static void stop() {
        EXECUTOR.shutdownNow();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("targets")
    void nothingIsFound(String target) throws Exception {
        int exit = RUNNING.get(target).get();
        String log = Files.readString(log(target), StandardCharsets.UTF_8);
        Matcher runs = RUNS.matcher(log);
        assertThat(exit).as("%s: %s", target, end(log)).isZero();
        assertThat(runs.find()).as("%s: %s", target, end(log)).isTrue();
        assertThat(Long.parseLong(runs.group(1)))
                .as(target)
                .isGreaterThan(seeds(target).toFile().list().length);
        System.out.println(
                "Fuzzed " + target + ": " + runs.group(1) + " runs in " + runs.group(2) + " s" + coverage(log));
    }

    private static int run(String target) throws IOException, InterruptedException {
        String[] parts = target.split("#");
        Path corpus = corpus(parts[1]);
        return JavaProcess.run(
                log(target),
                SECONDS + 120L,
                List.of("-Xmx512m"),
                "com.code_intelligence.jazzer.Jazzer",
                List.of(
                        "--target_class=" + parts[0],
                        "--target_method=" + parts[1],
                        "--instrumentation_includes=io.github.pgpure.**:com.ongres.**",
                        "--reproducer_path=" + DIRECTORY.resolve(parts[1]),
                        // Options name files that may be read: that is what they are for.
                        "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.FilePathTraversal",
                        "-max_total_time=" + SECONDS,
                        "-max_len=2048",
                        "-timeout=30",
                        "-rss_limit_mb=3000",
                        "-print_final_stats=1",
                        corpus.toString(),
                        seeds(target).toString()));
    }

    /** What earlier runs have found interesting, so that a short one does not begin from nothing. */
    private static Path corpus(String name) throws IOException {
        Path corpus = Files.createDirectories(DIRECTORY.resolve(name).resolve("corpus"));
        Path kept = Path.of("src", "test", "resources", "fuzz", name + ".zip");
        if (Files.exists(kept)) {
            try (var zip = new ZipInputStream(Files.newInputStream(kept))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    Files.copy(zip, corpus.resolve(Path.of(entry.getName()).getFileName()), REPLACE_EXISTING);
                }
            }
        }
        return corpus;
    }

    private static Path seeds(String target) {
        return Path.of("src", "test", "resources")
                .resolve(target.replace('.', '/').replace("#", "Inputs/"));
    }

    private static Path log(String target) {
        return DIRECTORY.resolve(target.substring(target.indexOf('#') + 1)).resolve("log.txt");
    }

    private static String end(String log) {
        return log.substring(Math.max(0, log.length() - 4000));
    }

    private static String coverage(String log) {
        String last = "";
        for (Matcher matcher = COVERAGE.matcher(log); matcher.find(); ) {
            last = ", " + matcher.group(1) + " branches reached, " + matcher.group(3) + " inputs kept";
        }
        return last;
    }
}
