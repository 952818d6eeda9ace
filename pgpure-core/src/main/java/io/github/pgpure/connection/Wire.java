package io.github.pgpure.connection;

import io.github.pgpure.Notification;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.SqlState;
import io.github.pgpure.protocol.BackendDecoder;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.CopyInResponse;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.BackendMessage.NoticeResponse;
import io.github.pgpure.protocol.BackendMessage.NotificationResponse;
import io.github.pgpure.protocol.BackendMessage.ParameterStatus;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import io.github.pgpure.protocol.FrontendBuffer;
import io.github.pgpure.protocol.FrontendMessage;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges messages with the server over a transport: collects what is to be sent, sends it, waits for answers, and deals with the
 * messages that may come at any time.
 *
 * <p>It keeps count of the {@code ReadyForQuery} that are still to come, which is what tells a session at rest from one that is
 * not. For one thread at a time, the session's owner.
 */
final class Wire {

    /** Gets what the server sends of its own accord. */
    interface AsyncHandler {
        void notice(ServerMessage notice);

        void notification(Notification notification);
    }

    private static final FrontendMessage.Sync SYNC = new FrontendMessage.Sync();

    private final GiveWay giveWay = new GiveWay();
    private final Transport transport;
    private final SessionParameters parameters;
    private final AsyncHandler async;
    private final FrontendBuffer out = new FrontendBuffer();
    private final BackendDecoder in = new BackendDecoder();
    private ByteBuffer outView = out.view();

    /** How much of {@link #out} the socket has taken. */
    private int sent;

    private long totalSent;
    private long replies;

    /**
     * Whether there was nothing more when it was last read, so that trying again without waiting is not worth a system call. Of TLS, which gives one
     * record at a time, that is known only once it gave nothing.
     */
    private boolean drained;

    private int pendingReplies;

    /** Whether messages were collected that only a Sync will have answered to the end. */
    private boolean unsynced;

    private boolean copyIn;
    private TransactionStatus status = TransactionStatus.IDLE;
    private @Nullable ServerMessage farewell;
    private boolean refusedAsReadOnly;

    private Deadline deadline = Deadline.NONE;
    private boolean interruptible = true;
    private @Nullable Runnable checkpoint;

    Wire(Transport transport, SessionParameters parameters, AsyncHandler async) {
        this.transport = transport;
        this.parameters = parameters;
        this.async = async;
    }

    Transport transport() {
        return transport;
    }

    /** The limits of a session that has not logged in yet are lower. */
    void established() {
        in.established();
    }

    // --- what may end a wait -----------------------------------------------------------------------------------------

    /**
     * Sets what may end a wait from now on.
     *
     * @param deadline the point in time that does
     * @param interruptible whether an interrupt does
     * @param checkpoint is run after each wait and may end it with an exception; null for nothing
     */
    void limitWaits(Deadline deadline, boolean interruptible, @Nullable Runnable checkpoint) {
        this.deadline = deadline;
        this.interruptible = interruptible;
        this.checkpoint = checkpoint;
    }

    Deadline deadline() {
        return deadline;
    }

    // --- state -------------------------------------------------------------------------------------------------------

    /** Whether everything asked has been answered. */
    boolean atRest() {
        return pendingReplies == 0 && !unsynced && !copyIn && out.isEmpty();
    }

    /** How many {@code ReadyForQuery} are still to come. */
    int pendingReplies() {
        return pendingReplies;
    }

    /** Whether the server waits for COPY data. */
    boolean inCopyIn() {
        return copyIn;
    }

    TransactionStatus status() {
        return status;
    }

    /** The error with which the server ended the session, if it did. */
    @Nullable
    ServerMessage farewell() {
        return farewell;
    }

    /** Whether the server has refused a write as read-only (25006) since this was last asked. */
    boolean takeRefusedAsReadOnly() {
        boolean refused = refusedAsReadOnly;
        refusedAsReadOnly = false;
        return refused;
    }

    /** Whether messages were sent, or collected, that only a Sync will have answered to the end. */
    boolean isUnsynced() {
        return unsynced;
    }

    /** The number of answers that were ever received. */
    long replies() {
        return replies;
    }

    /** The number of bytes that were ever sent. */
    long totalSent() {
        return totalSent;
    }

    // --- sending -----------------------------------------------------------------------------------------------------

    /** Where an encoder that fails must cut off what it has written. */
    long mark() {
        return (long) out.position() << 1 | (unsynced ? 1 : 0);
    }

    /** Forgets what was collected since {@link #mark()}. */
    void reset(long mark) {
        out.truncate((int) (mark >>> 1));
        unsynced = (mark & 1) != 0;
    }

    /** The number of bytes collected and not sent yet. */
    int collected() {
        return out.position() - sent;
    }

    /** Collects a message whole or not at all: half a message would have the server take what follows for its rest. */
    private void encode(FrontendMessage message) {
        int start = out.position();
        try {
            message.encode(out);
        } catch (RuntimeException | Error e) {
            out.truncate(start);
            throw e;
        }
    }

    /** Collects a message of the extended query protocol; a Sync has to follow. */
    void send(FrontendMessage message) {
        encode(message);
        unsynced = true;
    }

    /** Collects a Sync. */
    void sendSync() {
        encode(SYNC);
        pendingReplies++;
        unsynced = false;
    }

    /** Collects a Sync in place of one that the server has ignored, as it does while it waits for COPY data. */
    void sendSyncAgain() {
        encode(SYNC);
    }

