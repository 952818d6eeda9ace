package io.github.pgpure.connection;

import java.io.IOException;

/** The server has closed the connection. */
final class ServerClosed extends IOException {

    private static final long serialVersionUID = 1L;

    ServerClosed() {
        super("the server closed the connection");
    }
}
