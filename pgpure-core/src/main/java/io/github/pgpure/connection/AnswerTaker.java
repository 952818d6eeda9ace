package io.github.pgpure.connection;

import io.github.pgpure.protocol.BackendMessage;
import java.io.IOException;

/** Takes the answers to one request, in the thread that reads them. */
interface AnswerTaker {

    /** Takes one message that is neither an error nor {@code ReadyForQuery}. */
    void take(BackendMessage message, Wire wire) throws IOException;
}
