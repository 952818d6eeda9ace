package io.github.pgpure.row;

import io.github.pgpure.Column;
import io.github.pgpure.RowMapper;
import java.util.List;

/** Compiles a mapper from rows of one shape to objects. */
final class ObjectMapping {

    private ObjectMapping() {}

    static <T> RowMapper<T> of(Class<T> type, List<Column> columns) {
        throw new UnsupportedOperationException();
    }
}
