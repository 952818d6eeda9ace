package io.github.pgpure.transport;

import io.github.pgpure.TcpKeepAlive;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import tlschannel.ClientTlsChannel;
import tlschannel.HeapBufferAllocator;
import tlschannel.NeedsReadException;
import tlschannel.NeedsWriteException;

/**
 * A non-blocking socket with a selector of its own, plain or with TLS.
 *
 * <p>The thread that uses it does its own reading and writing, and waits in {@link #await}. An interrupt or a deadline ends such a wait
 * and leaves the socket open, which a blocking socket cannot do: an interrupted virtual thread would close it.
 *
 * <p>For one thread at a time, or one that reads and waits and another that writes; {@link #wakeup()} and {@link #close()} may be
 * called by any.
 */
public final class Transport {

    /** The JDK keeps a direct buffer per thread as large as the largest piece ever read or written. */
    private static final int MAX_PIECE = 64 * 1024;

    /** There is one key, so it need not be put into a set of those that are ready, and taken out again. */
    private static final Consumer<SelectionKey> NOT_KEPT = key -> {};

    private final SocketChannel socket;
    private final SocketAddress address;
    private final Selector selector;
    private final SelectionKey key;
    private ByteChannel channel;
    private volatile @Nullable ClientTlsChannel tls;

    /** Looks after waits whose end is far away; null when nobody does. */
    private volatile @Nullable LongWaits longWaits;

    /** Until when a thread waits that has set no timer. */
    private volatile Deadline watched = Deadline.NONE;

    /** What else than to read TLS waits for when it cannot go on reading, or 0. For the thread that reads. */
    private int readInterest;

    private Transport(SocketChannel socket, SocketAddress address, Selector selector, SelectionKey key) {
        this.socket = socket;
        this.address = address;
        this.selector = selector;
        this.key = key;
        this.channel = socket;
    }

