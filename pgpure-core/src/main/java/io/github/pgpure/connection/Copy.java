package io.github.pgpure.connection;

import io.github.pgpure.CopyProgress;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.CommandComplete;
import io.github.pgpure.protocol.BackendMessage.CopyDone;
import io.github.pgpure.protocol.BackendMessage.CopyInResponse;
import io.github.pgpure.protocol.BackendMessage.CopyOutResponse;
import io.github.pgpure.protocol.BackendMessage.EmptyQueryResponse;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import io.github.pgpure.protocol.BackendMessage.RowDescription;
import io.github.pgpure.protocol.CopyData;
import io.github.pgpure.protocol.DataRow;
import io.github.pgpure.protocol.FrontendMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs COPY commands
 * (<a href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY">manual</a>).
 */
final class Copy {

    /** With the message's header within what the wire's buffer keeps, 64 KiB: a larger one is allocated anew each time. */
    private static final int PIECE = 63 * 1024;

    private final Session session;
    private final Wire wire;
    private @Nullable ServerMessage error;

    /** Whether a COMMIT was one of several commands: what came before it stays. */
    private boolean committed;

    private long rowCount;
    private final CopyProgress progress;

    /** How far it has got. */
    private long rows = CopyProgress.UNKNOWN_ROWS;

    private long bytes;
    private long reported;

    Copy(Session session, Wire wire, CopyProgress progress) {
        this.session = session;
        this.wire = wire;
        this.progress = progress;
    }

    /** How many rows have been sent or received by now, for whoever is told of the progress. */
    void rows(long rows) {
        this.rows = rows;
    }

    private void count(int length) {
        bytes += length;
        if (bytes - reported >= PIECE) {
            report();
        }
    }

    private void report() {
        if (reported < bytes || bytes == 0) {
            reported = bytes;
            progress.copied(rows, bytes);
        }
    }

    long in(String sql, InputStream data) throws IOException {
        startIn(sql);
        byte[] piece = new byte[PIECE];
        boolean wanted = true;
        while (wanted) {
            int count;
            try {
                count = data.read(piece);
            } catch (IOException | RuntimeException e) {
                abandonIn("the client's data source failed");
                if (e instanceof RuntimeException unchecked) {
                    throw unchecked;
                }
                throw new PgException(
                        "reading the data for COPY failed; nothing was copied",
                        committed ? Outcome.UNKNOWN : Outcome.ROLLED_BACK,
                        e);
            }
            if (count < 0) {
                break;
            }
            wanted = sendIn(piece, count);
        }
        return endIn();
    }

    long out(String sql, OutputStream sink) throws IOException {
        return out(sql, piece -> {
            try {
                piece.writeTo(sink);
            } catch (IOException e) {
                // Outside of a transaction the command may have run to its end by now: COPY (DELETE … RETURNING …)
                // stays then.
                throw new PgException(
                        "the output stream failed while COPY wrote to it; the rest of its data was given up",
                        session.runner().inTransaction() && isSingle(sql) ? Outcome.ROLLED_BACK : Outcome.UNKNOWN,
                        e);
            }
        });
    }

    /** Whether the text is one command, after which no COMMIT can come. */
    private static boolean isSingle(String sql) {
        int end = sql.indexOf(';');
        return end < 0 || sql.substring(end + 1).isBlank();
    }

    /** Runs {@code COPY … TO STDOUT}; what {@code sink} throws leaves the rest of the data on the wire. */
    long out(String sql, Consumer<CopyData> sink) throws IOException {
        if (!start(sql, false)) {
            throw misuse("COPY … TO STDOUT");
        }
        var checks = new CallbackChecks(wire);
        while (wire.pendingReplies() > 0) {
            BackendMessage message = wire.receive();
            if (message instanceof CopyData data) {
                checks.beforeCall();
                sink.accept(data);
                count(data.length());
            } else if (!(message instanceof CopyDone)) {
                takeEnd(message);
            }
        }
        throwError();
        report();
        return rowCount;
    }

    /** Begins {@code COPY … FROM STDIN}. */
    void startIn(String sql) throws IOException {
        if (!start(sql, true)) {
            throw misuse("COPY … FROM STDIN");
        }
    }

    /**
     * Sends a piece of the data.
     *
     * @return false when the server wants no more of it, because of an error that {@link #endIn} reports
     */
    boolean sendIn(byte[] piece, int length) throws IOException {
        wire.sendPart(new FrontendMessage.CopyData(piece, length));
        wire.flush();
        // The server says at once what it does not like; the rest need not be sent then.
        wire.read();
        for (BackendMessage message = wire.receiveNow(); message != null; message = wire.receiveNow()) {
            takeEnd(message);
        }
        wire.check();
        if (error != null) {
            return false;
        }
        count(length);
        return true;
    }

    /** Ends the data; the number of rows that were copied. */
    long endIn() throws IOException {
        if (error == null) {
            report();
            wire.sendCopyEnd(new FrontendMessage.CopyDone());
        }
        finishQuietly();
        throwError();
        return rowCount;
    }

    /** Gives the copy up, so that nothing is copied. */
    void abandonIn(String reason) throws IOException {
        if (error == null) {
            wire.sendCopyEnd(new FrontendMessage.CopyFail(reason));
        }
        finishQuietly();
    }

    /** Sends the command; false when it turns out to be another one than was expected, and has been brought to its end. */
    private boolean start(String sql, boolean in) throws IOException {
        session.runner().sendBegin();
        session.effectPossible(false);
        wire.sendQuery(sql);
        wire.flush();
        boolean wrongWay = false;
        while (wire.pendingReplies() > 0) {
            BackendMessage message = wire.receive();
            if (message instanceof CopyInResponse) {
                if (in) {
                    return true;
                }
                wrongWay = true;
                wire.sendCopyEnd(new FrontendMessage.CopyFail("use copyIn"));
                wire.flush();
            } else if (message instanceof CopyOutResponse) {
                if (!in) {
                    return true;
                }
            } else if (!(message instanceof DataRow
                    || message instanceof RowDescription
                    || message instanceof CopyData
                    || message instanceof CopyDone
                    || message instanceof EmptyQueryResponse)) {
                takeEnd(message);
            }
        }
        if (!wrongWay) {
            throwError();
        }
        return false;
    }

    private void finishQuietly() throws IOException {
        wire.flush();
        while (wire.pendingReplies() > 0) {
            takeEnd(wire.receive());
        }
    }

    private void takeEnd(BackendMessage message) {
        if (message instanceof CommandComplete command) {
            rowCount = command.rowCount();
            committed |= command.tag().startsWith(Session.COMMIT);
            session.runner().statements().noticeTag(command.tag());
        } else if (message instanceof ErrorResponse response) {
            error = Replies.first(error, response.error());
        } else if (!(message instanceof ReadyForQuery)) {
            throw Replies.unexpected(message, "a COPY");
        }
    }

    private void throwError() {
        if (error != null) {
            throw committed ? PgServerException.of(error, Outcome.UNKNOWN) : Replies.error(error);
        }
    }

    private static IllegalArgumentException misuse(String expected) {
        return new IllegalArgumentException("not a " + expected + " command; use execute or fetch for others");
    }
}
