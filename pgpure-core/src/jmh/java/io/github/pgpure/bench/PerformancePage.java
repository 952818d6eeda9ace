package io.github.pgpure.bench;

import io.github.pgpure.bench.Results.Measured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Puts results into docs/performance.md, between its markers, and draws the pictures. What was not measured stays as it is. */
final class PerformancePage {

    private static final String BEGIN = "<!-- measured %s -->\n";
    private static final String END = "<!-- end %s -->";

    private PerformancePage() {}

    /** Of a trial the pictures go to target/ and the page stays: too few rounds to publish. */
    static void update(BenchmarkRun run, Results results) throws IOException {
        Path docs = run.root().resolve("docs");
        Path images = run.trial() ? run.target() : docs.resolve("images");
        Files.createDirectories(images);
        boolean page = run.selection().equals("page");
        if (run.trial() || page || PerformanceChart.hasAll(results)) {
            write(images.resolve("performance.svg"), PerformanceChart.draw(results));
        } else {
            System.out.println("The chart needs all of W1 to W10: draw it with -Dbench=page once they are in " + run.json());
        }
        if (run.trial() || page || GrowthChart.hasAny(results)) {
            write(images.resolve("growth.svg"), GrowthChart.draw(results));
        }
        if (run.trial()) {
            System.out.println("A trial of " + run.rounds() + " rounds: docs/ is left as it is");
            return;
        }
        Path file = docs.resolve("performance.md");
        String text = Files.readString(file);
        for (Map.Entry<String, String> section : sections(results).entrySet()) {
            text = replace(text, section.getKey(), section.getValue());
        }
        write(file, text);
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        System.out.println("Wrote " + file);
    }

    private static Map<String, String> sections(Results results) {
        Map<String, String> sections = new LinkedHashMap<>();
        Map<String, List<Scenario>> byName = Scenarios.ALL.stream()
                .collect(Collectors.groupingBy(Scenario::name, LinkedHashMap::new, Collectors.toList()));
        byName.forEach((name, scenarios) -> {
            List<Measured> measured = scenarios.stream()
                    .map(scenario -> results.scenario(scenario.id()).orElse(null))
                    .filter(Objects::nonNull)
                    .toList();
            if (!measured.isEmpty()) {
                Scenario first = scenarios.get(0);
                sections.put(
                        name,
                        first.point() == 0
                                ? ResultTable.of(first, measured.get(0))
                                : ResultTable.curve(scenarios, results));
            }
        });
        if (!results.scenarios().isEmpty()) {
            sections.put("environment", environments(results));
        }
        return sections;
    }

    /** What was measured under which circumstances; one paragraph where they were the same for all. */
    private static String environments(Results results) {
        Map<Map<String, String>, List<String>> ids = new LinkedHashMap<>();
        for (Measured measured : results.scenarios()) {
            String name = Scenarios.byId(measured.id()).name();
            List<String> names = ids.computeIfAbsent(measured.environment(), key -> new ArrayList<>());
            if (!names.contains(name)) {
                names.add(name);
            }
        }
        StringBuilder text = new StringBuilder();
        ids.forEach((environment, names) -> {
            text.append("- ").append(String.join(", ", names)).append(": ");
            text.append(environment.entrySet().stream()
                    .map(entry -> entry.getKey() + " " + entry.getValue())
                    .collect(Collectors.joining("; ")));
            text.append(".\n");
        });
        return text.toString();
    }

    private static String replace(String text, String name, String section) {
        String begin = BEGIN.formatted(name);
        int start = text.indexOf(begin);
        int end = text.indexOf(END.formatted(name));
        if (start < 0 || end < start) {
            throw new IllegalStateException("docs/performance.md has no place for " + name);
        }
        return text.substring(0, start + begin.length()) + "\n" + section + "\n" + text.substring(end);
    }
}
