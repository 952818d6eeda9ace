package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.SslCertMode;
import io.github.pgpure.SslClientCert;
import io.github.pgpure.SslMode;
import io.github.pgpure.SslPolicy;
import io.github.pgpure.TlsVersion;
import io.github.pgpure.test.PemFiles;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.TestAuthority;
import io.github.pgpure.test.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.AlgorithmParameters;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.StandardConstants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sslrootcert}, {@code sslcert} and {@code sslkey}: what they let in, what they keep out, and what is wrong with them. */
class TlsFilesIT {

    private static final String KEY_PASSWORD = "key sesame-4711";

    @TempDir
    static Path directory;

    private static PostgresServer server;
    private static TestCertificate client;
    private static TestCertificate certificate;
    private static Path rootCert;
    private static Path otherCert;
    private static Path clientCert;
    private static Path clientKey;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        certificate = server.enableTls();
        client = TestCertificate.selfSigned("ada", "dns:ada");
        TestCertificate other = TestCertificate.selfSigned("localhost", "dns:localhost");
        rootCert = PemFiles.certificate(directory, "root.crt", certificate);
        otherCert = PemFiles.certificate(directory, "other.crt", other);
        clientCert = PemFiles.certificate(directory, "client.crt", client);
        clientKey = PemFiles.key(directory, "client.key", client);
        server.createRole("ada", "not asked for");
        server.createRole("trusted", "not asked for");
        server.execute("alter system set ssl_ca_file = '" + clientCert + "'");
        server.withHba("hostssl all ada all cert", "host all trusted all trust", "host all ada all reject"); // for good
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    // --- sslrootcert -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(
            value = SslMode.class,
            names = {"DISABLE", "ALLOW"},
            mode = EnumSource.Mode.EXCLUDE)
    void serverIsVerifiedInEachModeThatStartsWithTls(SslMode mode) {
        try (PgConnection connection =
                PgConnection.open(trusted().sslMode(mode).sslRootCert(rootCert).build())) {
            assertThat(isEncrypted(connection)).isTrue();
        }
        assertThatThrownBy(() -> PgConnection.open(
                        trusted().sslMode(mode).sslRootCert(otherCert).build()))
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("sslrootcert");
    }

    @Test
    void connectionStringNamesTheFiles() {
        String uri = "postgresql://ada@localhost:" + server.port() + "/" + server.database() + "?sslrootcert="
                + rootCert + "&sslcert=" + clientCert + "&sslkey=" + clientKey;
        try (PgConnection connection = PgConnection.open(uri)) {
            assertThat(connection
                            .fetchOne("select client_dn from pg_stat_ssl where pid = pg_backend_pid()")
                            .getString(0))
                    .isEqualTo("/CN=ada");
        }
    }

    @Test
    void fileMayHoldSeveralAuthoritiesAndText() throws IOException {
        Path bundle = Files.writeString(
                directory.resolve("bundle.crt"),
                "Some authority\n" + Files.readString(otherCert) + "\n# another\n" + Files.readString(rootCert));
        PgConnection.open(trusted().sslRootCert(bundle).build()).close();
    }

    @Test
    void jvmsAuthoritiesDoNotKnowTheTestCertificate() {
        assertThatThrownBy(() -> PgConnection.open(trusted()
                        .sslRootCert(PgConnectOptions.SSL_ROOT_CERT_SYSTEM)
                        .build()))
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("TLS handshake failed");
    }

    @Test
    void hostnameIsVerifiedByDefaultAndAlsoWithAnAddress() {
        // The certificate names localhost; hostaddr takes the place of name resolution alone.
        PgConnectOptions named = PgConnectOptions.parse("host=localhost hostaddr=127.0.0.1 user=trusted port="
                + server.port() + " dbname=" + server.database() + " sslrootcert=" + rootCert);
        PgConnection.open(named).close();
        PgConnectOptions misnamed = PgConnectOptions.parse("host=db.example.com hostaddr=127.0.0.1 user=trusted port="
                + server.port() + " dbname=" + server.database() + " sslrootcert=" + rootCert);
        assertThatThrownBy(() -> PgConnection.open(misnamed))
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("db.example.com");
        PgConnection.open(misnamed.toBuilder().sslMode(SslMode.VERIFY_CA).build())
                .close();
    }

    @Test
    void changedFileIsReadAgain() throws IOException {
        Path file = Files.copy(otherCert, directory.resolve("changing.crt"));
        PgConnectOptions options = trusted().sslRootCert(file).build();
        assertThatThrownBy(() -> PgConnection.open(options)).isInstanceOf(PgConnectionException.class);
        Files.writeString(file, Files.readString(rootCert));
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() + 5_000));
        PgConnection.open(options).close();
        assertThat(contextOf(options)).as("and kept until it changes").isSameAs(contextOf(options));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                                              | has no certificate",
                "-----BEGIN CERTIFICATE-----;SeCr;-----END CERTIFICATE-----       | has a certificate that is malformed",
                "-----BEGIN PRIVATE KEY-----;SeCr;-----END PRIVATE KEY-----       | has no certificate",
            })
    void uselessRootCertIsNamed(String text, String message) throws IOException {
        Path file = Files.writeString(directory.resolve("useless.crt"), text.replace(';', '\n'));
        assertFails(trusted().sslRootCert(file), "sslrootcert " + file + " " + message);
        assertFails(
                trusted().sslRootCert(directory.resolve("no.crt")), "no.crt could not be read (NoSuchFileException)");
    }

    // --- sslcert and sslkey ------------------------------------------------------------------------------------------

    @Test
    void clientIsKnownByItsCertificate() {
        for (PgConnectOptions.Builder options : new PgConnectOptions.Builder[] {
            ada().sslRootCert(rootCert), ada().sslMode(SslMode.REQUIRE), ada().sslMode(SslMode.PREFER)
        }) {
            PgConnection.open(options.sslClientCert(new SslClientCert(clientCert, clientKey, null))
                            .build())
                    .close();
            assertThatThrownBy(
                            () -> PgConnection.open(options.sslClientCert(null).build()))
                    .isInstanceOf(PgServerException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PBEWithHmacSHA256AndAES_256", "PBEWithHmacSHA1AndAES_128"})
    void encryptedKeyNeedsItsPassword(String algorithm) throws Exception {
        Path key = PemFiles.write(directory.resolve(algorithm), encryptedKey(algorithm), "rw-------");
        PgConnection.open(ada().sslRootCert(rootCert)
                        .sslClientCert(new SslClientCert(clientCert, key, KEY_PASSWORD))
                        .build())
                .close();
        assertFails(
                ada().sslRootCert(rootCert).sslClientCert(new SslClientCert(clientCert, key, null)),
                "is encrypted: give its password with sslpassword");
        assertFails(
                ada().sslRootCert(rootCert).sslClientCert(new SslClientCert(clientCert, key, "wrong-SeCr")),
                "check sslpassword");
    }

    @ParameterizedTest
    @CsvSource({"rw-r--r--, false", "rw----r--, false", "rw--w----, false", "rw-------, true", "r--------, true"})
    void keyThatOthersCanReadIsRefused(String permissions, boolean accepted) throws IOException {
        assumeThat(directory.getFileSystem().supportedFileAttributeViews()).contains("posix");
        Path key =
                PemFiles.write(Files.createTempFile(directory, "k", ".key"), Files.readString(clientKey), permissions);
        PgConnectOptions.Builder options =
                ada().sslRootCert(rootCert).sslClientCert(new SslClientCert(clientCert, key, null));
        if (accepted) {
            PgConnection.open(options.build()).close();
        } else {
            assertFails(options, "can be read by others: a private key needs the permissions 0600");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                                           | has no private key",
                "-----BEGIN PRIVATE KEY-----;SeCr;-----END PRIVATE KEY-----   | is malformed",
                "-----BEGIN RSA PRIVATE KEY-----;SeCr;-----END RSA PRIVATE KEY----- | is malformed",
                "-----BEGIN EC PRIVATE KEY-----;;-----END EC PRIVATE KEY-----       | is malformed",
                "-----BEGIN DSA PRIVATE KEY-----;SeCr;-----END DSA PRIVATE KEY----- | is not in PKCS #8: convert it with openssl pkcs8",
                "-----BEGIN RSA PRIVATE KEY-----;Proc-Type: 4,ENCRYPTED;DEK-Info: AES-128-CBC,00;;SeCr;-----END RSA PRIVATE KEY----- | is encrypted in a way of old that is weak: convert it",
            })
    void uselessKeyIsNamed(String text, String message) {
        Path key = PemFiles.write(directory.resolve("useless.key"), text.replace(';', '\n'), "rw-------");
        assertFails(
                ada().sslRootCert(rootCert).sslClientCert(new SslClientCert(clientCert, key, null)),
                "sslkey " + key + " " + message);
    }

    @Test
    void keyMayBeInTheFormatOfOld() {
        Path key = PemFiles.write(directory.resolve("sec1.key"), client.sec1KeyPem(), "rw-------");
        PgConnection.open(ada().sslRootCert(rootCert)
                        .sslClientCert(new SslClientCert(clientCert, key, null))
                        .build())
                .close();
    }

    @ParameterizedTest
    @CsvSource({"RSA, 2048", "RSA, 3072", "EC, 256", "EC, 521"})
    void keysOfBothOldFormatsAreTheSameKeys(String algorithm, int size) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(size);
        KeyPair pair = generator.generateKeyPair();
        String pem = "-----BEGIN " + algorithm + " PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(TestCertificate.oldFormat(pair.getPrivate()))
                + "\n-----END " + algorithm + " PRIVATE KEY-----\n";
        Path file = PemFiles.write(directory.resolve("old.key"), pem, "rw-------");
        PrivateKey read = new PemFile("sslkey", file).privateKey(null, pair.getPublic());
        Signature signature = Signature.getInstance(algorithm.equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
        signature.initSign(read);
        signature.update(new byte[] {1, 2, 3});
        byte[] signed = signature.sign();
        signature.initVerify(pair.getPublic());
        signature.update(new byte[] {1, 2, 3});
        assertThat(signature.verify(signed)).isTrue();
    }

    // --- sslcertmode, versions, sslsni, sslcrl -----------------------------------------------------------------------

    @Test
    void certificateThatIsNotToBeSentIsNot() {
        PgConnectOptions.Builder options = ada().sslRootCert(rootCert).sslClientCert(clientFiles());
        PgConnection.open(options.sslPolicy(certMode(SslCertMode.REQUIRE)).build())
                .close();
        assertThatThrownBy(() -> PgConnection.open(
                        options.sslPolicy(certMode(SslCertMode.DISABLE)).build()))
                .isInstanceOf(PgServerException.class);
    }

    @Test
    void serverThatDoesNotAskForTheCertificateIsRefusedWhereItMust() throws Exception {
        try (SSLServerSocket listener = tlsServer(certificate)) {
            serve(listener);
            assertThatThrownBy(() -> PgConnection.open(direct(
                            listener,
                            "&sslcertmode=require&sslcert=" + clientCert + "&sslkey=" + clientKey + "&sslrootcert="
                                    + rootCert)))
                    .isInstanceOf(PgConnectionException.class)
                    .hasMessageContaining("sslcertmode=require");
        }
    }

    @ParameterizedTest
    @CsvSource({"V1_2, V1_2, TLSv1.2", "V1_3, V1_3, TLSv1.3", "V1_2, V1_3, TLSv1.3"})
    void versionsOfTlsAreLimited(TlsVersion min, TlsVersion max, String used) {
        var policy = new SslPolicy(min, max, SslCertMode.ALLOW, null, null, true);
        try (PgConnection connection = PgConnection.open(
                trusted().sslRootCert(rootCert).sslPolicy(policy).build())) {
            assertThat(connection
                            .fetchOne("select version from pg_stat_ssl where pid = pg_backend_pid()")
                            .getString(0))
                    .isEqualTo(used);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, true", "0, false"})
    void serversNameIsSentUnlessItMustNot(String sni, boolean sent) throws Exception {
        try (SSLServerSocket listener = tlsServer(certificate)) {
            CompletableFuture<Boolean> named = new CompletableFuture<>();
            var parameters = listener.getSSLParameters();
            parameters.setSNIMatchers(List.of(new SNIMatcher(StandardConstants.SNI_HOST_NAME) {
                @Override
                public boolean matches(SNIServerName name) {
                    named.complete(true);
                    return true;
                }
            }));
            listener.setSSLParameters(parameters);
            serve(listener);
            // SNI is for names with a dot: one label alone is not sent by the JDK.
            assertThatThrownBy(() -> PgConnection.open(direct(listener, "&hostaddr=127.0.0.1&sslsni=" + sni)
                            .replace("@localhost", "@db.example.com")))
                    .isInstanceOf(PgConnectionException.class);
            assertThat(named.isDone()).isEqualTo(sent);
        }
    }

    @Test
    void revokedCertificateIsRefused() throws Exception {
        var authority = new TestAuthority(Files.createTempDirectory(directory, "authority"));
        Path root = authority.certificate();
        TestCertificate good = authority.issue("localhost", "dns:localhost");
        Path empty = authority.revoke("empty.crl");
        Path full = authority.revoke("full.crl", good);
        Path lists = Files.createDirectory(directory.resolve("lists"));
        Files.copy(full, lists.resolve("any.name"));
        Path foreign = new TestAuthority(Files.createTempDirectory(directory, "foreign")).revoke("foreign.crl");
        try (SSLServerSocket listener = tlsServer(good)) {
            serve(listener);
            String trusting = "&sslrootcert=" + root;
            for (String trusted : List.of(trusting, trusting + "&sslcrl=" + empty)) {
                assertThatThrownBy(() -> PgConnection.open(direct(listener, trusted)))
                        .as("comes to the end of the handshake")
                        .hasMessageContaining("closed the connection");
            }
            for (String refused : List.of("&sslcrl=" + full, "&sslcrldir=" + lists, "&sslcrl=" + foreign)) {
                assertThatThrownBy(() -> PgConnection.open(direct(listener, trusting + refused)))
                        .as(refused)
                        .isInstanceOf(PgConnectionException.class)
                        .hasMessageContaining("TLS handshake failed");
            }
            assertThatThrownBy(() -> PgConnection.open(direct(listener, trusting + "&sslcrl=" + root)))
                    .hasMessageContaining("has no list of revoked certificates");
        }
    }

    private static SslClientCert clientFiles() {
        return new SslClientCert(clientCert, clientKey, null);
    }

    private static SslPolicy certMode(SslCertMode mode) {
        return new SslPolicy(TlsVersion.V1_2, TlsVersion.V1_3, mode, null, null, true);
    }

    private static String direct(SSLServerSocket listener, String parameters) {
        return "postgresql://ada@localhost:" + listener.getLocalPort() + "/d?sslnegotiation=direct" + parameters;
    }

    private static void serve(SSLServerSocket listener) {
        var parameters = listener.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"postgresql"});
        listener.setSSLParameters(parameters);
        Thread thread = new Thread(() -> closeAfterFirstBytes(listener), "tls-server");
        thread.setDaemon(true);
        thread.start();
    }

    // --- sslnegotiation=direct ---------------------------------------------------------------------------------------

    /** A TLS server that is no PostgreSQL server chooses no protocol, or another one. */
    @ParameterizedTest
    @ValueSource(strings = {"", "postgresql"})
    void directTlsNeedsTheServersConfirmation(String protocol) throws Exception {
        try (SSLServerSocket listener = tlsServer(certificate)) {
            var parameters = listener.getSSLParameters();
            parameters.setApplicationProtocols(protocol.isEmpty() ? new String[0] : new String[] {protocol});
            listener.setSSLParameters(parameters);
            Thread thread = new Thread(() -> closeAfterFirstBytes(listener), "tls-server");
            thread.setDaemon(true);
            thread.start();
            assertThatThrownBy(() -> PgConnection.open("host=localhost sslnegotiation=direct sslrootcert=" + rootCert
                            + " user=ada dbname=d port=" + listener.getLocalPort()))
                    .isInstanceOf(PgConnectionException.class)
                    .hasMessageContaining(protocol.isEmpty() ? "did not confirm by ALPN" : "closed the connection");
        }
    }

    private static void closeAfterFirstBytes(ServerSocket listener) {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                socket.getInputStream().read();
            } catch (IOException e) {
                // The client has refused the handshake, or the test is over.
            }
        }
    }

    private static SSLServerSocket tlsServer(TestCertificate certificate) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        Path serverKey = PemFiles.key(directory, "server.key", certificate);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "server",
                new PemFile("sslkey", serverKey)
                        .privateKey(null, certificate.certificate().getPublicKey()),
                new char[0],
                new Certificate[] {certificate.certificate()});
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        context.init(keys.getKeyManagers(), null, null);
        ServerSocketFactory factory = context.getServerSocketFactory();
        return (SSLServerSocket) factory.createServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    // --- help --------------------------------------------------------------------------------------------------------

    private static void assertFails(PgConnectOptions.Builder options, String message) {
        assertThatThrownBy(() -> PgConnection.open(options.build()))
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining(message)
                .satisfies(e -> {
                    for (Throwable t = e; t != null; t = t.getCause()) {
                        assertThat(t.toString()).doesNotContain("SeCr").doesNotContain("4711");
                    }
                });
    }

    private static SSLContext contextOf(PgConnectOptions options) throws IOException {
        return ConnectCache.of(options).sslContext(options).get();
    }

    private static String encryptedKey(String algorithm) throws Exception {
        byte[] salt = new byte[16];
        byte[] iv = new byte[16];
        new SecureRandom().nextBytes(salt);
        new SecureRandom().nextBytes(iv);
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(KEY_PASSWORD.toCharArray())),
                new PBEParameterSpec(salt, 2048, new IvParameterSpec(iv)));
        String plain = client.privateKeyPem().replaceAll("-----[A-Z ]+-----", "");
        byte[] encrypted = cipher.doFinal(Base64.getMimeDecoder().decode(plain));
        // By its name in the standard, under which OpenSSL writes it too.
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
        parameters.init(cipher.getParameters().getEncoded());
        byte[] der = new EncryptedPrivateKeyInfo(parameters, encrypted).getEncoded();
        return "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END ENCRYPTED PRIVATE KEY-----\n";
    }

    private static boolean isEncrypted(PgConnection connection) {
        return connection
                .fetchOne("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
                .getBoolean(0);
    }

    private static PgConnectOptions.Builder trusted() {
        return options("trusted");
    }

    private static PgConnectOptions.Builder ada() {
        return options("ada");
    }

    private static PgConnectOptions.Builder options(String user) {
        return PgConnectOptions.builder()
                .host("localhost")
                .port(server.port())
                .database(server.database())
                .username(user);
    }
}
