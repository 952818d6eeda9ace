package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgProtocolException;
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
import io.github.pgpure.protocol.TransactionStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the answers to one simple query. */
final class SimpleReplies {

    private final QueryRunner runner;
    private final String sql;
    private final @Nullable List<@Nullable String[]> rows;

    /** @param rows takes the rows as text; null to discard them */
    SimpleReplies(QueryRunner runner, String sql, @Nullable List<@Nullable String[]> rows) {
        this.runner = runner;
        this.sql = sql;
        this.rows = rows;
    }

    /** Reads to the end; the last command, with an empty tag when there was none. */
    CommandComplete read(Wire wire) throws IOException {
        CommandComplete last = new CommandComplete("");
        ServerMessage error = null;
        boolean copyIn = false;
        boolean copyOut = false;
        boolean answered = false;
        boolean committed = false;
        while (true) {
            BackendMessage message = wire.receive();
            if (message instanceof ReadyForQuery) {
                break;
            } else if (message instanceof CommandComplete command) {
                answered = true;
                if (command.tag().startsWith(Session.COMMIT)) {
                    committed = true;
                    runner.committed();
                }
                last = command;
                runner.statements().noticeTag(command.tag());
            } else if (message instanceof DataRow row) {
                if (rows != null) {
                    rows.add(texts(row));
                }
            } else if (message instanceof ErrorResponse response) {
                error = Replies.first(error, response.error());
            } else if (message instanceof CopyInResponse) {
                copyIn = true;
                wire.sendCopyEnd(new FrontendMessage.CopyFail("use copyIn"));
                wire.flush();
            } else if (message instanceof CopyOutResponse) {
                copyOut = true;
            } else if (message instanceof EmptyQueryResponse) {
                answered = true;
            } else if (!(message instanceof RowDescription
                    || copyOut && (message instanceof CopyData || message instanceof CopyDone))) {
                throw Replies.unexpected(message, "a simple query");
            }
        }
        if (copyIn || copyOut) {
            // Data that nobody wants do not keep COPY (DELETE … RETURNING …) from running to its end.
            throw Replies.copyMisplaced(copyOut || committed ? Outcome.UNKNOWN : Outcome.ROLLED_BACK);
        }
        if (error != null) {
            // Of several statements, those up to a COMMIT stay.
            committed |= wire.status() == TransactionStatus.IDLE && CommittingCommand.is(sql);
            throw committed ? PgServerException.of(error, Outcome.UNKNOWN) : Replies.error(error);
        }
        if (!answered) {
            throw new PgProtocolException("the server ended its answer to a simple query without completing it");
        }
        return last;
    }

    private static @Nullable String[] texts(DataRow row) {
        byte[] bytes = new byte[row.length()];
        row.copyTo(bytes, 0);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        @Nullable String[] texts = new String[row.columnCount()];
        for (int i = 0; i < texts.length; i++) {
            int length = buffer.getInt();
            if (length >= 0) {
                texts[i] = new String(bytes, buffer.position(), length, StandardCharsets.UTF_8);
                buffer.position(buffer.position() + length);
            }
        }
        return texts;
    }
}
