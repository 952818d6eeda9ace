package io.github.pgpure;

import java.time.Duration;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * A statement with its parameters and limits; immutable, so it can be kept and shared between threads.
 *
 * <pre>{@code
 * Query.of("select * from item where id = :id").bind("id", 7).maxRows(10).timeout(Duration.ofSeconds(2))
 * Query.of("select * from item where id = $1", 7)
 * }</pre>
 *
 * <p>Parameters are either positional ({@code $1}, {@code $2} …) or named ({@code :name}), never both in one statement.
 * {@link #toString()} shows the statement without the values.
 */
public final class Query {

    private final String sql;
    private final List<@Nullable Object> params;
    private final Map<String, @Nullable Object> namedParams;
    private final int maxRows;
    private final Duration timeout;

    private Query(
            String sql,
            List<@Nullable Object> params,
            Map<String, @Nullable Object> namedParams,
            int maxRows,
            Duration timeout) {
        this.sql = sql;
        this.params = params;
        this.namedParams = namedParams;
        this.maxRows = maxRows;
        this.timeout = timeout;
    }

    /**
     * A statement.
     *
     * @param sql the statement
     * @param params the values of {@code $1}, {@code $2} …; null for SQL's NULL
     */
    public static Query of(String sql, @Nullable Object... params) {
        Objects.requireNonNull(sql, "sql");
        List<@Nullable Object> list = params.length == 0 ? List.of() : new Values(params.clone());
        return new Query(sql, list, Map.of(), 0, Duration.ZERO);
    }

    /**
     * This query with a value for {@code :name}.
     *
     * @param name the name, without the colon
     * @param value the value; null for SQL's NULL
     * @throws IllegalStateException when the query has positional values
     */
    public Query bind(String name, @Nullable Object value) {
        Objects.requireNonNull(name, "name");
        if (!params.isEmpty()) {
            throw new IllegalStateException("the query has values for $1 … already, so :" + name
                    + " cannot be bound: use either positional or named parameters");
        }
        var named = new LinkedHashMap<>(namedParams);
        named.put(name, value);
        return new Query(sql, params, Collections.unmodifiableMap(named), maxRows, timeout);
    }

    /**
     * This query with one more positional value: the first call gives {@code $1}, the next {@code $2} …
     *
     * @param value the value; null for SQL's NULL
     * @throws IllegalStateException when the query has named values
     */
    public Query bind(@Nullable Object value) {
        if (!namedParams.isEmpty()) {
            throw new IllegalStateException("the query has values for " + namedParams.keySet()
                    + " already: use either positional or named parameters");
        }
        @Nullable Object[] values = Arrays.copyOf(params.toArray(), params.size() + 1);
        values[params.size()] = value;
        return new Query(sql, new Values(values), namedParams, maxRows, timeout);
    }

    /**
     * This query with a limit of rows: the server stops after that many.
     *
     * @param maxRows the limit; 0, the default, for none
     */
    public Query maxRows(int maxRows) {
        if (maxRows < 0) {
            throw new IllegalArgumentException("maxRows must be 0 (no limit) or more, not " + maxRows);
        }
        return new Query(sql, params, namedParams, maxRows, timeout);
    }

    /**
     * This query with a deadline, counted from the call that runs it; waiting for a connection is included.
     *
     * @param timeout the time the call may take; {@link Duration#ZERO}, the default, for the default of the connection or pool
     */
    public Query timeout(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        return new Query(sql, params, namedParams, maxRows, timeout);
    }

    /** The statement as it was given. */
    public String sql() {
        return sql;
    }

    /** The values of {@code $1}, {@code $2} …; unmodifiable. */
    public List<@Nullable Object> params() {
        return params;
    }

    /** The values by parameter name; unmodifiable. */
    public Map<String, @Nullable Object> namedParams() {
        return namedParams;
    }

    /** The limit of rows, 0 for none. */
    public int maxRows() {
        return maxRows;
    }

    /** The time the call may take, {@link Duration#ZERO} for the default of the connection or pool. */
    public Duration timeout() {
        return timeout;
    }

    /** An unmodifiable list with the fewest objects: there is one for each statement that is run. */
    private static final class Values extends AbstractList<@Nullable Object> implements RandomAccess {

        private final @Nullable Object[] values;

        Values(@Nullable Object[] values) {
            this.values = values;
        }

        @Override
        public @Nullable Object get(int index) {
            return values[index];
        }

        @Override
        public int size() {
            return values.length;
        }
    }

    @Override
    public String toString() {
        int count = params.isEmpty() ? namedParams.size() : params.size();
        return "Query[" + sql + ", " + count + " parameter" + (count == 1 ? "" : "s") + "]";
    }
}
