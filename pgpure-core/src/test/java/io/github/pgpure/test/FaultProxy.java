package io.github.pgpure.test;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A way to a server that can be made bad: slow, narrow, cut, or silent as a link is whose other end has lost its power. Thread-safe;
 * what is set holds for all connections, unless said otherwise.
 */
public final class FaultProxy implements AutoCloseable {

    private final ServerSocket listening;
    private final String host;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile long delayMillis;
    private volatile int bytesPerSecond;
    private volatile int chunk = Integer.MAX_VALUE;
    private volatile boolean silent;
    private volatile boolean resetNew;
    private volatile String refusal = "";
    private final AtomicInteger refusals = new AtomicInteger();

    private volatile long limit = Long.MAX_VALUE;
    private volatile End end = End.FIN;
    private final AtomicLong passed = new AtomicLong();

    /** What becomes of a connection on which as much has passed as may. */
    public enum End {
        FIN,
        RST,
        /** It stays open, and nothing comes any more. */
        STALL
    }

    private record Link(Socket client, Socket server, AtomicBoolean swallowed, CountDownLatch pumping) {}

    public FaultProxy(String host, int port) {
        this(InetAddress.getLoopbackAddress().getHostAddress(), host, port);
    }

    /** One that listens on this address. */
    FaultProxy(String listenAddress, String host, int port) {
        this(listenAddress, 0, host, port);
    }

    /** One that listens on this port of this address, such as that which another one has of another address; 0 for a free one. */
    public FaultProxy(String listenAddress, int listenPort, String host, int port) {
        this.host = host;
        this.port = port;
        try {
            listening = new ServerSocket(listenPort, 50, InetAddress.getByName(listenAddress));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** What arrives is passed on so much later. */
    public void delay(long millis) {
        delayMillis = millis;
    }

    /** What the server sends passes at this rate, 0 for as fast as it can. */
    public void throttle(int bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** No more than so many bytes are passed on at once. */
    public void split(int bytes) {
        chunk = bytes;
    }

    /** From now on nothing passes on the connections that are open, ever; new ones are as good as any. */
    public void swallow() {
        for (Link link : links) {
            link.swallowed.set(true);
        }
    }

    /** From now on nothing passes on any connection, and new ones are accepted and never answered, until {@link #heal()}. */
    public void silence() {
        silent = true;
        swallow();
    }

    /** Each new connection passes so many bytes of what the server sends, and then ends like this. */
    public void endAfter(long bytes, End end) {
        this.limit = bytes;
        this.end = end;
    }

    /** How many bytes of servers were passed on. */
    public long passed() {
        return passed.get();
    }

    /** The next so many logins are refused with this SQLSTATE, as a server would. */
    public void refuse(String sqlState, int times) {
        refusal = sqlState;
        refusals.set(times);
    }

    /** New connections are reset at once, until {@link #heal()}. */
    public void resetNew() {
        resetNew = true;
    }

    /** How many of the refusals are still to come. */
    public int refusalsLeft() {
        return Math.max(0, refusals.get());
    }

    /** Ends the connections that were swallowed, of which neither end has heard: as a keep-alive would in the end. */
    public void endSwallowed() {
        links.stream().filter(link -> link.swallowed.get()).forEach(this::close);
    }

    /** New connections work again. */
    public void heal() {
        silent = false;
        resetNew = false;
        delayMillis = 0;
        bytesPerSecond = 0;
        chunk = Integer.MAX_VALUE;
    }

    /** Ends all connections, in order. */
    public void cutWithFin() {
        cut(false);
    }

    /** Ends all connections, with a reset. */
    public void cutWithRst() {
        cut(true);
    }

    private void cut(boolean reset) {
        for (Link link : links) {
            try {
                if (reset) {
                    link.client.setSoLinger(true, 0);
                }
            } catch (IOException e) {
                // closed already
            }
            close(link);
            awaitEnd(link);
        }
    }

    // A socket that a thread reads from is really closed only when that thread has noticed.
    private static void awaitEnd(Link link) {
        try {
            link.pumping.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                client.setTcpNoDelay(true);
                start(() -> serve(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket client) {
        try {
            if (resetNew) {
                client.setSoLinger(true, 0);
                client.close();
                return;
            }
            if (refusals.get() > 0 && refusals.getAndDecrement() > 0) {
                refuseLogin(client);
                return;
            }
            Socket server = new Socket(host, port);
            server.setTcpNoDelay(true);
            var link = new Link(client, server, new AtomicBoolean(silent), new CountDownLatch(2));
            links.add(link);
            start(() -> pump(link, client, server, false));
            pump(link, server, client, true);
        } catch (IOException e) {
            try {
                client.close();
            } catch (IOException again) {
                // closed already
            }
        }
    }

    private void endLimited(Link link) throws IOException {
        link.swallowed.set(true);
        if (end == End.FIN) {
            link.client.shutdownOutput();
        } else if (end == End.RST) {
            link.client.setSoLinger(true, 0);
            link.client.close();
        }
    }

    private void refuseLogin(Socket client) throws IOException {
        var in = new DataInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream();
        int length = in.readInt();
        int code = in.readInt();
        in.skipNBytes(length - 8);
        if (code == 80877103) { // SSLRequest
            out.write('N');
            in.skipNBytes(in.readInt() - 4);
        }
        byte[] fields = ("SFATAL\0VFATAL\0C" + refusal + "\0Mrefused by the test\0\0").getBytes(StandardCharsets.UTF_8);
        var message = new DataOutputStream(out);
        message.write('E');
        message.writeInt(4 + fields.length);
        message.write(fields);
        message.flush();
        client.close();
    }

    private void pump(Link link, Socket from, Socket to, boolean throttled) {
        byte[] buffer = new byte[8192];
        long left = throttled ? limit : Long.MAX_VALUE;
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (delayMillis > 0) {
                    pause(delayMillis);
                }
                for (int at = 0; at < count && !link.swallowed.get(); ) {
                    int rate = throttled ? bytesPerSecond : 0;
                    int size = rate > 0 ? 1 : Math.min(chunk, count - at);
                    size = (int) Math.min(size, left);
                    out.write(buffer, at, size);
                    at += size;
                    left -= size;
                    if (throttled) {
                        passed.addAndGet(size);
                    }
                    if (left == 0) {
                        endLimited(link);
                    }
                    if (rate > 0) {
                        pause(1000 / rate);
                    }
                }
            }
        } catch (IOException e) {
            // closed
        }
        link.pumping.countDown();
        if (!link.swallowed.get() || limit < Long.MAX_VALUE) {
            close(link);
        }
    }

    // The time is what is wanted: nothing to wait for.
    private static void pause(long millis) {
        try {
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void close(Link link) {
        links.remove(link);
        try {
            link.client.close();
            link.server.close();
        } catch (IOException e) {
            // closed already
        }
    }

    private static void start(Runnable work) {
        var thread = new Thread(work, "fault proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        links.forEach(this::close);
    }
}
