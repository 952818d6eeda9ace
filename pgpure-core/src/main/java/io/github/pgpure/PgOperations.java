package io.github.pgpure;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of a database: by a pool, a connection, a transaction and the template of the Spring integration alike.
 *
 * <p>Parameters are written {@code $1}, {@code $2} … and given in order, or {@code :name} and bound by
 * {@link Query#bind(String, Object)}. Their values travel apart from the SQL text, so that no value can change a
 * statement's meaning. Every method blocks until the server has answered. An interrupt, or the query's deadline, cancels
 * the statement on the server and ends the call at once with {@link QueryCancelledException} (the interrupt flag stays
 * set) or {@link QueryTimeoutException}; the connection survives.
 *
 * <p>Whether several threads may share an instance is said by the implementing type: a pool may be shared, a connection
 * and a transaction serve one thread at a time.
 */
public interface PgOperations extends CopyOperations {

    /**
     * Runs a statement and discards its rows. Without parameters several statements may stand in one string, separated by
     * semicolons; the count is then that of the last one.
     *
     * @param sql the statement
     * @param params the values of {@code $1}, {@code $2} …; null for SQL's NULL
     * @return the number of rows that the command tag reports, 0 for a command without one
     * @throws PgException when the statement fails
     */
    default long execute(String sql, @Nullable Object... params) {
        return execute(Query.of(sql, params));
    }

    /**
     * Runs a statement and discards its rows.
     *
     * @see #execute(String, Object...)
     */
    long execute(Query query);

    /**
     * Runs one statement and returns all its rows.
     *
     * @param sql the statement
     * @param params the values of {@code $1}, {@code $2} …; null for SQL's NULL
     * @return the rows, in memory; empty when there are none
     * @throws PgException when the statement fails
     */
    default Rows fetch(String sql, @Nullable Object... params) {
        return fetch(Query.of(sql, params));
    }

    /**
     * Runs one statement and returns all its rows.
     *
     * @see #fetch(String, Object...)
     */
    Rows fetch(Query query);

    /**
     * Runs one statement and makes an object of each row while it arrives, so that the rows themselves take no memory: the way for
     * large results that end up as objects.
     *
     * @param query the statement
     * @param mapper makes the objects, on the calling thread. It must not use the connection, and the row is only there during the call. After it has thrown, the
     *     rest of the answer is read and thrown away, and the call ends with that exception
     * @return the objects, in the order of their rows
     * @throws PgException when the statement fails
     */
    default <T extends @Nullable Object> List<T> fetch(Query query, RowMapper<T> mapper) {
        return fetch(query).map(mapper);
    }

    /**
     * Runs one statement and returns its first row.
     *
     * @throws MissingRowException when there is none
     * @throws PgException when the statement fails
     */
    default Row fetchOne(String sql, @Nullable Object... params) {
        return fetchOne(Query.of(sql, params));
    }

    /**
     * Runs one statement and returns its first row.
     *
     * @throws MissingRowException when there is none
     * @throws PgException when the statement fails
     */
    default Row fetchOne(Query query) {
        Rows rows = fetch(query);
        if (rows.isEmpty()) {
            throw new MissingRowException("the statement returned no row: use fetchOneOrNone where that may happen; "
                    + "statement: " + query.sql());
        }
        return rows.get(0);
    }

    /**
     * Runs one statement and returns its first row, or nothing when there is none.
     *
     * @throws PgException when the statement fails
     */
    default Optional<Row> fetchOneOrNone(String sql, @Nullable Object... params) {
        return fetchOneOrNone(Query.of(sql, params));
    }

    /**
     * Runs one statement and returns its first row, or nothing when there is none.
     *
     * @throws PgException when the statement fails
     */
    default Optional<Row> fetchOneOrNone(Query query) {
        Rows rows = fetch(query);
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(0));
    }

    /**
     * Runs one statement and returns its rows one by one, in bounded memory however many there are.
     *
     * <p>The stream holds its connection until it is closed: use it in a {@code try} with resources.
     *
     * @throws PgException when the statement fails
     */
    default RowStream stream(String sql, @Nullable Object... params) {
        return stream(Query.of(sql, params));
    }

    /**
     * Runs one statement and returns its rows one by one, in bounded memory however many there are.
     *
     * @see #stream(String, Object...)
     */
    RowStream stream(Query query);

    /**
     * Runs one statement once for each set of parameters; all of them take effect or none does.
     *
     * @param sql the statement, with {@code $1}, {@code $2} …
     * @param parameterSets the sets, each with a value for every parameter
     * @return the row count of each run, in order
     * @throws PgException when one of them fails
     */
    long[] executeBatch(String sql, List<@Nullable Object[]> parameterSets);
}
