package io.github.pgpure.spring;

import io.github.pgpure.Query;
import io.github.pgpure.Row;
import io.github.pgpure.RowMapper;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One statement in the making, in the habit of Spring's {@code JdbcClient}: parameters, then {@code query} or {@code update}.
 *
 * <pre>{@code
 * Optional<Item> item = pg.sql("select * from item where id = :id").param("id", 7).query(Item.class).optional();
 * long changed = pg.sql("update item set name = $1 where id = $2").params("new", 7).update();
 * }</pre>
 *
 * <p>Immutable and thread-safe: each method returns a new statement, so that one can be kept and completed many times. It runs where
 * {@link PgTemplate} runs its statements and throws what it throws, errors of the mapping included.
 */
public final class PgStatement {

    private final PgTemplate template;
    private final Query query;

    PgStatement(PgTemplate template, Query query) {
        this.template = template;
        this.query = query;
    }

    /**
     * With the next positional value: the first call gives {@code $1}, the second {@code $2} …
     *
     * @param value the value; null for SQL's NULL
     * @throws IllegalStateException when there are named values already
     */
    public PgStatement param(@Nullable Object value) {
        return with(query.bind(value));
    }

    /**
     * With a value for {@code :name}.
     *
     * @param name the name, without the colon
     * @param value the value; null for SQL's NULL
     * @throws IllegalStateException when there are positional values already
     */
    public PgStatement param(String name, @Nullable Object value) {
        return with(query.bind(name, value));
    }

    /** With the next positional values, in order. */
    public PgStatement params(@Nullable Object... values) {
        Query bound = query;
        for (Object value : values) {
            bound = bound.bind(value);
        }
        return with(bound);
    }

    /** With values by name. */
    public PgStatement params(Map<String, ? extends @Nullable Object> values) {
        Query bound = query;
        for (Map.Entry<String, ? extends @Nullable Object> value : values.entrySet()) {
            bound = bound.bind(value.getKey(), value.getValue());
        }
        return with(bound);
    }

    /** With a limit of rows, see {@link Query#maxRows(int)}. */
    public PgStatement maxRows(int maxRows) {
        return with(query.maxRows(maxRows));
    }

    /** With a deadline, see {@link Query#timeout(Duration)}. */
    public PgStatement timeout(Duration timeout) {
        return with(query.timeout(timeout));
    }

    /**
     * As a query whose rows become objects as by {@link Row#as(Class)}: records and classes by column name, or the value of the one column.
     * For results with more columns: {@code query(row -> row.asLenient(Item.class))}.
     */
    public <T> PgMappedQuery<T> query(Class<T> type) {
        return new PgMappedQuery<>(template, query, row -> row.as(type));
    }

    /** As a query whose rows become what the mapper makes of them. */
    public <T extends @Nullable Object> PgMappedQuery<T> query(RowMapper<T> mapper) {
        return new PgMappedQuery<>(template, query, mapper);
    }

    /** As a query for the rows as they are. */
    public PgMappedQuery<Row> query() {
        return new PgMappedQuery<>(template, query, row -> row);
    }

    /**
     * Runs the statement.
     *
     * @return the number of rows that were changed
     */
    public long update() {
        return template.execute(query);
    }

    /**
     * Runs the statement with a {@code RETURNING} clause and collects what the database generated.
     *
     * @param keys takes the generated values; emptied first
     * @param columns the columns to return, as they are named in the table; all of them when none is given
     * @return the number of rows that were changed
     */
    public long update(PgKeyHolder keys, String... columns) {
        String returning = columns.length == 0
                ? "*"
                : Arrays.stream(columns).map(PgStatement::quoted).collect(Collectors.joining(", "));
        // On a line of its own: the statement may end with a comment.
        Query returningQuery = copyTo(Query.of(query.sql() + "\nreturning " + returning));
        keys.replace(template.fetch(returningQuery).map(Row::toMap));
        return keys.keyList().size();
    }

    private Query copyTo(Query target) {
        Query copy = target.maxRows(query.maxRows()).timeout(query.timeout());
        for (Object value : query.params()) {
            copy = copy.bind(value);
        }
        for (Map.Entry<String, @Nullable Object> value : query.namedParams().entrySet()) {
            copy = copy.bind(value.getKey(), value.getValue());
        }
        return copy;
    }

    private PgStatement with(Query changed) {
        return new PgStatement(template, changed);
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public String toString() {
        return query.toString();
    }
}
