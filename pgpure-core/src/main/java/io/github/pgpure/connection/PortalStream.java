package io.github.pgpure.connection;

import io.github.pgpure.PgServerException;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.DataRow;
import io.github.pgpure.protocol.FrontendMessage.Close;
import io.github.pgpure.protocol.FrontendMessage.Execute;
import io.github.pgpure.protocol.FrontendMessage.Flush;
import io.github.pgpure.protocol.FrontendMessage.Target;
import io.github.pgpure.row.RawRows;
import io.github.pgpure.transport.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Reads a result piece by piece from a portal, which lives until the Sync that closing sends: so it works without a transaction block, and giving
 * up early costs no more than the rest of one piece.
 *
 * <p>The next piece is asked for when one arrives, so that the server works while the caller does.
 */
final class PortalStream implements RowStream, Iterator<Row> {

    /** Prepares what is to be run. */
    interface Preparation {
        Run prepare(QueryRunner runner) throws IOException;
    }

    /** What is to be run. */
    record Run(Statement statement, BoundValues values) {}

    private static final int FIRST_PIECE = 64;
    private static final int LARGEST_PIECE = 4096;

    /** About how many bytes a piece may have; of one with more, the rest is read when it is asked for. */
    private static final int PIECE_BYTES = 64 * 1024;

    /** How long closing waits for the piece that is on its way. */
    private static final Duration PATIENCE = Duration.ofMillis(20);

    private enum State {
        OPEN,
        /** Its next rows are waited for. */
        READING,
        CLOSED
    }

    private final Session session;
    private final Consumer<Session> onClose;
    private final ExtendedReplies replies;
    private final String sql;
    private final long lease;
    private final long operation;
    private int left;
    private RawRows piece;
    private int next;

    /** How many rows were last asked for. */
    private int askedRows;

    /** Whether they have not all been read yet. */
    private boolean asked;

    private boolean ended;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    private PortalStream(Session session, long lease, Run run, int maxRows, Consumer<Session> onClose) {
        this.session = session;
        this.lease = lease;
        this.onClose = onClose;
        this.replies = new ExtendedReplies(
                session.runner(), run.statement(), run.values().shape());
        this.sql = run.statement().sql();
        this.operation = session.currentOperation();
        this.left = maxRows == 0 ? Integer.MAX_VALUE : maxRows;
        this.piece = replies.rows();
    }

    /** Runs the statement and waits for its first rows; whatever fails, {@code onClose} is called. */
    static PortalStream open(
            Session session,
            long lease,
            String sql,
            Deadline deadline,
            int maxRows,
            Preparation preparation,
            Consumer<Session> onClose) {
        long number = 0;
        boolean begun = false;
        boolean open = false;
        try {
            number = session.begin(lease, sql, deadline);
            begun = true;
            PortalStream stream = session.guard(wire -> {
                Run run = preparation.prepare(session.runner());
                var created = new PortalStream(session, lease, run, maxRows, onClose);
                try {
                    created.start(run, wire);
                } catch (PgServerException e) {
                    if (!session.runner().canRunAgain(run.statement(), e)) {
                        throw e;
                    }
                    run = preparation.prepare(session.runner());
                    created = new PortalStream(session, lease, run, maxRows, onClose);
                    created.start(run, wire);
                }
                return created;
            });
            open = true;
            return stream;
        } finally {
            if (!open) {
                if (begun) {
                    session.end(number);
                }
                onClose.accept(session);
            }
        }
    }

    private void start(Run run, Wire wire) throws IOException {
        QueryRunner runner = session.runner();
        long mark = wire.mark();
        try {
            runner.startGroup();
            runner.parseUnnamed(run.statement());
            runner.bind(run.statement(), run.values());
            ask(FIRST_PIECE, wire);
        } catch (RuntimeException | Error e) {
            runner.undoGroup(mark);
            throw e;
        }
        session.effectPossible(true);
        wire.flush();
        readPiece(wire);
    }

    @Override
    public Iterator<Row> iterator() {
        checkOpen();
        return this;
    }

