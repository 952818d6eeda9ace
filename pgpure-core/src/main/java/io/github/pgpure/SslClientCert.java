package io.github.pgpure;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The certificate with which a client proves who it is, as PEM files
 * (<a href="https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-CLIENTCERT">manual</a>). They are read when a connection is
 * opened, and again when they have changed. {@link #toString()} shows the paths alone.
 *
 * @param certificate the certificate, followed by those of intermediate authorities, if any
 * @param key its private key in PKCS #8, encrypted or not, PKCS #1 or SEC 1; the file must not be readable for others than its owner
 * @param keyPassword what the key is encrypted with; null for nothing
 */
public record SslClientCert(
        Path certificate, Path key, @Nullable String keyPassword) {

    @Override
    public String toString() {
        return "SslClientCert[" + certificate + ", " + key + "]";
    }
}
