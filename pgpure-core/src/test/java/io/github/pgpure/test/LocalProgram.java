package io.github.pgpure.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/** A program of this machine that a test runs next to the server, in a directory of its own: a proxy, another PostgreSQL. */
public final class LocalProgram implements AutoCloseable {

    private final Path directory;
    private final Process process;

    private LocalProgram(Path directory, Process process) {
        this.directory = directory;
        this.process = process;
    }

    /** Where the program is; empty where this machine does not have it. */
    public static Optional<Path> find(String name, String... moreDirectories) {
        return Stream.concat(
                        Stream.of(moreDirectories),
                        Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Whether this JVM runs as root, which some programs refuse to. */
    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** A port that was free a moment ago, for programs that cannot choose one themselves. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A directory that everybody can enter. */
    public static Path directory(String prefix) {
        try {
            Path directory = Files.createTempDirectory(prefix);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it, and returns when it listens. The directory is deleted when it is closed. */
    static LocalProgram start(Path directory, int port, List<String> command) {
        try {
            Path log = directory.resolve("output.log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            var program = new LocalProgram(directory, process);
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            try {
                Poll.until(command.get(0) + " to listen", () -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException(command + " has ended: " + text(log));
                    }
                    return listens(port);
                });
            } catch (RuntimeException | Error e) {
                program.close();
                throw e;
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program to its end. */
    static void run(Path directory, List<String> command) {
        try {
            Path log = directory.resolve("run.log");
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroy();
                throw new IllegalStateException(command + " failed: " + text(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The command, under another user where this JVM runs as root. */
    static List<String> unprivileged(String user, List<String> command) {
        if (!isRoot()) {
            return command;
        }
        List<String> whole = new ArrayList<>(List.of("setpriv", "--reuid", user, "--regid", user, "--clear-groups"));
        whole.addAll(command);
        return whole;
    }

    static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "(no output)";
        }
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        FileUtils.deleteQuietly(directory.toFile());
    }
}
