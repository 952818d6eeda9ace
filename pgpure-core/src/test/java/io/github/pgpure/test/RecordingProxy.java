package io.github.pgpure.test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes TCP on to a server and keeps what the clients have sent, connection by connection. Thread-safe. */
public final class RecordingProxy implements AutoCloseable {

    private final ServerSocket listening;
    private final int port;
    private final List<ByteArrayOutputStream> recorded = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean refusingTls;

    /** One in front of the server that listens on this port of localhost. */
    public RecordingProxy(int port) {
        this.port = port;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    /** Where it listens on the loopback address. */
    public int port() {
        return listening.getLocalPort();
    }

    /** What was sent on each connection so far, in the order of the connections. */
    public List<byte[]> recorded() {
        return recorded.stream().map(ByteArrayOutputStream::toByteArray).toList();
    }

    /** From now on no new connection reaches the server: its first eight bytes are answered by {@code N}, as by a server without TLS. */
    public void refuseTls() {
        refusingTls = true;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                sockets.add(client);
                var record = new ByteArrayOutputStream();
                recorded.add(record);
                start(() -> serve(client, record));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket client, ByteArrayOutputStream record) {
        try (client) {
            if (refusingTls) {
                record.writeBytes(client.getInputStream().readNBytes(8));
                client.getOutputStream().write('N');
                client.getInputStream().transferTo(record);
                return;
            }
            try (Socket server = new Socket("localhost", port)) {
                sockets.add(server);
                start(() -> passOn(server, client, new ByteArrayOutputStream()));
                passOn(client, server, record);
            }
        } catch (IOException e) {
            // one of them went away
        }
    }

    private static void passOn(Socket from, Socket to, ByteArrayOutputStream record) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                record.write(buffer, 0, count);
                to.getOutputStream().write(buffer, 0, count);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // one of them went away
        }
    }

    private static void start(Runnable work) {
        var thread = new Thread(work, "recording proxy");
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
