package io.github.pgpure.connection;

import io.github.pgpure.protocol.BackendMessage;
import java.io.IOException;

/** Takes the answers to one call on a {@link Lane}, in the thread that reads the lane. */
interface LaneAnswer {

    /** Takes one message that is neither an error nor {@code ReadyForQuery}. */
    void take(BackendMessage message, Wire wire) throws IOException;

    /** Throws what is wrong with an answer that came without an error. By the owner of the call, once it is done. */
    void check();
}
