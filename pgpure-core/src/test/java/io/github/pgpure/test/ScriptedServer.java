package io.github.pgpure.test;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.SslMode;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that does what a script says, for all that a real one cannot be made to do: lie, stall, cut off in the middle.
 *
 * <pre>{@code
 * try (var server = ScriptedServer.start(client -> {
 *         client.welcome();
 *         client.expect('Q');
 *         client.send(commandComplete("SELECT 0"));
 *         client.fin();
 *     })) {
 *     PgConnection.open(server.options().build());
 * }
 * }</pre>
 *
 * <p>It listens on a free port of the loopback address and runs the script on a daemon thread for each connection. Where the client goes
 * away, the script ends quietly. Any other failure of a script is thrown by {@link #close()}. Cancel requests are counted and closed, not
 * given to the script.
 */
public final class ScriptedServer implements Closeable {

    /** What happens on one connection. */
    @FunctionalInterface
    public interface Script {

        void run(ScriptedClient client) throws Exception;
    }

    private final ServerSocket listener;
    private final Script script;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger cancelRequests = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    private ScriptedServer(Script script) throws IOException {
        this.script = script;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /** Starts a server that runs this script on every connection. */
    public static ScriptedServer start(Script script) throws IOException {
        var server = new ScriptedServer(script);
        daemon("scripted-server-" + server.port(), server::accept);
        return server;
    }

    /** Starts a server that runs these scripts on its first connections, and the last one of them on all further ones. */
    public static ScriptedServer startInTurn(Script... scripts) throws IOException {
        var turn = new AtomicInteger();
        return start(client -> scripts[Math.min(turn.getAndIncrement(), scripts.length - 1)].run(client));
    }

    /** Its port on the loopback address. */
    public int port() {
        return listener.getLocalPort();
    }

    /** The settings to reach it with: without TLS, user {@code ada}, password {@value ScriptedClient#PASSWORD}. */
    public PgConnectOptions.Builder options() {
        return PgConnectOptions.builder()
                .host("127.0.0.1")
                .port(port())
                .username("ada")
                .password(ScriptedClient.PASSWORD)
                .database("shop")
                .sslMode(SslMode.DISABLE);
    }

    /** How many connections there were, cancel requests included. */
    public int connections() {
        return connections.get();
    }

    /** How many cancel requests came. */
    public int cancelRequests() {
        return cancelRequests.get();
    }

    /**
     * Closes all connections and stops listening.
     *
     * @throws AssertionError when a script failed
     */
    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        if (!failures.isEmpty()) {
            var error = new AssertionError("the script of the server failed", failures.poll());
            failures.forEach(error::addSuppressed);
            throw error;
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                if (closed.getCount() == 0) {
                    socket.close();
                }
                daemon("scripted-server-" + port() + "-" + connections.incrementAndGet(), () -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        // A failure is noted before the socket is closed, so that a test that saw the end of the connection sees it
        // too.
        try (socket) {
            try {
                script.run(new ScriptedClient(socket, closed));
            } catch (ScriptedClient.CancelRequested e) {
                cancelRequests.incrementAndGet();
            } catch (IOException e) {
                // The client, or the test, went away: that is for the test to judge by what the client reports.
            } catch (Throwable e) {
                if (closed.getCount() > 0) {
                    failures.add(e);
                }
            }
        } catch (IOException e) {
            // Closing failed: it is closed.
        }
    }

    private static void daemon(String name, Runnable work) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
