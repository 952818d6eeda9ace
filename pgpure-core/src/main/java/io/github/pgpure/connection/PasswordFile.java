package io.github.pgpure.connection;

import io.github.pgpure.PgHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks passwords up in a password file, {@code hostname:port:database:username:password} on each line
 * (<a href="https://www.postgresql.org/docs/current/libpq-pgpass.html">manual</a>).
 *
 * <p>As with libpq, a file that is not there is no error, and one that others could read is ignored with a warning.
 */
final class PasswordFile {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordFile.class);

    /** Where servers put their Unix socket unless told otherwise: the upstream's choice, and that of Linux distributions. */
    private static final Set<String> DEFAULT_SOCKET_DIRECTORIES =
            Set.of("/tmp", "/run/postgresql", "/var/run/postgresql");

    private PasswordFile() {}

    /** The password of the first line that matches; null when none does. */
    static @Nullable String find(Path file, PgHost host, String database, String username) {
        if (!isUsable(file)) {
            return null;
        }
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            // Not the cause: that of a malformed file could show a part of it.
            LOG.warn(
                    "The password file {} could not be read ({})",
                    file,
                    e.getClass().getSimpleName());
            return null;
        }
        String hostname = DEFAULT_SOCKET_DIRECTORIES.contains(host.name()) ? "localhost" : host.name();
        String[] wanted = {hostname, String.valueOf(host.port()), database, username};
        for (String line : lines) {
            if (!line.startsWith("#")) {
                String password = match(line, wanted);
                if (password != null) {
                    return password;
                }
            }
        }
        return null;
    }

    private static @Nullable String match(String line, String[] wanted) {
        List<String> fields = split(line);
        if (fields.size() <= wanted.length) {
            return null;
        }
        for (int i = 0; i < wanted.length; i++) {
            String field = fields.get(i);
            if (!field.equals("*") && !unescape(field).equals(wanted[i])) {
                return null;
            }
        }
        return unescape(fields.get(wanted.length));
    }

    /** The fields, still with their backslashes, so that an escaped {@code *} is no wildcard. */
    private static List<String> split(String line) {
        List<String> fields = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == ':') {
                fields.add(line.substring(start, i));
                start = i + 1;
            }
        }
        fields.add(line.substring(start));
        return fields;
    }

    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        var text = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\' && i + 1 < field.length()) {
                i++;
                c = field.charAt(i);
            }
            text.append(c);
        }
        return text.toString();
    }

    private static boolean isUsable(Path file) {
        if (!Files.exists(file)) {
            return false;
        }
        if (!Files.isRegularFile(file)) {
            LOG.warn("The password file {} is ignored, since it is no regular file", file);
            return false;
        }
        var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return true; // Windows: the directory is taken to be secure, as libpq does
        }
        try {
            for (PosixFilePermission permission : view.readAttributes().permissions()) {
                if (!permission.name().startsWith("OWNER_")) {
                    LOG.warn(
                            "The password file {} is ignored, since others than its owner have access to it; give it the"
                                    + " permissions 0600 (chmod 600)",
                            file);
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            LOG.warn("The password file {} is ignored, since its permissions could not be read", file, e);
            return false;
        }
    }
}
