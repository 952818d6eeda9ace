package io.github.pgpure.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** PgBouncer and HAProxy in front of a test's server, each with the port where it listens. */
public record Proxies(LocalProgram program, int port) implements AutoCloseable {

    public static boolean hasPgBouncer() {
        return LocalProgram.find("pgbouncer").isPresent();
    }

    public static boolean hasHaProxy() {
        return LocalProgram.find("haproxy").isPresent();
    }

    /**
     * Starts a PgBouncer.
     *
     * @param mode {@code session} or {@code transaction}
     * @param settings more lines of its configuration
     */
    public static Proxies pgBouncer(PostgresServer server, String mode, String... settings) {
        Path directory = LocalProgram.directory("pgb");
        int port = LocalProgram.freePort();
        List<String> lines = new ArrayList<>(List.of(
                "[databases]",
                "* = host=127.0.0.1 port=" + server.port() + " user=" + server.username() + " password='"
                        + server.password() + "'",
                "[pgbouncer]",
                "listen_addr = 127.0.0.1",
                "listen_port = " + port,
                "unix_socket_dir =",
                "auth_type = scram-sha-256",
                "auth_file = " + directory.resolve("users.txt"),
                "pool_mode = " + mode,
                "default_pool_size = 20",
                "ignore_startup_parameters = extra_float_digits"));
        lines.addAll(List.of(settings));
        write(directory.resolve("pgbouncer.ini"), String.join("\n", lines) + "\n");
        write(directory.resolve("users.txt"), "\"" + server.username() + "\" \"" + server.password() + "\"\n");
        List<String> command = new ArrayList<>();
        command.add(LocalProgram.find("pgbouncer").orElseThrow().toString());
        if (LocalProgram.isRoot()) {
            command.addAll(List.of("-u", "nobody"));
        }
        command.add(directory.resolve("pgbouncer.ini").toString());
        return new Proxies(LocalProgram.start(directory, port, command), port);
    }

    /**
     * Starts a HAProxy that passes TCP on.
     *
     * @param timeout how long a link may be without traffic, {@code 2s} for example
     */
    public static Proxies haProxy(PostgresServer server, String timeout) {
        Path directory = LocalProgram.directory("hap");
        int port = LocalProgram.freePort();
        write(
                directory.resolve("haproxy.cfg"),
                String.join(
                        "\n",
                        "defaults",
                        "  mode tcp",
                        "  timeout connect 5s",
                        "  timeout client " + timeout,
                        "  timeout server " + timeout,
                        "listen postgres",
                        "  bind 127.0.0.1:" + port,
                        "  server one 127.0.0.1:" + server.port(),
                        ""));
        String program = LocalProgram.find("haproxy").orElseThrow().toString();
        return new Proxies(
                LocalProgram.start(
                        directory,
                        port,
                        List.of(
                                program,
                                "-db",
                                "-f",
                                directory.resolve("haproxy.cfg").toString())),
                port);
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        program.close();
    }
}
