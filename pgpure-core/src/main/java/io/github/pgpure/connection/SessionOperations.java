package io.github.pgpure.connection;

import io.github.pgpure.PgOperations;
import io.github.pgpure.Query;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.transport.Deadline;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operations, on a session that is taken for each of them and given back after it. */
public abstract class SessionOperations implements PgOperations {

    /**
     * Takes a session for one operation.
     *
     * @param deadline the operation's deadline, waiting included
     */
    protected abstract Session acquire(Deadline deadline);

    /** Gives it back, whatever has become of it; called exactly once for each {@link #acquire}. */
    protected abstract void release(Session session);

    /** The time an operation may take that has no limit of its own; {@link Duration#ZERO} for no limit. */
    protected abstract Duration defaultTimeout();

    @Override
    public long execute(Query query) {
        Deadline deadline = deadline(query);
        Session session = acquire(deadline);
        try {
            return session.run(query.sql(), deadline, wire -> session.runner().execute(query));
        } finally {
            release(session);
        }
    }

    @Override
    public Rows fetch(Query query) {
        Deadline deadline = deadline(query);
        Session session = acquire(deadline);
        try {
            return session.run(query.sql(), deadline, wire -> session.runner().fetch(query));
        } finally {
            release(session);
        }
    }

    @Override
    public RowStream stream(Query query) {
        Deadline deadline = deadline(query);
        Session session = acquire(deadline);
        return PortalStream.open(
                session,
                query.sql(),
                deadline,
                query.maxRows(),
                runner -> {
                    Statement statement = runner.prepare(query.sql());
                    return new PortalStream.Run(statement, BoundValues.of(statement, query));
                },
                this::release);
    }

    @Override
    public long[] executeBatch(String sql, List<@Nullable Object[]> parameterSets) {
        Deadline deadline = Deadline.in(defaultTimeout());
        Session session = acquire(deadline);
        try {
            return session.run(sql, deadline, wire -> new Batch(session, wire).run(sql, parameterSets));
        } finally {
            release(session);
        }
    }

    @Override
    public long copyIn(String copySql, InputStream data) {
        Deadline deadline = Deadline.in(defaultTimeout());
        Session session = acquire(deadline);
        try {
            return session.run(copySql, deadline, wire -> new Copy(session, wire).in(copySql, data));
        } finally {
            release(session);
        }
    }

    @Override
    public long copyOut(String copySql, OutputStream sink) {
        Deadline deadline = Deadline.in(defaultTimeout());
        Session session = acquire(deadline);
        try {
            return session.run(copySql, deadline, wire -> new Copy(session, wire).out(copySql, sink));
        } finally {
            release(session);
        }
    }

    private Deadline deadline(Query query) {
        return Deadline.in(query.timeout().isZero() ? defaultTimeout() : query.timeout());
    }
}
