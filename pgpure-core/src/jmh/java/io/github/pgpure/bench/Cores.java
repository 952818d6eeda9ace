package io.github.pgpure.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** On which cores a scenario runs; by util-linux's {@code taskset}, so on Linux only. */
final class Cores implements AutoCloseable {

    private final List<String> prefix;
    private final List<String> undo;

    private Cores(List<String> prefix, List<String> undo) {
        this.prefix = prefix;
        this.undo = undo;
    }

    /** Wherever the kernel puts them. */
    static Cores any() {
        return new Cores(List.of(), List.of());
    }

    static Cores bound(long postmaster, int clientCore, int serverCore) throws IOException {
        if (Runtime.getRuntime().availableProcessors() <= Math.max(clientCore, serverCore)) {
            throw new IOException("this machine has too few cores");
        }
        String pid = String.valueOf(postmaster);
        String before = run(List.of("taskset", "-cp", pid));
        String cores = before.substring(before.lastIndexOf(':') + 1).strip();
        run(List.of("taskset", "-cp", String.valueOf(serverCore), pid));
        return new Cores(
                List.of("taskset", "-c", String.valueOf(clientCore)), List.of("taskset", "-cp", cores, pid));
    }

    /** A client's command line, which begins with what binds it. */
    List<String> command(List<String> command) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(command);
        return all;
    }

    private static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        }
        return output;
    }

    @Override
    public void close() throws IOException {
        if (!undo.isEmpty()) {
            run(undo);
        }
    }
}
