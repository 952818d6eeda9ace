package io.github.pgpure.test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A network of its own between this JVM and a server: a namespace with a link to this one, and in it a proxy that passes TCP on. Packets that come back
 * from it can be made to vanish on their way, as when a router dies. For root, on Linux.
 */
public final class NetworkNamespace implements AutoCloseable {

    private final String name = "pgpure" + ProcessHandle.current().pid() % 100_000;
    private final int network = ThreadLocalRandom.current().nextInt(2, 250);
    private final String here = "10.213." + network + ".1";
    private final String there = "10.213." + network + ".2";
    private final Process proxy;
    private final int port;

    /** Makes the network and starts the proxy to this server, which must listen on all addresses. */
    public NetworkNamespace(PostgresServer server) throws IOException {
        Process started = null;
        int listening;
        try {
            ip("netns add " + name);
            ip("link add " + name + "a type veth peer name " + name + "b netns " + name);
            ip("addr add " + here + "/30 dev " + name + "a");
            ip("link set " + name + "a up");
            ip("-n " + name + " addr add " + there + "/30 dev " + name + "b");
            ip("-n " + name + " link set " + name + "b up");
            started = startProxy(server.port());
            var output = new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.US_ASCII));
            listening = Integer.parseInt(output.readLine());
        } catch (IOException | RuntimeException | Error e) {
            close(started);
            throw e;
        }
        proxy = started;
        port = listening;
    }

    /** Whether this machine lets us. */
    public static boolean available() {
        if (!LocalProgram.isRoot() || LocalProgram.find("ip", "/sbin").isEmpty()) {
            return false;
        }
        try {
            ip("netns add pgpure-probe");
            ip("netns del pgpure-probe");
            return true;
        } catch (IOException e) {
            System.err.println("No network namespaces here: " + e.getMessage());
            return false;
        }
    }

    /** Where the server is, seen through this network. */
    public String host() {
        return there;
    }

    public int port() {
        return port;
    }

    /** From now on nothing comes back; what is sent is not refused either. */
    public void blackHole() throws IOException {
        ip("-n " + name + " route add blackhole " + here + "/32");
    }

    public void heal() throws IOException {
        ip("-n " + name + " route del blackhole " + here + "/32");
    }

    private Process startProxy(int serverPort) throws IOException {
        return new ProcessBuilder(
                        ipProgram(),
                        "netns",
                        "exec",
                        name,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Proxy.class.getName(),
                        there,
                        here,
                        String.valueOf(serverPort))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String ipProgram() throws IOException {
        return LocalProgram.find("ip", "/sbin")
                .orElseThrow(() -> new IOException("there is no program ip"))
                .toString();
    }

    private static void ip(String arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(ipProgram()));
        Stream.of(arguments.split(" ")).forEach(command::add);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("ip " + arguments + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        close(proxy);
    }

    private void close(Process started) {
        if (started != null) {
            started.destroyForcibly();
        }
        try {
            ip("netns del " + name); // and the link with it
        } catch (IOException e) {
            System.err.println(e.getMessage());
        }
    }

    /** Passes TCP on, in the namespace. */
    static final class Proxy {

        public static void main(String[] args) throws Exception {
            var proxy = new FaultProxy(args[0], args[1], Integer.parseInt(args[2]));
            System.out.println(proxy.port());
            System.in.read(); // until the test's JVM has ended
        }
    }
}
