package io.github.pgpure;

import java.nio.file.Path;

/**
 * Where a server listens.
 *
 * @param name a host name, an IP address, or the path of a directory or file for a Unix socket (it begins with {@code /})
 * @param port the port; for a Unix socket it is part of the file's name
 */
public record PgHost(String name, int port) {

    public PgHost {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a host name must not be empty");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port must be between 1 and 65535, not " + port);
        }
    }

    /** Whether this is a Unix socket. */
    public boolean isUnixSocket() {
        return name.startsWith("/");
    }

    /** The file of the Unix socket: {@code name} itself, or {@code .s.PGSQL.port} in that directory. */
    public Path socketFile() {
        Path path = Path.of(name);
        return path.getFileName() != null && path.getFileName().toString().startsWith(".s.PGSQL.")
                ? path
                : path.resolve(".s.PGSQL." + port);
    }

    @Override
    public String toString() {
        if (isUnixSocket()) {
            return socketFile().toString();
        }
        return (name.indexOf(':') >= 0 ? "[" + name + "]" : name) + ":" + port;
    }
}
