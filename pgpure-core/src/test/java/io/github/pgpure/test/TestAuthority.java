package io.github.pgpure.test;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority that issues certificates and revokes them, by the JDK's own keytool. For one thread. */
public final class TestAuthority {

    private static final String PASSWORD = "changeit";

    private final Path directory;
    private final Path store;

    /** @param directory where its files are, an empty one */
    public TestAuthority(Path directory) {
        this.directory = directory;
        this.store = directory.resolve("authority.p12");
        keytool(
                "-genkeypair",
                "-alias",
                "ca",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=Test authority",
                "-ext",
                "bc:c",
                "-ext",
                "KU=keyCertSign,cRLSign");
    }

    /** Its own certificate, in PEM. */
    public Path certificate() {
        Path file = directory.resolve("authority.crt");
        keytool("-exportcert", "-alias", "ca", "-rfc", "-file", file.toString());
        return file;
    }

    /** Issues a certificate with a key of its own. */
    public TestCertificate issue(String commonName, String subjectAlternativeName)
            throws IOException, GeneralSecurityException {
        Path request = directory.resolve(commonName + ".csr");
        Path issued = directory.resolve(commonName + ".crt");
        keytool(
                "-genkeypair",
                "-alias",
                commonName,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + commonName);
        keytool("-certreq", "-alias", commonName, "-file", request.toString());
        keytool(
                "-gencert",
                "-alias",
                "ca",
                "-infile",
                request.toString(),
                "-outfile",
                issued.toString(),
                "-ext",
                "SAN=" + subjectAlternativeName);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store);
                InputStream certificate = Files.newInputStream(issued)) {
            keys.load(in, PASSWORD.toCharArray());
            return new TestCertificate((PrivateKey) keys.getKey(commonName, PASSWORD.toCharArray()), (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(certificate));
        }
    }

    /** Writes a list of the certificates that it has revoked, in PEM. */
    public Path revoke(String fileName, TestCertificate... revoked) {
        Path file = directory.resolve(fileName);
        List<String> command =
                new ArrayList<>(List.of("-gencrl", "-alias", "ca", "-rfc", "-file", file.toString(), "-id", "1"));
        for (TestCertificate certificate : revoked) {
            command.add("-id");
            command.add(certificate.certificate().getSerialNumber().toString());
        }
        keytool(command.toArray(new String[0]));
        return file;
    }

    private void keytool(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(Arrays.asList(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException("keytool failed: " + output);
            }
        } catch (IOException e) {
            throw new IllegalStateException("keytool could not be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while keytool ran", e);
        }
    }
}
