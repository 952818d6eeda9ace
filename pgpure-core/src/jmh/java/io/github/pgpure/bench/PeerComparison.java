package io.github.pgpure.bench;

import io.github.pgpure.bench.Results.Line;
import io.github.pgpure.bench.Results.Measured;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Measures clients beside each other: all clients of a scenario are open at once, each in a JVM of its own, and take turns in short
 * slices, in another order each round. A machine's speed drifts; what was measured one after the other could not be compared.
 */
final class PeerComparison {

    private final BenchmarkRun run;
    private final BenchmarkServer server;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Random random = new Random();

    private PeerComparison(BenchmarkRun run, BenchmarkServer server) {
        this.run = run;
        this.server = server;
        environment.put("date", LocalDate.now().toString());
        environment.put("rounds", run.rounds() + " of " + run.slice() + " s, after " + run.warmup() + " s");
        environment.put(
                "JDK",
                System.getProperty("java.vendor.version", System.getProperty("java.vendor")) + " "
                        + Runtime.version());
        environment.put(
                "machine",
                Runtime.getRuntime().availableProcessors() + " cores, " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch"));
        environment.put("PostgreSQL", server.description());
        environment.put("peers", BenchmarkRun.peers());
    }

    /** Measures what is selected and writes results as they come. */
    static Results run(BenchmarkRun run, Results before) throws IOException {
        List<Scenario> selected = Scenarios.selected(run.selection());
        System.out.printf(
                "%d scenarios, about %d minutes%n",
                selected.size(),
                (int) Math.ceil(selected.stream().mapToDouble(run::seconds).sum() / 60));
        Results results = before;
        try (BenchmarkServer server = BenchmarkServer.start()) {
            PeerComparison comparison = new PeerComparison(run, server);
            for (Scenario scenario : selected) {
                Measured measured;
                try (Cores cores = server.pin(scenario.pin())) {
                    server.prepare(scenario);
                    measured = comparison.measure(scenario, cores);
                } catch (IOException e) {
                    System.out.println("\n" + scenario.id() + " is left out: " + e.getMessage());
                    continue;
                }
                System.out.println();
                System.out.println(scenario.id() + ": " + scenario.what() + "\n");
                System.out.println(ResultTable.of(scenario, measured));
                results = results.with(measured);
                results.write(run.json());
            }
        }
        return results;
    }

    private Measured measure(Scenario scenario, Cores cores) throws IOException {
        Map<Cell, Line> lines = new LinkedHashMap<>();
        List<CellProcess> processes = new ArrayList<>();
        try {
            for (Cell cell : scenario.cells()) {
                lines.put(cell, Line.of(cell));
                processes.add(
                        new CellProcess(scenario, cell, server.address(scenario.tls()), cores, run.logs()));
            }
            List<CellProcess> turns = new ArrayList<>(processes);
            for (CellProcess process : processes) {
                if (!process.forEachSlice() && !warm(process, lines)) {
                    turns.remove(process);
                }
            }
            for (int round = 1; round <= run.rounds(); round++) {
                Collections.shuffle(turns, random);
                turns.removeIf(process -> !slice(process, lines));
            }
        } finally {
            for (CellProcess process : processes) {
                process.close();
            }
        }
        return new Measured(scenario.id(), environment, List.copyOf(lines.values()));
    }

    /** Until the compiler has seen it all; the figures are not kept. */
    private boolean warm(CellProcess process, Map<Cell, Line> lines) {
        return attempt(process, lines, run.warmup(), Math.min(run.slice(), 0.1), false);
    }

    private boolean slice(CellProcess process, Map<Cell, Line> lines) {
        return attempt(process, lines, run.slice() / 4, run.slice(), true);
    }

    private static boolean attempt(
            CellProcess process, Map<Cell, Line> lines, double warmup, double seconds, boolean kept) {
        try {
            Map<Metric, Double> figures = process.slice(warmup, seconds);
            if (kept) {
                lines.get(process.cell()).add(figures);
            }
            return true;
        } catch (IOException | CellProcess.NoFigures e) {
            lines.computeIfPresent(process.cell(), (cell, line) -> line.failed(String.valueOf(e.getMessage())));
            return false;
        }
    }
}
