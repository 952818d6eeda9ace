package io.github.pgpure.transport;

import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a connection is to be encrypted.
 *
 * @param context trust and client certificates; asked for only when the server has agreed to encrypt
 * @param host the server's name, for SNI and for the verification of its certificate
 * @param port the server's port
 * @param verifyHostname whether the certificate must name that host
 * @param applicationProtocol what to offer by ALPN; null for nothing
 * @param protocols the versions of TLS to offer, by their names in the JDK; empty for those of the context
 * @param sni whether to send the server's name
 * @param requireClientCertificate whether a server that does not ask for the client's certificate is refused
 */
public record TlsOptions(
        Supplier<SSLContext> context,
        String host,
        int port,
        boolean verifyHostname,
        @Nullable String applicationProtocol,
        List<String> protocols,
        boolean sni,
        boolean requireClientCertificate) {}
