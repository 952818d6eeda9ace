package io.github.pgpure.spring.boot;

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
}
