package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/**
 * Makes an object of a row.
 *
 * @param <T> the type of the object
 */
@FunctionalInterface
public interface RowMapper<T extends @Nullable Object> {

    /**
     * @param row the row
     * @return the object
     */
    T map(Row row);
}
