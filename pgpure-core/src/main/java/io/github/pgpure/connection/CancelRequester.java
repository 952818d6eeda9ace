package io.github.pgpure.connection;

import io.github.pgpure.protocol.BackendMessage.BackendKeyData;
import io.github.pgpure.protocol.FrontendBuffer;
import io.github.pgpure.protocol.FrontendMessage;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.Transport;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/**
 * Sends cancel requests
 * (<a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS">manual</a>).
 */
final class CancelRequester {

    private CancelRequester() {}

    /**
     * Sends one cancel request and waits until the server has dealt with it. The server signals the backend before it closes the
     * connection of the request, so afterwards no trace of it is on its way: it cannot hit a later statement.
     */
    static void cancel(Endpoint endpoint, BackendKeyData key, Deadline deadline)
            throws IOException, InterruptedException {
        Transport transport = endpoint.open(deadline);
        try {
            var request = new FrontendBuffer();
            new FrontendMessage.CancelRequest(key.processId(), key.secretKey()).encode(request);
            ByteBuffer bytes = request.view();
            while (!transport.write(bytes)) {
                await(transport, true, deadline);
            }
            ByteBuffer ignored = ByteBuffer.allocate(64);
            while (transport.read(ignored.clear()) >= 0) {
                await(transport, false, deadline);
            }
        } finally {
            transport.close();
        }
    }

    private static void await(Transport transport, boolean alsoWritable, Deadline deadline)
            throws IOException, InterruptedException {
        switch (transport.await(alsoWritable, deadline, true)) {
            case TIMED_OUT ->
                throw new SocketTimeoutException("the cancel request was not dealt with within " + deadline);
            case INTERRUPTED -> throw new InterruptedException();
            case READY -> {}
        }
    }
}
