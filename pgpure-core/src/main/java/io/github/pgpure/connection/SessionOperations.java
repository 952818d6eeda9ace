package io.github.pgpure.connection;

import io.github.pgpure.CopyOptions;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgOperations;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.RowMapper;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.row.RawRows;
import io.github.pgpure.row.RecordValues;
import io.github.pgpure.transport.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The operations, on a session that is taken for each of them and given back after it. */
public abstract class SessionOperations implements PgOperations {

    /** Where a pool's connections are ended all at once, one call may meet several of them before they are known to be dead. */
    private static final int MAX_ATTEMPTS = 10;

    /**
     * Takes a session for one operation.
     *
     * @param deadline the operation's deadline, waiting included
     */
    protected abstract Session acquire(Deadline deadline);

    /** Gives it back, whatever has become of it; called exactly once for each {@link #acquire}. */
    protected abstract void release(Session session);

    /** The lease with which {@link #acquire}'s session may be used. */
    long lease() {
        return SessionState.ANY_LEASE;
    }

    /** The time an operation may take that has no limit of its own; {@link Duration#ZERO} for no limit. */
    protected abstract Duration defaultTimeout();

    /**
     * Whether {@link #acquire} may give another session when it is called again: then a statement of which the server has seen nothing is
     * run on that one.
     */
    protected boolean offersOtherSessions() {
        return false;
    }

    /**
     * Has {@link #acquire} give another session than this one, which was lost before the server acted on anything that it was asked; false
     * where there is none, or something was asked of this one before.
     */
    boolean replaces(Session lost, Deadline deadline) {
        return offersOtherSessions();
    }

    @Override
    public long execute(Query query) {
        return onSession(
                query.sql(),
                deadline(query),
                (session, wire) -> session.runner().execute(query));
    }

    @Override
    public Rows fetch(Query query) {
        return onSession(
                query.sql(),
                deadline(query),
                (session, wire) -> session.runner().fetch(query));
    }

    @Override
    public <T extends @Nullable Object> List<T> fetch(Query query, RowMapper<T> mapper) {
        return onSession(
                query.sql(),
                deadline(query),
                (session, wire) -> session.runner().fetch(query, mapper));
    }

    /** Takes note of what a statement has cost. */
    protected interface CostMeter {
        void measured(String sql, long nanos, long bytes);
    }

    /** Runs a query and has measured what it costs, waiting for a session not included. */
    protected final Rows fetch(Query query, Deadline deadline, CostMeter meter) {
        return onSession(query.sql(), deadline, (session, wire) -> {
            long start = System.nanoTime();
            RawRows rows = session.runner().fetch(query);
            meter.measured(query.sql(), System.nanoTime() - start, rows.byteCount());
            return rows;
        });
    }

    @Override
    public RowStream stream(Query query) {
        Deadline deadline = deadline(query);
        Session session = acquire(deadline);
        return PortalStream.open(
                session,
                lease(),
                query.sql(),
                deadline,
                query.maxRows(),
                runner -> {
                    Statement statement = runner.statements().prepare(query.sql());
                    return new PortalStream.Run(statement, BoundValues.of(statement, query));
                },
                this::release);
    }

    @Override
    public long[] executeBatch(String sql, List<@Nullable Object[]> parameterSets) {
        return onSession(sql, defaultDeadline(), (session, wire) -> new Batch(session, wire, parameterSets).run(sql));
    }

    @Override
    public long copyIn(String copySql, InputStream data, CopyOptions options) {
        return onSession(
                copySql,
                deadline(options.timeout()),
                (session, wire) -> new Copy(session, wire, options.progress()).in(copySql, data));
    }

    @Override
    public long copyIn(String table, List<String> columns, Iterable<@Nullable Object[]> rows, CopyOptions options) {
        return copyRows(table, columns, options, copy -> copy.in(rows, Function.identity()));
    }

    @Override
    public <T extends Record> long copyIn(
            String table, List<String> columns, Class<T> type, Iterable<? extends T> rows, CopyOptions options) {
        RecordValues<T> values = RecordValues.of(type, columns);
        return copyRows(table, columns, options, copy -> copy.<T>in(rows, values));
    }

    @Override
    public long copyOut(String copySql, OutputStream sink, CopyOptions options) {
        return onSession(
                copySql,
                deadline(options.timeout()),
                (session, wire) -> new Copy(session, wire, options.progress()).out(copySql, sink));
    }

    @Override
    public <T extends @Nullable Object> long copyOut(
            String table, List<String> columns, RowMapper<T> mapper, Consumer<? super T> sink, CopyOptions options) {
        return copyRows(table, columns, options, copy -> copy.out(mapper, sink));
    }

    private interface CopyWork {
        long run(RowCopy copy) throws IOException;
    }

    private long copyRows(String table, List<String> columns, CopyOptions options, CopyWork work) {
        return onSession(
                "copy " + table,
                deadline(options.timeout()),
                (session, wire) -> work.run(new RowCopy(session, wire, table, columns, options.progress())));
    }

    /** What is done with a session. */
    private interface Work<T> {
        T run(Session session, Wire wire) throws IOException;
    }

    private <T> T onSession(String sql, Deadline deadline, Work<T> work) {
        PgException loss = null;
        for (int attempt = 1; ; attempt++) {
            Session session = acquire(deadline, loss);
            try {
                return session.run(lease(), sql, deadline, wire -> work.run(session, wire));
            } catch (PgException e) {
                // A session that was alive when it was looked at can die before its next statement arrives. The server
                // has then seen
                // nothing of that statement, or nothing that it acted on, and another session can run it.
                boolean harmless = isLoss(e) && session.isDead() && e.outcome() != Outcome.UNKNOWN;
                if (!harmless || attempt == MAX_ATTEMPTS || !replaces(session, deadline, e)) {
                    throw e;
                }
                loss = e;
            } finally {
                release(session);
            }
        }
    }

    /** Whether a failure has ended its session. */
    static boolean isLoss(PgException failure) {
        return failure instanceof PgConnectionException
                || failure instanceof PgServerException refusal && !refusal.isRecoverable();
    }

    /** Where no other session is to be had, what became of the one before is told too. */
    private Session acquire(Deadline deadline, @Nullable PgException loss) {
        try {
            return acquire(deadline);
        } catch (RuntimeException e) {
            if (loss != null) {
                e.addSuppressed(loss);
            }
            throw e;
        }
    }

    private boolean replaces(Session lost, Deadline deadline, PgException loss) {
        try {
            return replaces(lost, deadline);
        } catch (RuntimeException e) {
            e.addSuppressed(loss);
            throw e;
        }
    }

    private Deadline defaultDeadline() {
        return Deadline.in(defaultTimeout());
    }

    /** The deadline of a query that is to be run now. */
    protected final Deadline deadline(Query query) {
        return deadline(query.timeout());
    }

    private Deadline deadline(Duration timeout) {
        return Deadline.in(timeout.isZero() ? defaultTimeout() : timeout);
    }
}
