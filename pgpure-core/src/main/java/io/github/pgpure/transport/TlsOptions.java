package io.github.pgpure.transport;

import javax.net.ssl.SSLContext;

/**
 * How a connection is to be encrypted.
 *
 * @param context trust and client certificates
 * @param host the server's name, for SNI and for the verification of its certificate
 * @param port the server's port
 * @param verifyHostname whether the certificate must name that host
 */
public record TlsOptions(SSLContext context, String host, int port, boolean verifyHostname) {}
