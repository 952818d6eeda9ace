package io.github.pgpure;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All rows of a result, in memory; an unmodifiable list that several threads may read.
 *
 * <p>Values are kept as they came from the server and converted when asked for.
 */
public interface Rows extends List<Row> {

    /** Describes the columns; there also when there are no rows. */
    List<Column> columns();

    /**
     * Makes an object of each row, as {@link Row#as(Class)} does.
     *
     * @throws ConversionException when a row does not fit
     */
    <T> List<T> as(Class<T> type);

    /**
     * Makes an object of each row, as {@link Row#asLenient(Class)} does.
     *
     * @throws ConversionException when a row does not fit
     */
    <T> List<T> asLenient(Class<T> type);

    /** Makes an object of each row. */
    <T extends @Nullable Object> List<T> map(RowMapper<T> mapper);
}
