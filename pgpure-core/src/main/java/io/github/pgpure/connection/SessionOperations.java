package io.github.pgpure.connection;

import io.github.pgpure.PgOperations;
import io.github.pgpure.Query;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.transport.Deadline;
import java.io.InputStream;
import java.io.OutputStream;
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

    @Override
    public long execute(Query query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Rows fetch(Query query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RowStream stream(Query query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long[] executeBatch(String sql, List<@Nullable Object[]> parameterSets) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long copyIn(String copySql, InputStream data) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long copyOut(String copySql, OutputStream sink) {
        throw new UnsupportedOperationException();
    }
}
