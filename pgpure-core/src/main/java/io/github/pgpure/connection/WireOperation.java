package io.github.pgpure.connection;

import java.io.IOException;

/** What a session does with its wire on behalf of a caller. */
@FunctionalInterface
interface WireOperation<T> {
    T run(Wire wire) throws IOException;
}
