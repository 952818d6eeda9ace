package io.github.pgpure.pool;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A way to a server that can swallow everything without a word, as a link does whose other end has lost its power. */
final class BlackHole implements AutoCloseable {

    private final ServerSocket listening;
    private final String host;
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile int epoch;

    BlackHole(String host, int port) {
        this.host = host;
        this.port = port;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** From now on nothing passes on the connections that are open; new ones are as good as ever. */
    void swallow() {
        epoch++;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(host, port);
                sockets.add(client);
                sockets.add(server);
                int born = epoch;
                start(() -> pump(client, server, born));
                start(() -> pump(server, client, born));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pump(Socket from, Socket to, int born) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (born == epoch) {
                    out.write(buffer, 0, count);
                }
            }
            if (born == epoch) {
                to.close();
            }
        } catch (IOException e) {
            // closed
        }
    }

    private static void start(Runnable work) {
        var thread = new Thread(work, "black hole");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
