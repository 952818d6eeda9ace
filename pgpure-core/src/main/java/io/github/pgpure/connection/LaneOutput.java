package io.github.pgpure.connection;

import io.github.pgpure.protocol.FrontendBuffer;
import io.github.pgpure.transport.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the callers of a {@link Lane} have collected to be sent, and the role of the one who sends it. While one buffer is written the other one
 * collects.
 */
final class LaneOutput {

    private final Session session;
    private final Transport transport;
    private final ReentrantLock lock;

    // Guarded by the lock.
    private FrontendBuffer collecting = new FrontendBuffer();
    private long collectedBytes;
    private long givenToSocket;
    private boolean writing;

    /** What the socket did not take at once: it is the leader's to write, who waits for the socket anyway. */
    private @Nullable ByteBuffer stalled;

    // For the writer.
    private FrontendBuffer sending = new FrontendBuffer();

    /** @param lock the lane's */
    LaneOutput(Session session, Transport transport, ReentrantLock lock) {
        this.session = session;
        this.transport = transport;
        this.lock = lock;
    }

    // --- with the lock held ------------------------------------------------------------------------------------------

    /** The number of bytes that were ever collected. */
    long collectedBytes() {
        return collectedBytes;
    }

    /** How many of them the server may have seen. */
    long givenToSocket() {
        return givenToSocket;
    }

    /** Whether somebody writes. */
    boolean isWriting() {
        return writing;
    }

    /** Collects messages; true when nobody writes and it falls to the caller to do so. */
    boolean collect(FrontendBuffer messages) {
        collecting.writeBytes(messages.array(), 0, messages.position());
        collectedBytes += messages.position();
        boolean free = !writing;
        writing = true;
        return free;
    }

    /** The connection is lost. */
    void end() {
        writing = false;
        stalled = null;
    }

    // --- without the lock --------------------------------------------------------------------------------------------

    /** Writes until nothing is left, or the socket takes no more, or is lost, which the leader notices. For the writer. */
    void write() {
        ByteBuffer bytes = null;
        try {
            while ((bytes = take()) != null) {
                if (!transport.write(bytes)) {
                    leave(bytes);
                    transport.wakeup();
                    return;
                }
                sending.clear();
            }
        } catch (IOException | RuntimeException | Error e) {
            if (bytes != null) {
                giveBack(bytes.remaining());
            }
            // Closing the socket has the leader notice, who fails everybody.
            session.die("the connection was lost", e);
        }
    }

    /** What was collected; null when that is nothing, and the role has ended. */
    private @Nullable ByteBuffer take() {
        lock.lock();
        try {
            if (collecting.isEmpty()) {
                writing = false;
                return null;
            }
            FrontendBuffer full = collecting;
            collecting = sending;
            sending = full;
            givenToSocket = collectedBytes;
            return full.view();
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(int unsent) {
        lock.lock();
        try {
            givenToSocket -= unsent;
        } finally {
            lock.unlock();
        }
    }

    private void leave(ByteBuffer rest) {
        lock.lock();
        try {
            stalled = rest;
        } finally {
            lock.unlock();
        }
    }

    /** Goes on with what stalled; true when the socket still takes no more. For the leader. */
    boolean isStalled() throws IOException {
        ByteBuffer rest;
        lock.lock();
        try {
            rest = stalled;
            stalled = null;
        } finally {
            lock.unlock();
        }
        if (rest == null) {
            return false;
        }
        if (transport.write(rest)) {
            sending.clear();
            write();
            return false;
        }
        leave(rest);
        return true;
    }
}
