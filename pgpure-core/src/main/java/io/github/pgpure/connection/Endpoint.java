package io.github.pgpure.connection;

import io.github.pgpure.PgProtocolException;
import io.github.pgpure.TcpKeepAlive;
import io.github.pgpure.protocol.FrontendBuffer;
import io.github.pgpure.protocol.FrontendMessage;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.TlsOptions;
import io.github.pgpure.transport.Transport;
import io.github.pgpure.transport.Wakeup;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One address of a server and how to encrypt: what a session was opened with, and what a cancel request for it must use again.
 *
 * @param address the address, resolved
 * @param tls how to encrypt, null for not at all
 * @param direct whether to begin with the TLS handshake, without asking for it
 * @param keepAlive how TCP finds out that the server is gone
 * @param requirePeer the user that has to run the server of a Unix socket; null for any
 */
record Endpoint(
        SocketAddress address,
        @Nullable TlsOptions tls,
        boolean direct,
        TcpKeepAlive keepAlive,
        @Nullable String requirePeer) {

    /** What clients and servers of this protocol call it in TLS (ALPN). */
    static final String APPLICATION_PROTOCOL = "postgresql";

    /** The server does not do TLS. */
    static final class TlsRefused extends IOException {

        private static final long serialVersionUID = 1L;

        TlsRefused() {
            super("the server does not accept encrypted connections (ssl is off)");
        }
    }

    /**
     * Connects, and encrypts.
     *
     * @throws TlsRefused when TLS is wanted and the server does not do it
     */
    Transport open(Deadline deadline) throws IOException, InterruptedException {
        return open(deadline, deadline);
    }

    /**
     * Connects, and encrypts.
     *
     * @param firstAnswer limits the time until the server's host has answered, and where there is encryption, the server
     * @param deadline limits all of it
     * @throws TlsRefused when TLS is wanted and the server does not do it
     */
    Transport open(Deadline firstAnswer, Deadline deadline) throws IOException, InterruptedException {
        Transport transport = Transport.connect(address, keepAlive, firstAnswer);
        try {
            if (requirePeer != null && address instanceof UnixDomainSocketAddress) {
                String peer = transport.peerUser();
                if (!peer.equals(requirePeer)) {
                    throw new IOException("the server at the Unix socket is run by the user \"" + peer + "\", not by \""
                            + requirePeer + "\" as requirepeer wants");
                }
            }
            if (tls != null) {
                if (!direct && !requestTls(transport, firstAnswer)) {
                    throw new TlsRefused();
                }
                transport.startTls(tls, direct ? firstAnswer : deadline);
                if (direct && !APPLICATION_PROTOCOL.equals(transport.applicationProtocol())) {
                    // Otherwise some other TLS server could be made to take what we say for its own protocol.
                    throw new SSLException(
                            "the server did not confirm by ALPN that it speaks PostgreSQL's protocol, which"
                                    + " sslnegotiation=direct needs: it may be older than version 17, or another kind of server");
                }
            }
            return transport;
        } catch (Throwable e) {
            transport.close();
            throw e;
        }
    }

    /**
     * Returns when the server has answered on a connection of its own, which needs neither a login nor room for a session: it is alive, and
     * the way to it is open.
     *
     * @throws SocketTimeoutException when it has not by the deadline
     */
    void awaitAnswer(Deadline deadline) throws IOException, InterruptedException {
        if (direct) {
            open(deadline).close();
            return;
        }
        Transport transport = Transport.connect(address, keepAlive, deadline);
        try {
            requestTls(transport, deadline); // any server answers this, one without TLS with a no
        } finally {
            transport.close();
        }
    }

    /** <a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL">SSL Session Encryption</a>. */
    private static boolean requestTls(Transport transport, Deadline deadline) throws IOException, InterruptedException {
        var request = new FrontendBuffer();
        new FrontendMessage.SSLRequest().encode(request);
        ByteBuffer bytes = request.view();
        while (!transport.write(bytes)) {
            await(transport, true, deadline);
        }
        // Room for two bytes: what comes in plain text behind the answer was smuggled in (CVE-2021-23222).
        ByteBuffer answer = ByteBuffer.allocate(2);
        while (true) {
            int count = transport.read(answer);
            if (count < 0) {
                throw new IOException("the server closed the connection when asked for encryption");
            }
            if (count > 0) {
                break;
            }
            await(transport, false, deadline);
        }
        if (answer.position() > 1) {
            throw new PgProtocolException(
                    "the server, or somebody between, sent data in plain text before the TLS handshake; the connection is not safe");
        }
        return switch (answer.get(0)) {
            case 'S' -> true;
            case 'N' -> false;
            case 'E' ->
                throw new PgProtocolException(
                        "the server answered the request for encryption with an error; is it very old?");
            default ->
                throw new PgProtocolException(
                        "the server gave an impossible answer to the request for encryption; is it a PostgreSQL server?");
        };
    }

    private static void await(Transport transport, boolean alsoWritable, Deadline deadline)
            throws IOException, InterruptedException {
        Wakeup wakeup = transport.await(alsoWritable, deadline, true);
        if (wakeup == Wakeup.TIMED_OUT) {
            throw new SocketTimeoutException("no answer within " + deadline);
        }
        if (wakeup == Wakeup.INTERRUPTED) {
            throw new InterruptedException("interrupted while connecting");
        }
    }
}