    @Override
    public Stream<Row> stream() {
        checkOpen();
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL), false)
                .onClose(this::close);
    }

    @Override
    public boolean hasNext() {
        checkOpen();
        while (next == piece.size()) {
            if (ended) {
                return false;
            }
            if (!session.isOwnedBy(operation)) {
                throw new IllegalStateException(
                        "the stream was cut off, because its connection was closed or lost before its end");
            }
            if (!state.compareAndSet(State.OPEN, State.READING)) {
                checkOpen();
                throw new IllegalStateException("the stream is being read already: it is for one thread at a time");
            }
            boolean read = false;
            try {
                session.guardAction(wire -> {
                    session.checkCancelled();
                    readPiece(wire);
                });
                read = true;
            } finally {
                state.compareAndSet(State.READING, State.OPEN);
                if (!read) {
                    ended = true; // there is nothing more to be had from this one
                }
            }
        }
        return true;
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the stream has no more rows");
        }
        return piece.get(next++);
    }

    @Override
    public void close() {
        State before = state.getAndSet(State.CLOSED);
        if (before == State.CLOSED) {
            return;
        }
        try {
            if (before == State.READING) {
                // Two threads must never share a wire. The reader may have lost it to a drain that is about to begin.
                session.abort(lease, "its stream was closed while it was being read");
            } else if (session.isOwnedBy(operation)) {
                try {
                    if (session.runner().inTransaction()) {
                        session.guardAction(this::finish);
                    } else {
                        giveUp();
                    }
                } finally {
                    session.end(operation);
                }
            }
        } finally {
            onClose.accept(session);
        }
    }

    /** Outside a transaction nothing depends on the end of this statement: if it takes its time, {@link Session#end()} has it cancelled. */
    private void giveUp() {
        session.guardAction(wire -> {
            Deadline deadline = wire.deadline();
            wire.limitWaits(Deadline.in(PATIENCE), false, null);
            try {
                finish(wire);
            } catch (WaitEnded e) {
                wire.limitWaits(deadline, true, null);
            }
        });
    }

    private void checkOpen() {
        if (state.get() == State.CLOSED) {
            throw new IllegalStateException("the row stream is closed: read its rows before you leave its try block");
        }
    }

    /** Reads the piece that was asked for, or as much of it as is to be kept at a time, and asks for the next one. */
    private void readPiece(Wire wire) throws IOException {
        readAnswer(wire);
        boolean more = replies.isSuspended();
        piece = replies.rows();
        next = 0;
        left -= piece.size();
        if (asked) {
            return; // the rest of this one waits in the socket, and the server with it
        }
        if (more && left > 0) {
            ask(pieceSize(), wire);
            wire.flush();
        } else {
            sync(wire);
        }
    }

    /** Adapts the number of rows of a piece to their size, growing step by step. */
    private int pieceSize() {
        long bytesPerRow = Math.max(1, piece.byteCount() / Math.max(1, piece.size()));
        long fitting = Math.max(1, PIECE_BYTES / bytesPerRow);
        return (int) Math.max(1, Math.min(fitting, Math.min(LARGEST_PIECE, askedRows * 4L)));
    }

    private void ask(int rows, Wire wire) {
        askedRows = Math.min(rows, left);
        wire.send(new Execute("", askedRows));
        wire.send(new Flush());
        asked = true;
    }

    private void readAnswer(Wire wire) throws IOException {
        while (asked && replies.keptBytes() < PIECE_BYTES) {
            BackendMessage message = wire.receive();
            if (message instanceof ErrorResponse response) {
                asked = false;
                ServerMessage error = response.error();
                sync(wire);
                throw session.runner().error(error, sql);
            }
            replies.take(message, wire);
            asked = !(replies.isSuspended() || replies.isComplete());
        }
        if (!asked) {
            replies.check();
        }
    }

    /** Gives up what is left. */
    private void finish(Wire wire) throws IOException {
        if (ended) {
            return;
        }
        // Not waited for: what was asked for is answered before the Sync is.
        sync(wire);
    }

    /** Ends the portal, and with it the transaction where there is no block. */
    private void sync(Wire wire) throws IOException {
        ended = true;
        wire.send(new Close(Target.PORTAL, ""));
        wire.sendSync();
        wire.flush();
        ServerMessage error = Replies.untilReady(wire, (message, from) -> {
            if (!isRest(message)) {
                throw Replies.unexpected(message, "the end of a stream");
            }
        });
        session.runner().endGroup();
        if (error != null) {
            throw session.runner().error(error, sql);
        }
    }

    private boolean isRest(BackendMessage message) {
        return message instanceof DataRow
                || message instanceof BackendMessage.PortalSuspended
                || message instanceof BackendMessage.CommandComplete
                || message instanceof BackendMessage.RowDescription
                || session.runner().isFormality(message);
    }
}
