package io.github.pgpure.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The JVM in which one client is measured: for each line {@code warmup seconds} of its standard input it measures a slice and prints the
 * figures. Arguments: the scenario and the cell.
 */
final class MeasuredJvm {

    static final String FIGURES = "figures ";
    static final String FAILED = "failed ";
    static final String NOT_AVAILABLE = "not available";

    private MeasuredJvm() {}

    public static void main(String[] args) {
        try {
            run(Scenarios.byId(args[0]), args[1]);
        } catch (UnsupportedOperationException e) {
            System.out.println(NOT_AVAILABLE);
        } catch (Throwable e) {
            e.printStackTrace();
            System.out.println(FAILED + e.toString().replaceAll("\\s+", " "));
        }
        // A client's own threads must not keep the process.
        System.exit(0);
    }

    private static void run(Scenario scenario, String label) throws Exception {
        Cell cell = scenario.cell(label);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (PeerClient client = PeerClient.open(cell, scenario.connections(), ServerAddress.fromEnvironment())) {
            Measurement measurement = scenario.workload().measurement(scenario, cell, client);
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] seconds = line.split(" ");
                Map<Metric, Double> figures =
                        measurement.slice(Double.parseDouble(seconds[0]), Double.parseDouble(seconds[1]));
                StringJoiner answer = new StringJoiner(" ", FIGURES, "");
                figures.forEach((metric, value) -> answer.add(metric + "=" + value));
                System.out.println(answer);
            }
        }
    }
}
