package io.github.pgpure.connection;

import java.io.IOException;

/** What a session does with its wire on behalf of a caller, without a result. */
@FunctionalInterface
interface WireAction {
    void run(Wire wire) throws IOException;
}
