package io.github.pgpure.bench;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What was asked for, by system properties.
 *
 * @param selection {@code bench}: names and groups, or {@code page}
 * @param rounds {@code bench.rounds}: how often each client has its turn, by default 7
 * @param slice {@code bench.slice}: how long a turn takes in seconds, by default 0.7
 * @param warmup {@code bench.warmup}: for how many seconds each client runs before the first turn, by default 5
 * @param root the project's directory
 */
record BenchmarkRun(String selection, int rounds, double slice, double warmup, Path root) {

    /** With fewer rounds a run is a trial, of which nothing reaches the documentation. */
    private static final int ENOUGH_ROUNDS = 7;

    /** What a JVM costs beside its slices. */
    private static final double START_SECONDS = 1.5;

    private static final Pattern PEERS = Pattern.compile("(postgresql-\\d|HikariCP|agroal-pool|vertx-pg-client).*\\.jar");

    static BenchmarkRun fromSystemProperties() {
        return new BenchmarkRun(
                System.getProperty("bench", ""),
                Integer.getInteger("bench.rounds", ENOUGH_ROUNDS),
                Double.parseDouble(System.getProperty("bench.slice", "0.7")),
                Double.parseDouble(System.getProperty("bench.warmup", "5")),
                Path.of(System.getProperty("bench.root", "")).toAbsolutePath());
    }

    boolean trial() {
        return rounds < ENOUGH_ROUNDS;
    }

    Path json() {
        return target().resolve(trial() ? "performance-trial.json" : "performance.json");
    }

    Path logs() {
        return target().resolve("performance-logs");
    }

    Path target() {
        return root.resolve("pgpure-core/target");
    }

    double seconds(Scenario scenario) {
        double slices = scenario.workload() == Workload.FIRST_ROW ? rounds : START_SECONDS + warmup + rounds * 1.25 * slice;
        return scenario.cells().size() * slices;
    }

    /** The peers' versions, from the names of their jars. */
    static String peers() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).getFileName().toString())
                .filter(jar -> PEERS.matcher(jar).matches())
                .map(jar -> jar.substring(0, jar.length() - ".jar".length()))
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
