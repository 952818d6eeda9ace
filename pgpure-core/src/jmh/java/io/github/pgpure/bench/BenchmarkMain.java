package io.github.pgpure.bench;

/** What the Maven profile runs: the comparison of system property {@code bench}, else JMH with these arguments. */
final class BenchmarkMain {

    private BenchmarkMain() {}

    public static void main(String[] args) throws Exception {
        BenchmarkRun run = BenchmarkRun.fromSystemProperties();
        if (run.selection().isEmpty()) {
            org.openjdk.jmh.Main.main(args);
            return;
        }
        Results results = Results.read(run.json());
        if (!run.selection().equals("page")) {
            results = PeerComparison.run(run, results);
        }
        PerformancePage.update(run, results);
        // Nothing may keep the JVM: the embedded server has stopped.
        System.exit(0);
    }
}
