package io.github.pgpure.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A client's own JVM, which idles while others are measured; for W10 a new one for each slice. */
final class CellProcess implements AutoCloseable {

    /** Says why there is no figure. */
    static final class NoFigures extends Exception {
        private NoFigures(String message) {
            super(message);
        }
    }

    /** What a client may take to start, and an operation to end, before its JVM is killed. */
    private static final int PATIENCE_SECONDS = 300;

    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "benchmark watch");
        thread.setDaemon(true);
        return thread;
    });

    private final Scenario scenario;
    private final Cell cell;
    private final ServerAddress server;
    private final Cores cores;
    private final Path log;
    private Process process;

    CellProcess(Scenario scenario, Cell cell, ServerAddress server, Cores cores, Path logs) throws IOException {
        this.scenario = scenario;
        this.cell = cell;
        this.server = server;
        this.cores = cores;
        this.log = logs.resolve(scenario.id() + "-" + cell.label() + ".log");
        Files.createDirectories(logs);
        Files.deleteIfExists(log);
    }

    Cell cell() {
        return cell;
    }

    boolean forEachSlice() {
        return scenario.workload() == Workload.FIRST_ROW;
    }

    Map<Metric, Double> slice(double warmup, double seconds) throws IOException, NoFigures {
        if (forEachSlice()) {
            process = start(
                    FirstRow.class, cell.client().className(), String.valueOf(System.currentTimeMillis()));
        } else {
            if (process == null) {
                // Not before, so that the JVMs of a scenario start one after the other.
                process = start(MeasuredJvm.class, scenario.id(), cell.label());
            }
            try {
                Writer commands = process.outputWriter(StandardCharsets.UTF_8);
                commands.write(warmup + " " + seconds + "\n");
                commands.flush();
            } catch (IOException e) {
                // The process has ended, and its output says why.
            }
        }
        long limit = (long) (PATIENCE_SECONDS + 20 * (warmup + seconds));
        Process measured = process;
        ScheduledFuture<?> tooLate = WATCH.schedule(measured::destroyForcibly, limit, TimeUnit.SECONDS);
        try {
            return figures(process.inputReader(StandardCharsets.UTF_8), limit);
        } finally {
            tooLate.cancel(false);
        }
    }

    private Map<Metric, Double> figures(BufferedReader output, long limit) throws IOException, NoFigures {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(MeasuredJvm.FIGURES)) {
                Map<Metric, Double> figures = new EnumMap<>(Metric.class);
                for (String figure : line.substring(MeasuredJvm.FIGURES.length()).split(" ")) {
                    String[] parts = figure.split("=");
                    figures.put(Metric.valueOf(parts[0]), Double.parseDouble(parts[1]));
                }
                return figures;
            }
            if (line.startsWith(MeasuredJvm.FAILED) || line.equals(MeasuredJvm.NOT_AVAILABLE)) {
                throw new NoFigures(line);
            }
        }
        throw new NoFigures("failed: the JVM ended without an answer, by itself or after " + limit
                + " s; see target/performance-logs/" + log.getFileName());
    }

    private Process start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (!scenario.heap().isEmpty()) {
            command.add("-Xmx" + scenario.heap());
        }
        command.addAll(List.of("-cp", classPath(cell.client()), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(cores.command(command))
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        server.toEnvironment(builder.environment());
        return builder.start();
    }

    private static String classPath(Client client) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> {
                    Path path = Path.of(entry);
                    return Files.isDirectory(path)
                            ? client == Client.PGPURE || !Files.exists(path.resolve("io/github/pgpure/Query.class"))
                            : client.needs(path.getFileName().toString());
                })
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Ends the JVM, which closes its client; by force after a while. */
    @Override
    public void close() throws IOException {
        if (process == null) {
            return;
        }
        try {
            process.outputWriter(StandardCharsets.UTF_8).close();
        } catch (IOException e) {
            // It has ended already.
        }
        try {
            process.waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
