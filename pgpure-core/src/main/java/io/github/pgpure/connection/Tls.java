package io.github.pgpure.connection;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.SslCertMode;
import io.github.pgpure.SslClientCert;
import io.github.pgpure.SslMode;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** The TLS contexts: the application's, or one made of files, or the JVM's, or one for encryption alone. */
final class Tls {

    private Tls() {}

    /**
     * The context that the options ask for; reads the files they name.
     *
     * @throws IOException when a file cannot be used; the message says which and why
     */
    static Supplier<SSLContext> context(PgConnectOptions options) throws IOException {
        SSLContext own = options.sslContext();
        if (own != null) {
            return () -> own;
        }
        Path rootCert = options.sslRootCert();
        boolean verifies = rootCert != null || options.sslMode().compareTo(SslMode.VERIFY_CA) >= 0;
        SslClientCert clientCert =
                options.sslPolicy().certMode() == SslCertMode.DISABLE ? null : options.sslClientCert();
        if (rootCert == null && clientCert == null) {
            return verifies ? Tls::defaultContext : () -> Trusting.CONTEXT;
        }
        TrustManager[] trust = !verifies
                ? new TrustManager[] {new TrustEverybody()}
                : rootCert == null || rootCert.equals(PgConnectOptions.SSL_ROOT_CERT_SYSTEM)
                        ? null
                        : CertificateTrust.of(new PemFile("sslrootcert", rootCert).certificates(), options.sslPolicy());
        KeyManager[] keys = clientCert == null ? null : new KeyManager[] {keyManager(clientCert)};
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return () -> context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    private static KeyManager keyManager(SslClientCert files) throws IOException {
        List<X509Certificate> chain = new PemFile("sslcert", files.certificate()).certificates();
        return new ClientKeyManager(
                chain,
                new PemFile("sslkey", files.key())
                        .privateKey(files.keyPassword(), chain.get(0).getPublicKey()));
    }

    /** The JVM's own, which trusts the authorities the JVM trusts. */
    private static SSLContext defaultContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no default TLS context", e);
        }
    }

    /** One that trusts everybody, for the modes that encrypt without verifying: prefer, allow and require. */
    private static final class Trusting {

        static final SSLContext CONTEXT = create();

        private static SSLContext create() {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new TrustEverybody()}, null);
                return context;
            } catch (NoSuchAlgorithmException | KeyManagementException e) {
                throw new IllegalStateException("this JVM has no TLS", (GeneralSecurityException) e);
            }
        }
    }

    /** Extended, since the JDK wraps a plain one in checks of its own. */
    private static final class TrustEverybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
