package io.github.pgpure.bench;

/**
 * W10: the JVM whose start is measured, up to its first row. Arguments: the client's class, and when the JVM was started, in milliseconds
 * since the epoch.
 */
final class FirstRow {

    private static final int KEY = 42;

    private FirstRow() {}

    public static void main(String[] args) throws Exception {
        PeerClient client =
                (PeerClient) Class.forName(args[0]).getDeclaredConstructor().newInstance();
        client.open(1, "", ServerAddress.fromEnvironment());
        Workload.check(Workload.value(KEY), client.select(KEY));
        long took = System.currentTimeMillis() - Long.parseLong(args[1]);
        System.out.println(MeasuredJvm.FIGURES + Metric.MILLISECONDS + "=" + took + " " + Metric.PEAK_MEMORY + "="
                + ResourceUsage.peakMegabytes());
        System.exit(0);
    }
}
