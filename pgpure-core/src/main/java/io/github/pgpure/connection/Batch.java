package io.github.pgpure.connection;

import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.CommandComplete;
import io.github.pgpure.protocol.BackendMessage.EmptyQueryResponse;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import io.github.pgpure.protocol.BackendMessage.RowDescription;
import io.github.pgpure.protocol.DataRow;
import io.github.pgpure.protocol.FrontendMessage.Execute;
import io.github.pgpure.protocol.FrontendMessage.Flush;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs one statement for many sets of parameters, with one Sync at the end, so that all of them are one transaction. Where it can, it inserts
 * several rows with one statement ({@link MultiRowInsert}).
 *
 * <p>The messages go out in pieces, and the answers are read in between, so memory stays bounded however many sets there are.
 */
final class Batch {

    private static final int PIECE = 32 * 1024;

    private final Session session;
    private final Wire wire;
    private final QueryRunner runner;
    private final List<@Nullable Object[]> sets;
    private final long[] counts;
    private int answered;
    private @Nullable ServerMessage error;

    /** How many of the sets, from the first one on, go out by {@link MultiRowInsert#ROWS}. */
    private int together;

    /** Whether a statement for several rows has inserted another number of them. */
    private boolean unequal;

    Batch(Session session, Wire wire, List<@Nullable Object[]> parameterSets) {
        this.session = session;
        this.wire = wire;
        this.runner = session.runner();
        this.sets = parameterSets;
        this.counts = new long[parameterSets.size()];
    }

    long[] run(String sql) throws IOException {
        if (sets.isEmpty()) {
            return counts;
        }
        runner.statements().holdStatements(true); // preparing the second must not close the first
        try {
            return runHeld(sql);
        } finally {
            runner.statements().holdStatements(false);
        }
    }

    private long[] runHeld(String sql) throws IOException {
        Statement statement = runner.statements().prepare(sql);
        MultiRowInsert insert = MultiRowInsert.of(statement, sets.size());
        Statement many = insert == null ? null : prepare(insert);
        try {
            return run(statement, insert, many);
        } catch (PgServerException e) {
            boolean again = runner.canRunAgain(statement, e);
            if (many != null) {
                runner.statements().forgetIfStale(many, e);
            }
            if (!again) {
                throw e;
            }
            error = null;
            answered = 0;
            return run(runner.statements().prepare(sql), null, null);
        }
    }

    /** The statement for many rows; null where the table has something that would notice. */
    private @Nullable Statement prepare(MultiRowInsert insert) throws IOException {
        List<@Nullable String[]> plain = runner.simpleRows(insert.plainTableQuery());
        return plain.size() == 1 && "t".equals(plain.get(0)[0])
                ? runner.statements().prepare(insert.sql(), insert.parameterTypes())
                : null;
    }

    private long[] run(Statement statement, @Nullable MultiRowInsert insert, @Nullable Statement many)
            throws IOException {
        together = many == null ? 0 : sets.size() - sets.size() % MultiRowInsert.ROWS;
        RuntimeException refused = send(statement, insert, many);
        wire.flush();
        while (true) {
            BackendMessage message = wire.receive();
            if (message instanceof ReadyForQuery) {
                break;
            }
            take(message);
        }
        runner.endGroup();
        if (refused instanceof ConversionException e && CommittingCommand.is(statement.sql())) {
            throw new ConversionException(String.valueOf(e.getMessage()), Outcome.UNKNOWN, e.getCause());
        }
        if (refused != null) {
            throw refused;
        }
        if (unequal) {
            throw new PgException(
                    "the table was given a trigger or a rule while rows were inserted into it; nothing was inserted: try again",
                    Outcome.ROLLED_BACK,
                    null);
        }
        if (error != null) {
            throw runner.error(error, statement.sql());
        }
        if (answered < counts.length) {
            throw new PgProtocolException(
                    "the server answered " + answered + " of " + counts.length + " parameter sets of a batch");
        }
        return counts;
    }

