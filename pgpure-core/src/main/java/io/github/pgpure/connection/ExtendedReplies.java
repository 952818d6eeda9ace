package io.github.pgpure.connection;

import io.github.pgpure.Column;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.CommandComplete;
import io.github.pgpure.protocol.BackendMessage.CopyDone;
import io.github.pgpure.protocol.BackendMessage.CopyInResponse;
import io.github.pgpure.protocol.BackendMessage.CopyOutResponse;
import io.github.pgpure.protocol.BackendMessage.EmptyQueryResponse;
import io.github.pgpure.protocol.BackendMessage.PortalSuspended;
import io.github.pgpure.protocol.BackendMessage.RowDescription;
import io.github.pgpure.protocol.CopyData;
import io.github.pgpure.protocol.DataRow;
import io.github.pgpure.protocol.FrontendMessage;
import io.github.pgpure.row.MappedRows;
import io.github.pgpure.row.RawRows;
import io.github.pgpure.row.RowShape;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the answers to one Bind and Execute. */
final class ExtendedReplies implements AnswerTaker {

    private final QueryRunner runner;
    private final Statement statement;
    private @Nullable RowShape shape;

    /** Made for the first row. */
    private RawRows.@Nullable Builder builder;

    private final @Nullable MappedRows<?> mapped;
    private @Nullable CallbackChecks checks;
    private long rowCount;
    private String tag = "";
    private boolean complete;
    private boolean suspended;
    private boolean copied;

    /** How many bytes the rows have that were taken since they were last asked for. */
    private long keptBytes;

    /** @param shape what the rows have in common; null to count them only */
    ExtendedReplies(QueryRunner runner, Statement statement, @Nullable RowShape shape) {
        this(runner, statement, shape, null);
    }

    /**
     * @param shape what the rows have in common; null to count them only
     * @param mapped takes the rows in place of {@link #rows()}; null to keep them
     */
    ExtendedReplies(QueryRunner runner, Statement statement, @Nullable RowShape shape, @Nullable MappedRows<?> mapped) {
        this.runner = runner;
        this.statement = statement;
        this.shape = shape;
        this.mapped = mapped;
    }

    @Override
    public void take(BackendMessage message, Wire wire) throws IOException {
        if (message instanceof DataRow row) {
            takeRow(row, wire);
        } else if (message instanceof EmptyQueryResponse) {
            complete = true;
        } else if (runner.isAnswerToBegin(message) || runner.isFormality(message)) {
            // nothing to do
        } else if (message instanceof CommandComplete command) {
            complete = true;
            tag = command.tag();
            rowCount = command.rowCount();
            runner.statements().noticeTag(command.tag());
        } else if (message instanceof RowDescription description) {
            takeDescription(description);
        } else if (message instanceof PortalSuspended) {
            suspended = true;
        } else if (message instanceof CopyInResponse) {
            copied = true;
            wire.sendCopyEnd(new FrontendMessage.CopyFail("use copyIn"));
            wire.sendSyncAgain();
            wire.flush();
        } else if (message instanceof CopyOutResponse) {
            copied = true;
        } else if (copied && (message instanceof CopyData || message instanceof CopyDone)) {
            // nobody asked for it
        } else {
            throw Replies.unexpected(message, "a query");
        }
    }

    private void takeDescription(RowDescription description) {
        if (shape != null && !sameTypes(shape.columns(), description.columns())) {
            // Forgotten first: if the new columns cannot be read now, they can once the statement is prepared again.
            runner.statements().forget(statement);
            shape = runner.statements().reshape(description);
            builder = null;
        }
    }

    private static boolean sameTypes(List<Column> expected, List<Column> actual) {
        if (expected.size() != actual.size()) {
            return false;
        }
        for (int i = 0; i < expected.size(); i++) {
            if (expected.get(i).typeOid() != actual.get(i).typeOid()
                    || !expected.get(i).name().equals(actual.get(i).name())) {
                return false;
            }
        }
        return true;
    }

    private void takeRow(DataRow row, Wire wire) {
        rowCount++;
        if (shape == null) {
            return;
        }
        if (row.columnCount() != shape.columns().size()) {
            throw new PgProtocolException("the server sent a row of " + row.columnCount() + " columns where "
                    + shape.columns().size() + " were announced");
        }
        if (mapped != null) {
            map(row, shape, mapped, wire);
        } else {
            keep(row, shape);
        }
    }

    private void keep(DataRow row, RowShape shape) {
        RawRows.Builder current = builder;
        if (current == null) {
            current = new RawRows.Builder(shape);
            builder = current;
        }
        current.add(row);
        keptBytes += row.length();
    }

    private void map(DataRow row, RowShape shape, MappedRows<?> mapped, Wire wire) {
        CallbackChecks current = checks;
        if (current == null) {
            current = new CallbackChecks(wire);
            checks = current;
        }
        current.beforeCall();
        mapped.add(shape, row);
    }

    /** Throws what is wrong with an answer that came without an error. */
    void check() {
        if (copied) {
            throw Replies.copyMisplaced(Outcome.UNKNOWN); // COPY … TO STDOUT, which has run to its end
        }
        if (!complete && !suspended) {
            // Such as a ReadyForQuery left over from before: taken for an answer, it would pass for an empty result.
            throw new PgProtocolException("the server ended its answer to a query without completing it");
        }
    }

    /** How many bytes the rows have that {@link #rows()} would give. */
    long keptBytes() {
        return keptBytes;
    }

    /** Whether the command has run to its end. */
    boolean isComplete() {
        return complete;
    }

    /** The tag of the command, empty where there was none. */
    String tag() {
        return tag;
    }

    /** Whether the server stopped at the limit of rows. */
    boolean isSuspended() {
        return suspended;
    }

    /** The row count of the command, or the number of rows where it was stopped at its limit. */
    long rowCount() {
        return rowCount;
    }

    /** The rows; begins to collect anew. */
    RawRows rows() {
        if (shape == null || mapped != null) {
            throw new IllegalStateException("the rows were not to be kept");
        }
        RawRows.Builder current = builder == null ? new RawRows.Builder(shape) : builder;
        builder = null;
        suspended = false;
        keptBytes = 0;
        return current.build();
    }
}
