package io.github.pgpure;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens.
 *
 * @param name a host name, an IP address, or the path of a directory or file for a Unix socket (it begins with {@code /})
 * @param port the port; for a Unix socket it is part of the file's name
 * @param address the IP address to connect to in place of resolving the name, libpq's {@code hostaddr}; null to resolve it. The name is
 *     still what a certificate and a password file are looked up with.
 */
public record PgHost(String name, int port, @Nullable String address) {

    public PgHost {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a host name must not be empty");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port must be between 1 and 65535, not " + port);
        }
        if (address != null && !isAddress(address)) {
            throw new IllegalArgumentException("hostaddr must be an IP address, not \"" + address + "\"");
        }
    }

    /** A host whose name is resolved at each attempt to connect. */
    public PgHost(String name, int port) {
        this(name, port, null);
    }

    /** Whether this is a Unix socket. */
    public boolean isUnixSocket() {
        return address == null && name.startsWith("/");
    }

    /** The file of the Unix socket: {@code name} itself, or {@code .s.PGSQL.port} in that directory. */
    public Path socketFile() {
        Path path = Path.of(name);
        return path.getFileName() != null && path.getFileName().toString().startsWith(".s.PGSQL.")
                ? path
                : path.resolve(".s.PGSQL." + port);
    }

    private static boolean isAddress(String text) {
        return text.indexOf(':') >= 0
                ? text.chars().allMatch(c -> c == ':' || c == '.' || c == '%' || Character.isLetterOrDigit(c))
                : text.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    }

    // A record's own equals and hashCode are linked when they are first called, which the first connection would have
    // to wait for.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PgHost that
                && port == that.port
                && name.equals(that.name)
                && Objects.equals(address, that.address);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * name.hashCode() + port) + Objects.hashCode(address);
    }

    @Override
    public String toString() {
        if (isUnixSocket()) {
            return socketFile().toString();
        }
        String text = (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + port;
        return address == null || address.equals(name) ? text : text + " (" + address + ")";
    }
}