    /** Collects a simple query. */
    void sendQuery(String sql) {
        encode(new FrontendMessage.Query(sql));
        pendingReplies++;
    }

    /** Collects the message that opens the session. */
    void sendStartup(FrontendMessage message) {
        encode(message);
        pendingReplies++;
    }

    /** Collects a message that belongs to a request made before: an answer in the login, or COPY data. */
    void sendPart(FrontendMessage message) {
        encode(message);
    }

    /** Ends the server's wait for COPY data. */
    void sendCopyEnd(FrontendMessage message) {
        encode(message);
        copyIn = false;
    }

    /**
     * Sends what was collected. While the socket is full it reads too, so that two sides that both want to write never wait for
     * each other.
     */
    void flush() throws IOException {
        while (!write()) {
            await(true);
            read();
        }
    }

    /** Sends what the socket takes without waiting; true when that was all. */
    boolean write() throws IOException {
        if (out.isEmpty()) {
            return true;
        }
        if (outView.array() != out.array()) {
            outView = out.view();
        }
        outView.limit(out.position()).position(sent);
        boolean done;
        try {
            done = transport.write(outView);
        } finally {
            totalSent += outView.position() - sent;
            sent = outView.position();
        }
        if (done) {
            sent = 0; // first: making room for the next messages can fail
            out.clear();
            drained |= !transport.isEncrypted(); // what is answered now was not there before; TLS may have kept some
        }
        return done;
    }

    // --- receiving ---------------------------------------------------------------------------------------------------

    /** The next message that answers a request, waited for. */
    BackendMessage receive() throws IOException {
        while (true) {
            BackendMessage message = receiveNow();
            if (message != null) {
                return message;
            }
            if (!drained && read() > 0 || gaveWay()) {
                // A server that always has more to send must not keep an interrupt or a deadline from being seen.
                check();
            } else {
                await(false);
                read();
            }
        }
    }

    /** Whether there is something to read after others have had the processor. */
    private boolean gaveWay() throws IOException {
        if (!giveWay.isWorthIt()) {
            return false;
        }
        Thread.yield();
        boolean answered = read() > 0;
        giveWay.tell(answered);
        return answered;
    }

    /** Whether others wait for what the session is used by. By its owner. */
    void crowded(boolean othersWait) {
        giveWay.crowded(othersWait);
    }

    /** The next message that answers a request among the bytes that have been read; null when there is none. */
    @Nullable
    BackendMessage receiveNow() {
        while (true) {
            BackendMessage message = in.next();
            if (message == null) {
                return null;
            }
            if (!isAsync(message)) {
                replies++;
                return message;
            }
        }
    }

    /**
     * Reads what has arrived, without waiting.
     *
     * @return the number of bytes
     * @throws ServerClosed when the server has closed the connection
     */
    int read() throws IOException {
        ByteBuffer free = in.free();
        int room = free.remaining();
        int count = transport.read(free);
        if (count < 0) {
            throw new ServerClosed();
        }
        in.received();
        drained = transport.isEncrypted() ? count == 0 : count < room;
        return count;
    }

    /** Whether the socket had nothing more when it was last read. */
    boolean isDrained() {
        return drained;
    }

    /** So many more requests have been sent, by other means than {@link #send}. */
    void expectReplies(int count) {
        pendingReplies += count;
    }

    /** The number of bytes that were read and not looked at. */
    int unread() {
        return in.pending();
    }

    void await(boolean alsoWritable) throws IOException {
        switch (transport.await(alsoWritable, deadline, interruptible)) {
            case TIMED_OUT -> throw new WaitEnded(WaitEnded.Reason.TIMED_OUT);
            case INTERRUPTED -> throw new WaitEnded(WaitEnded.Reason.INTERRUPTED);
            case READY -> {
                drained = false;
                if (checkpoint != null) {
                    checkpoint.run();
                }
            }
        }
    }

    /** Ends the operation if something should; for where it goes on without ever having to wait. */
    void check() {
        if (interruptible && Thread.interrupted()) {
            throw new WaitEnded(WaitEnded.Reason.INTERRUPTED);
        }
        if (deadline.hasPassed()) {
            throw new WaitEnded(WaitEnded.Reason.TIMED_OUT);
        }
        if (checkpoint != null) {
            checkpoint.run();
        }
    }

    /** Deals with what may come at any time, and keeps the books; false for what the caller is to see. */
    private boolean isAsync(BackendMessage message) {
        if (message instanceof ReadyForQuery ready) {
            if (pendingReplies == 0) {
                throw new PgProtocolException("the server sent ReadyForQuery without having been asked");
            }
            pendingReplies--;
            copyIn = false;
            status = ready.status();
            return false;
        }
        if (message instanceof ErrorResponse response) {
            if (response.error().isFatal()) {
                farewell = response.error();
            } else if (response.error().sqlState().equals(SqlState.READ_ONLY_SQL_TRANSACTION)) {
                refusedAsReadOnly = true;
            }
            copyIn = false;
            return false;
        }
        if (message instanceof CopyInResponse) {
            copyIn = true;
            return false;
        }
        if (message instanceof ParameterStatus parameter) {
            parameters.put(parameter.name(), parameter.value());
            return true;
        }
        if (message instanceof NoticeResponse notice) {
            async.notice(notice.notice());
            return true;
        }
        if (message instanceof NotificationResponse notification) {
            async.notification(notification.notification());
            return true;
        }
        return false;
    }
}