    /** Sends all sets and a Sync. What is wrong with a set, after which nothing takes effect, is returned once that is sure. */
    private @Nullable RuntimeException send(
            Statement statement, @Nullable MultiRowInsert insert, @Nullable Statement many) throws IOException {
        boolean anySent = false;
        long mark = wire.mark();
        runner.startGroup();
        runner.parseUnnamed(statement);
        int index = 0;
        while (index < sets.size() && error == null) {
            long setMark = wire.mark();
            try {
                if (insert != null && many != null && index < together) {
                    bindMany(statement, insert, many, index);
                    index += MultiRowInsert.ROWS;
                } else {
                    bindOne(statement, index);
                    index++;
                }
            } catch (RuntimeException e) {
                if (!anySent) {
                    runner.undoGroup(mark);
                    throw e;
                }
                wire.reset(setMark);
                wire.send(Drain.NOTHING);
                wire.sendSync();
                return e;
            }
            wire.send(Execute.ALL);
            if (wire.collected() > PIECE) {
                anySent = true;
                session.effectPossible(true);
                wire.flush();
                wire.check();
                takeArrived();
            }
        }
        session.effectPossible(true);
        if (together > 0) {
            makeSure();
        }
        wire.sendSync();
        return null;
    }

    private void bindOne(Statement statement, int index) {
        try {
            runner.bind(statement, BoundValues.of(statement, sets.get(index)));
        } catch (RuntimeException e) {
            throw inSet(index, e);
        }
    }

    private void bindMany(Statement statement, MultiRowInsert insert, Statement many, int first) {
        @Nullable Object[] values = insert.values(sets.subList(first, first + MultiRowInsert.ROWS));
        long mark = wire.mark();
        try {
            if (values != null) {
                runner.bind(many, BoundValues.of(many, values));
                return;
            }
        } catch (RuntimeException e) {
            wire.reset(mark); // one by one, it is told which set it was
        }
        for (int i = 0; i < MultiRowInsert.ROWS; i++) {
            bindOne(statement, first + i);
        }
        throw new IllegalStateException("values that could be bound one by one could not be bound together");
    }

    /** Waits for all answers before the Sync makes what was done last, and has it undone when a count is not what it must be. */
    private void makeSure() throws IOException {
        wire.send(new Flush());
        wire.flush();
        while (answered < counts.length && error == null) {
            take(wire.receive());
        }
        if (unequal && error == null) {
            wire.send(Drain.NOTHING);
        }
    }

    private void takeArrived() throws IOException {
        while (wire.read() > 0) {
            for (BackendMessage message = wire.receiveNow(); message != null; message = wire.receiveNow()) {
                take(message);
            }
        }
    }

    private void take(BackendMessage message) {
        if (message instanceof CommandComplete command && !runner.isAnswerToBegin(message)) {
            if (answered == counts.length) {
                throw Replies.unexpected(message, "a batch");
            }
            takeCount(command.rowCount());
        } else if (message instanceof EmptyQueryResponse && answered < counts.length) {
            answered++;
        } else if (message instanceof ErrorResponse response) {
            error = Replies.first(error, response.error());
        } else if (!(message instanceof DataRow
                || message instanceof CommandComplete
                || message instanceof RowDescription
                || runner.isFormality(message))) {
            throw Replies.unexpected(message, "a batch");
        }
    }

    private void takeCount(long count) {
        if (answered < together) {
            unequal |= count != MultiRowInsert.ROWS;
            Arrays.fill(counts, answered, answered + MultiRowInsert.ROWS, 1);
            answered += MultiRowInsert.ROWS;
        } else {
            counts[answered++] = count;
        }
    }

    private static RuntimeException inSet(int index, RuntimeException e) {
        String message = "parameter set " + index + ": " + e.getMessage();
        if (e instanceof ConversionException) {
            return new ConversionException(message, Outcome.ROLLED_BACK, e.getCause());
        }
        return e instanceof IllegalArgumentException ? new IllegalArgumentException(message, e) : e;
    }
}
