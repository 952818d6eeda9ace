package io.github.pgpure.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes certificates and keys to files, as {@code sslrootcert}, {@code sslcert} and {@code sslkey} name them. */
public final class PemFiles {

    private PemFiles() {}

    /** The certificate as a file. */
    public static Path certificate(Path directory, String name, TestCertificate certificate) {
        return write(directory.resolve(name), certificate.certificatePem(), "rw-r--r--");
    }

    /** The unencrypted key as a file that its owner alone can read. */
    public static Path key(Path directory, String name, TestCertificate certificate) {
        return write(directory.resolve(name), certificate.privateKeyPem(), "rw-------");
    }

    /** Any text as a file with these permissions, {@code rw-------} for example. */
    public static Path write(Path file, String text, String permissions) {
        try {
            Files.writeString(file, text);
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
