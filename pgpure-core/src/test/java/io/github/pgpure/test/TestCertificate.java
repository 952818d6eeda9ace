package io.github.pgpure.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A self-signed certificate with its key, made while the test runs by the JDK's own keytool. Immutable. */
public final class TestCertificate {

    private static final String ALIAS = "server";
    private static final String STORE_PASSWORD = "changeit";

    private final PrivateKey privateKey;
    private final X509Certificate certificate;

    TestCertificate(PrivateKey privateKey, X509Certificate certificate) {
        this.privateKey = privateKey;
        this.certificate = certificate;
    }

    /**
     * Makes one that is valid for ten years.
     *
     * @param subjectAlternativeNames as keytool has them, for example {@code dns:localhost} or {@code ip:127.0.0.1}
     */
    public static TestCertificate selfSigned(String commonName, String... subjectAlternativeNames) {
        try {
            Path directory = Files.createTempDirectory("pgpure-certificate");
            Path store = directory.resolve("store.p12");
            try {
                keytool(store, commonName, subjectAlternativeNames);
                return load(store);
            } finally {
                Files.deleteIfExists(store);
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public String certificatePem() {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The unencrypted key in PKCS #8. */
    public String privateKeyPem() {
        return pem("PRIVATE KEY", privateKey.getEncoded());
    }

    /** The unencrypted key as OpenSSL writes one for elliptic curves of old (SEC 1): what PKCS #8 has at its end. */
    public String sec1KeyPem() {
        return pem("EC PRIVATE KEY", oldFormat(privateKey));
    }

    /** A key without the wrapping of PKCS #8: a version, the algorithm, and the octets that are wanted. */
    public static byte[] oldFormat(PrivateKey key) {
        ByteBuffer pkcs8 = ByteBuffer.wrap(key.getEncoded());
        elementLength(pkcs8);
        for (int skipped = 0; skipped < 2; skipped++) {
            int length = elementLength(pkcs8);
            pkcs8.position(pkcs8.position() + length);
        }
        byte[] octets = new byte[elementLength(pkcs8)];
        pkcs8.get(octets);
        return octets;
    }

    private static int elementLength(ByteBuffer der) {
        der.get();
        int length = der.get() & 0xff;
        if (length > 0x7f) {
            int bytes = length & 0x7f;
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = length << 8 | der.get() & 0xff;
            }
        }
        return length;
    }

    /** A store that trusts this certificate and no other. */
    public KeyStore trustStore() {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(ALIAS, certificate);
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A client's context that trusts this certificate and no other. */
    public SSLContext clientContext() {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trustStore());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TestCertificate load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, STORE_PASSWORD.toCharArray());
        }
        PrivateKey key = (PrivateKey) store.getKey(ALIAS, STORE_PASSWORD.toCharArray());
        return new TestCertificate(key, (X509Certificate) store.getCertificate(ALIAS));
    }

    private static void keytool(Path store, String commonName, String... names) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "3650",
                "-dname",
                "CN=" + commonName,
                "-ext",
                "SAN=" + String.join(",", names),
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                STORE_PASSWORD);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("keytool failed: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while keytool ran", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String pem(String type, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }
}
