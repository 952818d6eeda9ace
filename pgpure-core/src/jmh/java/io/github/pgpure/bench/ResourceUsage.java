package io.github.pgpure.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What this process has used. */
record ResourceUsage(double cpuSeconds, double allocatedBytes) {

    static final ResourceUsage NONE = new ResourceUsage(0, 0);

    static ResourceUsage now() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new ResourceUsage(system.getProcessCpuTime() / 1e9, allocated());
    }

    /** By all threads there have been; before JDK 21 by those that live. Virtual threads count for their carriers. */
    private static double allocated() {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        try {
            return (long) ThreadMXBean.class
                    .getMethod("getTotalThreadAllocatedBytes")
                    .invoke(threads);
        } catch (NoSuchMethodException e) {
            double sum = 0;
            for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
                sum += Math.max(bytes, 0);
            }
            return sum;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    ResourceUsage since(ResourceUsage start) {
        return new ResourceUsage(cpuSeconds - start.cpuSeconds, allocatedBytes - start.allocatedBytes);
    }

    ResourceUsage plus(ResourceUsage other) {
        return new ResourceUsage(cpuSeconds + other.cpuSeconds, allocatedBytes + other.allocatedBytes);
    }

    /** Divides it by the number of operations or rows. */
    void addTo(Map<Metric, Double> figures, double count) {
        figures.put(Metric.ALLOCATED, allocatedBytes / count);
        figures.put(Metric.CPU, cpuSeconds * 1e6 / count);
        figures.put(Metric.PEAK_MEMORY, peakMegabytes());
    }

    /** Of the process, on Linux; NaN elsewhere. */
    static double peakMegabytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                }
            }
        } catch (IOException e) {
            // Another system than Linux.
        }
        return Double.NaN;
    }
}
