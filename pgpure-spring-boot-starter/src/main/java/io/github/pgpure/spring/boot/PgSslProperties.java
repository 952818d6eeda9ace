package io.github.pgpure.spring.boot;

import io.github.pgpure.SslClientCert;
import io.github.pgpure.SslMode;
import io.github.pgpure.SslNegotiation;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** TLS. */
public class PgSslProperties {

    /** Whether and how strictly TLS is used. Default is the one of url, else verify-full with a bundle and prefer without. */
    private @Nullable SslMode mode;

    /** SSL bundle with the certificates to trust and, where wanted, the client's own. */
    private @Nullable String bundle;

    /** How TLS begins. */
    private @Nullable SslNegotiation negotiation;

    /** PEM file of the authorities to trust, or system for those of the JVM. A bundle does the same and more. */
    private @Nullable Path rootCert;

    /** PEM file of the client's certificate. Used with private-key; a bundle does the same and more. */
    private @Nullable Path certificate;

    /** PEM file of the certificate's private key in PKCS #8, readable for its owner alone. */
    private @Nullable Path privateKey;

    /** Password that the private key is encrypted with. Default is none. */
    private @Nullable String privateKeyPassword;

    public @Nullable SslMode getMode() {
        return mode;
    }

    public void setMode(@Nullable SslMode mode) {
        this.mode = mode;
    }

    public @Nullable String getBundle() {
        return bundle;
    }

    public void setBundle(@Nullable String bundle) {
        this.bundle = bundle;
    }

    public @Nullable SslNegotiation getNegotiation() {
        return negotiation;
    }

    public void setNegotiation(@Nullable SslNegotiation negotiation) {
        this.negotiation = negotiation;
    }

    public @Nullable Path getRootCert() {
        return rootCert;
    }

    public void setRootCert(@Nullable Path rootCert) {
        this.rootCert = rootCert;
    }

    public @Nullable Path getCertificate() {
        return certificate;
    }

    public void setCertificate(@Nullable Path certificate) {
        this.certificate = certificate;
    }

    public @Nullable Path getPrivateKey() {
        return privateKey;
    }

    public void setPrivateKey(@Nullable Path privateKey) {
        this.privateKey = privateKey;
    }

    public @Nullable String getPrivateKeyPassword() {
        return privateKeyPassword;
    }

    public void setPrivateKeyPassword(@Nullable String privateKeyPassword) {
        this.privateKeyPassword = privateKeyPassword;
    }

    /** The client's certificate; null where none is named. */
    @Nullable
    SslClientCert toClientCert() {
        if (certificate == null && privateKey == null) {
            return null;
        }
        if (certificate == null || privateKey == null) {
            throw new PgPureConfigurationException(
                    "Only one of the properties 'pgpure.ssl.certificate' and 'pgpure.ssl.private-key' is set.",
                    "Set both: a certificate proves nothing without its key.",
                    null);
        }
        return new SslClientCert(certificate, privateKey, privateKeyPassword);
    }
}
