package io.github.pgpure.connection;

import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
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
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs one statement for many sets of parameters, with one Sync at the end, so that all of them are one transaction.
 *
 * <p>The messages go out in pieces, and the answers are read in between, so memory stays bounded however many sets there are.
 */
final class Batch {

    private static final int PIECE = 32 * 1024;

    private final Session session;
    private final Wire wire;
    private final QueryRunner runner;
    private long[] counts = new long[0];
    private int answered;
    private @Nullable ServerMessage error;

    Batch(Session session, Wire wire) {
        this.session = session;
        this.wire = wire;
        this.runner = session.runner();
    }

    long[] run(String sql, List<@Nullable Object[]> parameterSets) throws IOException {
        if (parameterSets.isEmpty()) {
            return counts;
        }
        Statement statement = runner.prepare(sql);
        try {
            return run(statement, parameterSets);
        } catch (PgServerException e) {
            // The statement fails at its first Bind then, before anything has had an effect.
            if (!runner.forgetIfStale(statement, e)) {
                throw e;
            }
            error = null;
            answered = 0;
            return run(runner.prepare(sql), parameterSets);
        }
    }

    private long[] run(Statement statement, List<@Nullable Object[]> parameterSets) throws IOException {
        counts = new long[parameterSets.size()];
        RuntimeException refused = send(statement, parameterSets);
        wire.flush();
        while (true) {
            BackendMessage message = wire.receive();
            if (message instanceof ReadyForQuery) {
                break;
            }
            take(message);
        }
        runner.endGroup();
        if (refused != null) {
            throw refused;
        }
        if (error != null) {
            throw Replies.error(error);
        }
        if (answered < counts.length) {
            throw new PgProtocolException(
                    "the server answered " + answered + " of " + counts.length + " parameter sets of a batch");
        }
        return counts;
    }

    /** Sends all sets and a Sync. What is wrong with a set, after which nothing takes effect, is returned once that is sure. */
    private @Nullable RuntimeException send(Statement statement, List<@Nullable Object[]> parameterSets)
            throws IOException {
        boolean anySent = false;
        long mark = wire.mark();
        runner.startGroup();
        runner.parseUnnamed(statement);
        int index = 0;
        for (@Nullable Object[] parameters : parameterSets) {
            long setMark = wire.mark();
            try {
                runner.bind(statement, BoundValues.of(statement, parameters));
            } catch (RuntimeException e) {
                RuntimeException refused = inSet(index, e);
                if (!anySent) {
                    runner.undoGroup(mark);
                    throw refused;
                }
                wire.reset(setMark);
                wire.send(Drain.NOTHING);
                wire.sendSync();
                return refused;
            }
            wire.send(Execute.ALL);
            index++;
            if (wire.collected() > PIECE) {
                anySent = true;
                session.effectPossible(true);
                wire.flush();
                wire.check();
                takeArrived();
                if (error != null) {
                    break; // the server skips everything up to the Sync
                }
            }
        }
        session.effectPossible(true);
        wire.sendSync();
        return null;
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
            counts[answered++] = command.rowCount();
        } else if (message instanceof EmptyQueryResponse && answered < counts.length) {
            answered++;
        } else if (message instanceof ErrorResponse response) {
            error = Replies.first(error, response.error());
        } else if (!(message instanceof DataRow
                || message instanceof CommandComplete
                || message instanceof RowDescription
                || QueryRunner.isFormality(message))) {
            throw Replies.unexpected(message, "a batch");
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