    /**
     * Connects.
     *
     * @param address the address of a TCP or Unix socket
     * @param keepAlive how to find out that the other end is gone; for TCP
     * @param deadline limits the attempt
     * @throws SocketTimeoutException when the deadline passes
     * @throws InterruptedException when the thread is interrupted
     * @throws IOException when the connection is refused or fails
     */
    public static Transport connect(SocketAddress address, TcpKeepAlive keepAlive, Deadline deadline)
            throws IOException, InterruptedException {
        SocketChannel socket = address instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        Selector selector = null;
        try {
            socket.configureBlocking(false);
            if (!(address instanceof UnixDomainSocketAddress)) {
                socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                keepAlive(socket, keepAlive);
            }
            selector = Selector.open();
            boolean connected = socket.connect(address);
            SelectionKey key = socket.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT);
            var transport = new Transport(socket, address, selector, key);
            while (!connected) {
                transport.awaitOrThrow(SelectionKey.OP_CONNECT, deadline);
                connected = socket.finishConnect();
            }
            return transport;
        } catch (Throwable e) {
            closeQuietly(selector);
            closeQuietly(socket);
            throw e;
        }
    }

    /**
     * Turns encryption on, and completes the handshake.
     *
     * @throws SocketTimeoutException when the deadline passes
     * @throws InterruptedException when the thread is interrupted
     * @throws IOException when the handshake fails, {@link javax.net.ssl.SSLException} for a certificate that is not trusted
     */
    public void startTls(TlsOptions options, Deadline deadline) throws IOException, InterruptedException {
        var engine = options.context().get().createSSLEngine(options.host(), options.port());
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        if (options.verifyHostname()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (options.applicationProtocol() != null) {
            parameters.setApplicationProtocols(new String[] {options.applicationProtocol()});
        }
        if (!options.protocols().isEmpty()) {
            parameters.setProtocols(options.protocols().toArray(new String[0]));
        }
        if (!options.sni()) {
            parameters.setServerNames(List.of());
        }
        engine.setSSLParameters(parameters);
        // Closing must not wait for the server's farewell; buffers that were given back after each message would be
        // allocated anew for the next. The JDK encrypts in arrays: direct buffers it copies piece by piece, which
        // takes a third longer for a short record and twice as long for a full one.
        ClientTlsChannel tlsChannel = ClientTlsChannel.newBuilder(socket, engine)
                .withEncryptedBufferAllocator(new HeapBufferAllocator())
                .withReleaseBuffers(false)
                .withWaitForCloseConfirmation(false)
                .build();
        tls = tlsChannel;
        while (true) {
            try {
                tlsChannel.handshake();
                break;
            } catch (NeedsReadException e) {
                awaitOrThrow(SelectionKey.OP_READ, deadline);
            } catch (NeedsWriteException e) {
                awaitOrThrow(SelectionKey.OP_WRITE, deadline);
            }
        }
        channel = tlsChannel;
        if (options.requireClientCertificate() && engine.getSession().getLocalCertificates() == null) {
            throw new SSLException(
                    "the server did not ask for the client's certificate, which sslcertmode=require wants");
        }
    }

    /**
     * The name of the operating system's user that runs the other end of a Unix socket.
     *
     * @throws IOException when this system does not tell
     */
    public String peerUser() throws IOException {
        try {
            return socket.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        } catch (UnsupportedOperationException e) {
            throw new IOException("this system does not tell who is at the other end of a Unix socket", e);
        }
    }

    /** Whether the connection is encrypted. */
    public boolean isEncrypted() {
        return tls != null;
    }

    /** The protocol that both sides agreed on by ALPN; null without TLS, and where the server chose none. */
    public @Nullable String applicationProtocol() {
        String protocol = tls == null ? null : tls.getSslEngine().getApplicationProtocol();
        return protocol == null || protocol.isEmpty() ? null : protocol;
    }

    /**
     * What binds an authentication to this TLS session (RFC 5929, {@code tls-server-end-point}): the hash of the server's certificate.
     *
     * @return null without TLS, and where the certificate's signature has no single hash
     */
    public byte @Nullable [] tlsServerEndPoint() {
        if (tls == null) {
            return null;
        }
        try {
            var certificate = (X509Certificate) tls.getSslEngine().getSession().getPeerCertificates()[0];
            String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
            int with = algorithm.indexOf("WITH");
            if (with < 0) {
                return null;
            }
            String hash = algorithm.substring(0, with).replace("SHA", "SHA-").replace("--", "-");
            // The RFC replaces hashes that were weak already when it was written.
            boolean weak = hash.equals("MD5") || hash.equals("SHA-1");
            return MessageDigest.getInstance(weak ? "SHA-256" : hash).digest(certificate.getEncoded());
        } catch (SSLPeerUnverifiedException | CertificateEncodingException | NoSuchAlgorithmException e) {
            return null;
        }
    }

    /** Where the connection goes to. */
    public SocketAddress address() {
        return address;
    }

    /**
     * Reads what is there, without waiting.
     *
     * @return the number of bytes, 0 when nothing is there, -1 when the server has closed the connection
     */
    public int read(ByteBuffer target) throws IOException {
        int limit = target.limit();
        if (target.remaining() > MAX_PIECE) {
            target.limit(target.position() + MAX_PIECE);
        }
        try {
            readInterest = 0;
            return channel.read(target);
        } catch (NeedsReadException e) {
            return 0;
        } catch (NeedsWriteException e) {
            readInterest = SelectionKey.OP_WRITE;
            return 0;
        } finally {
            target.limit(limit);
        }
    }

    /**
     * Writes what the socket takes, without waiting.
     *
     * @return whether everything is written; if not, call again with the same buffer, even when nothing remains in it, since encrypted
     *     bytes may be left
     */
    public boolean write(ByteBuffer source) throws IOException {
        int limit = source.limit();
        try {
            do {
                source.limit(Math.min(limit, source.position() + MAX_PIECE));
                channel.write(source);
                if (source.hasRemaining()) {
                    return false;
                }
            } while (source.limit() < limit);
            return true;
        } catch (NeedsWriteException | NeedsReadException e) {
            return false; // each wait is for something to read anyway
        } finally {
            source.limit(limit);
        }
    }

    /**
     * Waits until something can be read, or also written.
     *
     * @param alsoWritable whether to wait for room to write too
     * @param deadline ends the wait
     * @param interruptible whether an interrupt ends the wait; otherwise the flag is kept for later
     * @return why it ended; after {@link #wakeup()} it is {@link Wakeup#READY}
     */
    public Wakeup await(boolean alsoWritable, Deadline deadline, boolean interruptible) throws IOException {
        int interest = SelectionKey.OP_READ | readInterest | (alsoWritable ? SelectionKey.OP_WRITE : 0);
        return await(interest, deadline, interruptible);
    }

    /** Has somebody call {@link #wakeNear} while there are waits whose end is far away. */
    public void watchWaits(LongWaits watch) {
        longWaits = watch;
    }

    /**
     * Wakes the thread that waits if it has set no timer and has no more time left than this. Any thread.
     *
     * @return false when no thread waits so
     */
    public boolean wakeNear(long leftNanos) {
        Deadline until = watched;
        if (until.isNone()) {
            return false;
        }
        if (until.remainingNanos() <= leftNanos) {
            selector.wakeup();
        }
        return true;
    }

    /** Ends the wait of the thread that waits, or the next one at once. Any thread. */
    public void wakeup() {
        selector.wakeup();
    }

    /** Whether {@link #close()} has not been called. Any thread. */
    public boolean isOpen() {
        return socket.isOpen();
    }

    /** Closes the socket; a thread that waits is woken and gets an {@link IOException}. A second call does nothing. Any thread. */
    public void close() {
        // Closing a channel does not wake another thread's select; closing the selector does, and lets go of the
        // socket's descriptor. TLS goes first, to say farewell to the server.
        closeQuietly(tls);
        closeQuietly(socket);
        closeQuietly(selector);
    }

    private Wakeup await(int interest, Deadline deadline, boolean interruptible) throws IOException {
        boolean interrupted = false;
        try {
            if (key.interestOps() != interest) {
                key.interestOps(interest);
            }
            while (true) {
                // select returns at once while the flag is set, so it has to be cleared.
                if (Thread.interrupted()) {
                    if (interruptible) {
                        return Wakeup.INTERRUPTED;
                    }
                    interrupted = true;
                }
                long nanos = deadline.remainingNanos();
                if (nanos <= 0) {
                    return Wakeup.TIMED_OUT;
                }
                select(deadline, nanos);
                if (!selector.isOpen()) {
                    throw new ClosedChannelException();
                }
                if (!Thread.currentThread().isInterrupted()) {
                    return deadline.hasPassed() ? Wakeup.TIMED_OUT : Wakeup.READY;
                }
            }
        } catch (ClosedSelectorException | java.nio.channels.CancelledKeyException e) {
            throw new ClosedChannelException();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void select(Deadline deadline, long nanos) throws IOException {
        if (deadline.isNone()) {
            selector.select(NOT_KEPT);
        } else if (!selectWatched(deadline, nanos)) {
            // 0 means for ever to select, so a part of a millisecond counts as a whole one.
            selector.select(NOT_KEPT, TimeUnit.NANOSECONDS.toMillis(nanos - 1) + 1);
        }
    }

    /** Waits without a time limit if somebody sees to it that the deadline is kept. */
    private boolean selectWatched(Deadline deadline, long nanos) throws IOException {
        LongWaits watch = longWaits;
        if (watch == null || nanos <= LongWaits.NEAR_NANOS || !VirtualThreads.isCurrent()) {
            return false;
        }
        watched = deadline;
        try {
            if (!watch.begin()) {
                return false;
            }
            selector.select(NOT_KEPT);
            return true;
        } finally {
            watched = Deadline.NONE;
        }
    }

    static void keepAlive(SocketChannel socket, TcpKeepAlive keepAlive) throws IOException {
        socket.setOption(StandardSocketOptions.SO_KEEPALIVE, keepAlive.enabled());
        if (keepAlive.enabled()) {
            set(socket, ExtendedSocketOptions.TCP_KEEPIDLE, (int)
                    keepAlive.idle().toSeconds());
            set(socket, ExtendedSocketOptions.TCP_KEEPINTERVAL, (int)
                    keepAlive.interval().toSeconds());
            set(socket, ExtendedSocketOptions.TCP_KEEPCOUNT, keepAlive.count());
        }
    }

    private static void set(SocketChannel socket, SocketOption<Integer> option, int value) throws IOException {
        if (value > 0 && socket.supportedOptions().contains(option)) {
            socket.setOption(option, value);
        }
    }

    private void awaitOrThrow(int interest, Deadline deadline) throws IOException, InterruptedException {
        switch (await(interest, deadline, true)) {
            case TIMED_OUT -> throw new SocketTimeoutException("no answer within " + deadline);
            case INTERRUPTED -> throw new InterruptedException("interrupted while connecting");
            case READY -> {}
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable closeable) {
        if (closeable != null) {
            try {
                closeable.close();
            } catch (Exception e) {
                // There is nothing left to lose.
            }
        }
    }
}
