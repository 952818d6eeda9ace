package io.github.pgpure.spring;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataRetrievalFailureException;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * Takes the values that the database generated for new rows, as Spring's {@code KeyHolder} does; for one thread.
 *
 * <pre>{@code
 * var keys = new PgKeyHolder();
 * pg.sql("insert into item (name) values (:name)").param("name", "pen").update(keys, "id");
 * long id = keys.key(Long.class);
 * }</pre>
 */
public final class PgKeyHolder {

    private List<Map<String, @Nullable Object>> keys = List.of();

    /** For each row the returned columns by name; unmodifiable. */
    public List<Map<String, @Nullable Object>> keyList() {
        return Collections.unmodifiableList(keys);
    }

    /**
     * The one value of the one row.
     *
     * @throws InvalidDataAccessApiUsageException when there were several rows or columns
     * @throws DataRetrievalFailureException when there was none, or one of another type
     */
    public <T> T key(Class<T> type) {
        if (keys.isEmpty()) {
            throw new DataRetrievalFailureException("no key was returned: the statement changed no row");
        }
        if (keys.size() > 1 || keys.get(0).size() != 1) {
            throw new InvalidDataAccessApiUsageException("one key of one row was expected, but there are " + keys.size()
                    + " rows with the columns " + keys.get(0).keySet() + ": name the column, or use keyList()");
        }
        Object key = keys.get(0).values().iterator().next();
        if (!type.isInstance(key)) {
            throw new DataRetrievalFailureException("the key is of type "
                    + (key == null ? "null" : key.getClass().getName()) + ", not " + type.getName());
        }
        return type.cast(key);
    }

    void replace(List<Map<String, @Nullable Object>> rows) {
        keys = new ArrayList<>(rows);
    }
}
