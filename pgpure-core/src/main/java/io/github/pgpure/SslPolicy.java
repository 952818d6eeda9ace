package io.github.pgpure;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The finer points of TLS, those that few need; immutable.
 *
 * @param minVersion the oldest version of TLS that is acceptable; {@link TlsVersion#V1_2} by default
 * @param maxVersion the newest version of TLS that is offered; {@link TlsVersion#V1_3} by default
 * @param certMode whether the client's certificate is sent
 * @param crl a PEM file of certificates that were revoked; null for none. Read again when it has changed; has no effect on an {@link
 *     javax.net.ssl.SSLContext} of the application. Every certificate of the server but that of the authority that is trusted is looked up,
 *     and refused where no list speaks of it
 * @param crlDirectory a directory of such files, all of which are read; null for none
 * @param sni whether the server's name is sent in the clear (SNI), as proxies need it; on by default
 */
public record SslPolicy(
        TlsVersion minVersion,
        TlsVersion maxVersion,
        SslCertMode certMode,
        @Nullable Path crl,
        @Nullable Path crlDirectory,
        boolean sni) {

    /** What most want. */
    public static final SslPolicy DEFAULT =
            new SslPolicy(TlsVersion.V1_2, TlsVersion.V1_3, SslCertMode.ALLOW, null, null, true);

    /** @throws IllegalArgumentException when no version of TLS is left */
    public SslPolicy {
        Objects.requireNonNull(certMode, "certMode");
        if (minVersion.compareTo(maxVersion) > 0) {
            throw new IllegalArgumentException("ssl_min_protocol_version " + minVersion.keyword()
                    + " is above ssl_max_protocol_version " + maxVersion.keyword());
        }
    }

    /** Whether certificates that were revoked are looked for. */
    public boolean checksRevocation() {
        return crl != null || crlDirectory != null;
    }
}
