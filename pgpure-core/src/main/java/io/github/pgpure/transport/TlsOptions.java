package io.github.pgpure.transport;

import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a connection is to be encrypted.
 *
 * @param context trust and client certificates
 * @param host the server's name, for SNI and for the verification of its certificate
 * @param port the server's port
 * @param verifyHostname whether the certificate must name that host
 * @param applicationProtocol what to offer by ALPN; null for nothing
 */
public record TlsOptions(
        SSLContext context,
        String host,
        int port,
        boolean verifyHostname,
        @Nullable String applicationProtocol) {}
