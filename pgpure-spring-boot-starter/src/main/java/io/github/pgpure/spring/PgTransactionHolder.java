package io.github.pgpure.spring;

import io.github.pgpure.RowStream;
import io.github.pgpure.connection.PgTransaction;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.transaction.support.ResourceHolderSupport;

/** The transaction that is bound to a thread for one pool, with its savepoints; for that thread alone. */
final class PgTransactionHolder extends ResourceHolderSupport {

    private static final Log logger = LogFactory.getLog(PgTransactionManager.class);

    private final PgTransaction transaction;
    private final PgTransactionObservation observation;
    private final Deque<PgSavepoint> savepoints = new ArrayDeque<>();
    private final Set<RowStream> openStreams = new HashSet<>();

    PgTransactionHolder(PgTransaction transaction, PgTransactionObservation observation) {
        this.transaction = transaction;
        this.observation = observation;
        setSynchronizedWithTransaction(true);
    }

    PgTransaction transaction() {
        return transaction;
    }

    PgTransactionObservation observation() {
        return observation;
    }

    /** What statements run on: the innermost savepoint, else the transaction. */
    PgTransaction current() {
        PgSavepoint top = savepoints.peek();
        return top == null ? transaction : top.open();
    }

    void streamOpened(RowStream stream) {
        openStreams.add(stream);
    }

    void streamClosed(RowStream stream) {
        openStreams.remove(stream);
    }

    /** Ends what was left open, since the connection is busy with it and could not commit. */
    void closeStreams() {
        List.copyOf(openStreams).forEach(RowStream::close);
    }

    /** The same before a rollback, whose reason the error of such a stream would hide. */
    void giveUpStreams() {
        try {
            closeStreams();
        } catch (RuntimeException e) {
            logger.debug("A stream that was left open failed; what it belongs to is rolled back", e);
        }
    }

    PgSavepoint createSavepoint() {
        var savepoint = new PgSavepoint(current());
        savepoints.push(savepoint);
        return savepoint;
    }

    /** Undoes what came after the savepoint, which stays; those set later are gone. */
    void rollbackTo(PgSavepoint savepoint) {
        giveUpStreams();
        dropLaterThan(savepoint, false);
        savepoint.rollback();
    }

    /** Keeps what came after the savepoint and forgets it, together with those set later. */
    void release(PgSavepoint savepoint) {
        closeStreams();
        dropLaterThan(savepoint, true);
        savepoints.remove(savepoint);
        savepoint.release();
    }

    boolean holds(Object savepoint) {
        return savepoint instanceof PgSavepoint && savepoints.contains(savepoint);
    }

    private void dropLaterThan(PgSavepoint savepoint, boolean keepWork) {
        for (PgSavepoint top = savepoints.peek(); top != null && top != savepoint; top = savepoints.peek()) {
            savepoints.pop();
            if (keepWork) {
                top.release();
            } else {
                top.rollback();
            }
        }
    }
}
