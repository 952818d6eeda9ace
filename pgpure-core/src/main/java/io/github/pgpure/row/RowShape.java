package io.github.pgpure.row;

import io.github.pgpure.Column;
import io.github.pgpure.Row;
import io.github.pgpure.RowMapper;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.protocol.Format;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What all rows of a result have in common: columns, codecs, and what was compiled for them; immutable to its users, thread-safe. */
public final class RowShape {

    private final List<Column> columns;
    private final Codec[] codecs;
    private final Format[] formats;
    private final ConversionContext context;
    private final Map<Class<?>, RowMapper<?>> mappers = new ConcurrentHashMap<>(2);
    private final Map<Class<?>, RowMapper<?>> lenientMappers = new ConcurrentHashMap<>(2);
    private volatile @Nullable Map<String, Integer> indexes;

    /**
     * @param columns the columns
     * @param codecs the codec of each
     * @param formats the format in which each arrives
     * @param context what converters may know
     */
    public RowShape(List<Column> columns, Codec[] codecs, Format[] formats, ConversionContext context) {
        this.columns = columns;
        this.codecs = codecs;
        this.formats = formats;
        this.context = context;
    }

    /** Describes the columns. */
    public List<Column> columns() {
        return columns;
    }

    /** The format in which each column arrives; not to be changed. */
    public Format[] formats() {
        return formats;
    }

    /**
     * A row.
     *
     * @param bytes for each column its length, -1 for NULL, and its bytes; not to be changed any more
     */
    public Row row(byte[] bytes) {
        return new RawRow(this, bytes, 0);
    }

    Codec codec(int index) {
        return codecs[index];
    }

    Format format(int index) {
        return formats[index];
    }

    ConversionContext context() {
        return context;
    }

    int indexOf(String name) {
        Map<String, Integer> byName = indexes;
        if (byName == null) {
            byName = indexByName();
            indexes = byName;
        }
        Integer index = byName.get(name);
        if (index == null) {
            index = byName.get(name.toLowerCase(Locale.ROOT));
        }
        if (index == null) {
            throw new IllegalArgumentException("the result has no column '" + name + "'; it has " + columnNames());
        }
        return index;
    }

    /** @throws io.github.pgpure.ConversionException when the columns and the type do not match one to one */
    <T> RowMapper<T> mapper(Class<T> type) {
        return mapper(mappers, type, false);
    }

    /** A mapper that puts up with columns and setters that have no counterpart. */
    <T> RowMapper<T> lenientMapper(Class<T> type) {
        return mapper(lenientMappers, type, true);
    }

    @SuppressWarnings("unchecked")
    private <T> RowMapper<T> mapper(Map<Class<?>, RowMapper<?>> compiled, Class<T> type, boolean lenient) {
        RowMapper<?> mapper = compiled.get(type);
        if (mapper == null) {
            mapper = ObjectMapping.of(type, columns, lenient);
            compiled.put(type, mapper);
        }
        return (RowMapper<T>) mapper;
    }

    private String columnNames() {
        return columns.isEmpty() ? "none" : columns.stream().map(Column::name).collect(Collectors.joining(", "));
    }

    private Map<String, Integer> indexByName() {
        Map<String, Integer> byName = new HashMap<>();
        // Exact names first, so that a lower-case spelling of one never hides another.
        for (int i = 0; i < columns.size(); i++) {
            byName.putIfAbsent(columns.get(i).name(), i);
        }
        for (int i = 0; i < columns.size(); i++) {
            byName.putIfAbsent(columns.get(i).name().toLowerCase(Locale.ROOT), i);
        }
        return byName;
    }
}
