package io.github.pgpure.row;

import io.github.pgpure.RowMapper;
import io.github.pgpure.protocol.DataRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes objects of rows while they arrive, straight from the bytes that were read; for one thread. */
public final class MappedRows<T extends @Nullable Object> {

    private final RowMapper<T> mapper;
    private final List<T> objects = new ArrayList<>();
    private @Nullable RuntimeException failure;

    public MappedRows(RowMapper<T> mapper) {
        this.mapper = mapper;
    }

    /** Maps a row, unless an earlier one could not be: then the rest is only read, since the server sends it anyway. */
    public void add(RowShape shape, DataRow arrived) {
        if (failure != null) {
            return;
        }
        var row = new RawRow(shape, arrived.array(), arrived.offset());
        try {
            objects.add(mapper.map(row));
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            row.end();
        }
    }

    /**
     * The objects.
     *
     * @throws RuntimeException what the mapper has thrown
     */
    public List<T> objects() {
        if (failure != null) {
            throw failure;
        }
        return objects;
    }
}
