package io.github.pgpure.connection;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Reads certificates and private keys from PEM files (RFC 7468). No exception shows what is in a file, nor has one of the JDK's as its
 * message that could.
 */
final class PemFile {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    private final Path path;
    private final String keyword;

    /** @param keyword what a connection string calls it */
    PemFile(String keyword, Path path) {
        this.keyword = keyword;
        this.path = path;
    }

    /** All certificates in the file; at least one. */
    List<X509Certificate> certificates() throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            Matcher blocks = BLOCK.matcher(text());
            while (blocks.find()) {
                if (blocks.group(1).equals("CERTIFICATE")) {
                    certificates.add((X509Certificate)
                            factory.generateCertificate(new ByteArrayInputStream(decode(blocks.group(2)))));
                }
            }
        } catch (GeneralSecurityException e) {
            throw unusable("has a certificate that is malformed", e);
        }
        if (certificates.isEmpty()) {
            throw unusable("has no certificate: a block BEGIN CERTIFICATE is expected", null);
        }
        return certificates;
    }

    /** All lists of revoked certificates in the file; at least one. */
    List<X509CRL> revocationLists() throws IOException {
        List<X509CRL> lists = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            Matcher blocks = BLOCK.matcher(text());
            while (blocks.find()) {
                if (blocks.group(1).equals("X509 CRL")) {
                    lists.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(decode(blocks.group(2)))));
                }
            }
        } catch (GeneralSecurityException e) {
            throw unusable("has a list of revoked certificates that is malformed", e);
        }
        if (lists.isEmpty()) {
            throw unusable("has no list of revoked certificates: a block BEGIN X509 CRL is expected", null);
        }
        return lists;
    }

    /**
     * The private key.
     *
     * @param password what it is encrypted with, null for nothing
     * @param publicKey that of the certificate it belongs to
     */
    PrivateKey privateKey(@Nullable String password, PublicKey publicKey) throws IOException {
        refuseOthersAccess();
        String algorithm = publicKey.getAlgorithm();
        String text = text();
        if (text.contains("Proc-Type: 4,ENCRYPTED")) {
            throw unusable(
                    "is encrypted in a way of old that is weak: convert it with openssl pkcs8 -topk8 -in old.key -out new.key",
                    null);
        }
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            String type = blocks.group(1);
            try {
                switch (type) {
                    case "PRIVATE KEY" -> {
                        return KeyFactory.getInstance(algorithm)
                                .generatePrivate(new PKCS8EncodedKeySpec(decode(blocks.group(2))));
                    }
                    case "ENCRYPTED PRIVATE KEY" -> {
                        if (password == null) {
                            throw unusable("is encrypted: give its password with sslpassword", null);
                        }
                        return KeyFactory.getInstance(algorithm).generatePrivate(decrypt(blocks.group(2), password));
                    }
                    case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
                        byte[] pkcs8 = OldKeyFormat.toPkcs8(decode(blocks.group(2)), publicKey);
                        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
                    }
                    case "DSA PRIVATE KEY" ->
                        throw unusable(
                                "is not in PKCS #8: convert it with openssl pkcs8 -topk8 -nocrypt -in old.key -out new.key",
                                null);
                    default -> {
                        // EC PARAMETERS, a certificate: not what is looked for.
                    }
                }
            } catch (GeneralSecurityException e) {
                // A wrong password shows as bad padding, or now and then as a key that is nonsense.
                throw unusable(
                        type.startsWith("ENCRYPTED")
                                ? "could not be decrypted: check sslpassword; PBES2 with AES is understood"
                                : "is malformed, or no " + algorithm + " key as its certificate needs",
                        e);
            }
        }
        throw unusable("has no private key: a block BEGIN PRIVATE KEY is expected", null);
    }

    private static PKCS8EncodedKeySpec decrypt(String base64, String password)
            throws GeneralSecurityException, IOException {
        var encrypted = new EncryptedPrivateKeyInfo(decode(base64));
        // For PBES2 the name of the algorithm is in its parameters.
        String name = encrypted.getAlgParameters() != null
                        && encrypted.getAlgParameters().toString().startsWith("PBE")
                ? encrypted.getAlgParameters().toString()
                : encrypted.getAlgName();
        var key = SecretKeyFactory.getInstance(name).generateSecret(new PBEKeySpec(password.toCharArray()));
        Cipher cipher = Cipher.getInstance(name);
        cipher.init(Cipher.DECRYPT_MODE, key, encrypted.getAlgParameters());
        return encrypted.getKeySpec(cipher);
    }

    /** As libpq: a key that others can read is no secret. A group may read one that belongs to root, as secrets of containers do. */
    private void refuseOthersAccess() throws IOException {
        var view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (view == null || !Files.exists(path)) {
            return;
        }
        PosixFileAttributes attributes = view.readAttributes();
        Set<PosixFilePermission> permissions = attributes.permissions();
        boolean root = attributes.owner().getName().equals("root");
        for (PosixFilePermission permission : permissions) {
            boolean owners = permission.name().startsWith("OWNER_");
            if (!owners && !(root && permission == PosixFilePermission.GROUP_READ)) {
                throw unusable(
                        "can be read by others: a private key needs the permissions 0600, or 0640 where it belongs to"
                                + " root (chmod 600)",
                        null);
            }
        }
    }

    private String text() throws IOException {
        try {
            return Files.readString(path, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unusable("could not be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    private static byte[] decode(String base64) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IOException("malformed base64");
        }
    }

    private IOException unusable(String why, @Nullable Throwable cause) {
        return new IOException(keyword + " " + path + " " + why, cause);
    }
}
