package io.github.pgpure.connection;

import io.github.pgpure.Column;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A statement that the server keeps prepared; for the thread that uses its connection.
 *
 * <p>Where the server has forgotten it ({@code DEALLOCATE ALL}, {@code DISCARD ALL}), or its result has changed ({@code ALTER TABLE}), it is prepared
 * again by itself when it is run the next time; what it tells of its types and columns may then have changed. Inside a transaction the server's error
 * comes first, and ends it.
 */
public interface PreparedStatement extends AutoCloseable {

    /** Its name on the server. */
    String name();

    /** Its text as it was given. */
    String sql();

    /** The OIDs of its parameters' types. */
    int[] parameterTypes();

    /** Its result's columns; empty for a statement without rows. */
    List<Column> columns();

    /** Runs it and discards its rows, see {@link io.github.pgpure.PgOperations#execute(String, Object...)}. */
    long execute(@Nullable Object... params);

    /** Runs it and returns all rows. */
    Rows fetch(@Nullable Object... params);

    /**
     * Runs it and returns the first row.
     *
     * @throws io.github.pgpure.MissingRowException when there is none
     */
    Row fetchOne(@Nullable Object... params);

    /** Runs it and returns the first row, if any. */
    Optional<Row> fetchOneOrNone(@Nullable Object... params);

    /** Runs it and returns its rows one by one, see {@link io.github.pgpure.PgOperations#stream(String, Object...)}. */
    RowStream stream(@Nullable Object... params);

    /** Has the server forget it; a second call does nothing. */
    @Override
    void close();
}
