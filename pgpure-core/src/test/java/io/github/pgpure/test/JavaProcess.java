package io.github.pgpure.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class of the test class path in a JVM of its own: for limits of the heap, and for what instruments classes. */
public final class JavaProcess {

    private JavaProcess() {}

    /**
     * Runs it to its end.
     *
     * @param log where its output goes; the directory is made
     * @param limitSeconds after which it is killed
     * @return its exit code; -1 when it had to be killed
     */
    public static int run(Path log, long limitSeconds, List<String> options, String main, List<String> arguments)
            throws IOException, InterruptedException {
        Files.createDirectories(log.getParent());
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-cp");
        // Surefire starts its own JVM with a jar that only names the class path.
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main);
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            return process.waitFor(limitSeconds, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } finally {
            process.destroyForcibly();
        }
    }
}
