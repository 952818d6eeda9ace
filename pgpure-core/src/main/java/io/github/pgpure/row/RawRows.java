package io.github.pgpure.row;

import io.github.pgpure.Column;
import io.github.pgpure.Row;
import io.github.pgpure.RowMapper;
import io.github.pgpure.Rows;
import io.github.pgpure.protocol.DataRow;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** All rows of a result as the server sent them, in a few large pieces of memory. */
public final class RawRows extends AbstractList<Row> implements Rows, RandomAccess {

    private final RowShape shape;
    private final byte[][] pieces;

    /** For each row its piece (upper half) and its offset there (lower half). */
    private final long[] places;

    private final int size;

    private RawRows(RowShape shape, byte[][] pieces, long[] places, int size) {
        this.shape = shape;
        this.pieces = pieces;
        this.places = places;
        this.size = size;
    }

    @Override
    public Row get(int index) {
        Objects.checkIndex(index, size);
        long place = places[index];
        return new RawRow(shape, pieces[(int) (place >>> 32)], (int) place);
    }

    @Override
    public int size() {
        return size;
    }

    /** The memory that the values take, in bytes. */
    public long byteCount() {
        long bytes = 0;
        for (byte[] piece : pieces) {
            bytes += piece == null ? 0 : piece.length;
        }
        return bytes;
    }

    @Override
    public List<Column> columns() {
        return shape.columns();
    }

    @Override
    public <T> List<T> as(Class<T> type) {
        return map(shape.mapper(type));
    }

    @Override
    public <T> List<T> asLenient(Class<T> type) {
        return map(shape.lenientMapper(type));
    }

    @Override
    public <T extends @Nullable Object> List<T> map(RowMapper<T> mapper) {
        List<T> list = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            list.add(mapper.map(get(i)));
        }
        return list;
    }

    /** Rows have no equality of their own; two results are never equal. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    /** Shows the number of rows and the columns, not the values. */
    @Override
    public String toString() {
        return size + " rows of " + shape.columns().stream().map(Column::name).toList();
    }

    /** Collects rows; for one thread. */
    public static final class Builder {

        private static final int FIRST_PIECE = 4 * 1024;
        private static final int LARGEST_PIECE = 1024 * 1024;

        private final RowShape shape;
        private byte[][] pieces = new byte[1][];
        private int pieceCount;
        private int used;
        private long[] places = new long[1];
        private int size;

        /** @param shape what the rows have in common */
        public Builder(RowShape shape) {
            this.shape = shape;
        }

        /** Copies a row. */
        public void add(DataRow row) {
            int length = row.length();
            if (pieceCount == 0 || pieces[pieceCount - 1].length - used < length) {
                addPiece(length);
            }
            if (size == places.length) {
                places = Arrays.copyOf(places, size < 8 ? 8 : size + (size >> 1));
            }
            places[size++] = (long) (pieceCount - 1) << 32 | used;
            row.copyTo(pieces[pieceCount - 1], used);
            used += length;
        }

        /** The number of rows so far. */
        public int size() {
            return size;
        }

        /** The rows; the builder must not be used any more. */
        public RawRows build() {
            return new RawRows(shape, pieces, places, size);
        }

        private void addPiece(int needed) {
            // A result with one row, the usual one, gets no byte too many.
            int capacity = pieceCount == 0
                    ? needed
                    : Math.max(needed, Math.min(LARGEST_PIECE, FIRST_PIECE << Math.min(pieceCount - 1, 8)));
            if (pieceCount == pieces.length) {
                pieces = Arrays.copyOf(pieces, pieceCount * 2 + 2);
            }
            pieces[pieceCount++] = new byte[capacity];
            used = 0;
        }
    }
}
