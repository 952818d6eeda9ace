package io.github.pgpure.row;

import io.github.pgpure.Column;
import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.Row;
import io.github.pgpure.convert.Codec;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row as a view on the bytes that the server sent.
 *
 * <pre>
 *   for each column:  int32 length (-1 for NULL) | length bytes
 * </pre>
 */
final class RawRow implements Row {

    private static final byte[] GONE = {};

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private static final int CURSOR_BITS = 20;
    private static final int CURSOR_MASK = (1 << CURSOR_BITS) - 1;
    private static final int LAST_CURSOR_COLUMN = (1 << 11) - 1;

    private final RowShape shape;
    private byte[] bytes;
    private final int start;

    /**
     * The last column that was looked for (upper 11 bits, enough for PostgreSQL's 1,664 columns) and where its length stands, from {@code
     * start} (lower 20 bits), so that reading the columns in order does not count from the first one each time. It is one int, so that
     * threads that race for it see one value or the other, both right.
     */
    private int cursor;

    RawRow(RowShape shape, byte[] bytes, int start) {
        this.shape = shape;
        this.bytes = bytes;
        this.start = start;
    }

    /** From now on it refuses to be read: its bytes are about to become those of another. */
    void end() {
        bytes = GONE;
    }

    @Override
    public List<Column> columns() {
        return shape.columns();
    }

    @Override
    public int size() {
        return shape.columns().size();
    }

    @Override
    public int indexOf(String name) {
        return shape.indexOf(name);
    }

    @Override
    public boolean isNull(int index) {
        return length(locate(index)) < 0;
    }

    @Override
    public @Nullable Object get(int index) {
        int at = locate(index);
        int length = length(at);
        if (length < 0) {
            return null;
        }
        try {
            return shape.codec(index).decode(shape.context(), shape.format(index), bytes, at + 4, length);
        } catch (RuntimeException e) {
            throw failed(index, null, e);
        }
    }

    @Override
    public <T> @Nullable T get(int index, Class<T> type) {
        int at = locate(index);
        int length = length(at);
        if (length < 0) {
            return null;
        }
        try {
            return shape.codec(index).decode(shape.context(), shape.format(index), bytes, at + 4, length, type);
        } catch (RuntimeException e) {
            throw failed(index, type, e);
        }
    }

    /** As {@link #get(int, Class)} for a list of such elements; null for NULL. */
    <E> @Nullable List<@Nullable E> elements(int index, Class<E> element) {
        int at = locate(index);
        int length = length(at);
        if (length < 0) {
            return null;
        }
        try {
            return shape.codec(index)
                    .decodeElements(shape.context(), shape.format(index), bytes, at + 4, length, element);
        } catch (RuntimeException e) {
            throw failed(index, List.class, e);
        }
    }

    @Override
    public int getInt(int index) {
        int at = locate(index);
        int length = notNull(at, index, "int");
        try {
            return shape.codec(index).decodeInt(shape.context(), shape.format(index), bytes, at + 4, length);
        } catch (RuntimeException e) {
            throw failed(index, int.class, e);
        }
    }

    @Override
    public long getLong(int index) {
        int at = locate(index);
        int length = notNull(at, index, "long");
        try {
            return shape.codec(index).decodeLong(shape.context(), shape.format(index), bytes, at + 4, length);
        } catch (RuntimeException e) {
            throw failed(index, long.class, e);
        }
    }

    @Override
    public short getShort(int index) {
        int value = getInt(index);
        if (value != (short) value) {
            throw failed(index, short.class, new ArithmeticException("the value does not fit into a short"));
        }
        return (short) value;
    }

    @Override
    public double getDouble(int index) {
        int at = locate(index);
        int length = notNull(at, index, "double");
        try {
            return shape.codec(index).decodeDouble(shape.context(), shape.format(index), bytes, at + 4, length);
        } catch (RuntimeException e) {
            throw failed(index, double.class, e);
        }
    }

    @Override
    public float getFloat(int index) {
        int at = locate(index);
        int length = notNull(at, index, "float");
        try {
            return shape.codec(index).decodeFloat(shape.context(), shape.format(index), bytes, at + 4, length);
        } catch (RuntimeException e) {
            throw failed(index, float.class, e);
        }
    }

    @Override
    public boolean getBoolean(int index) {
        int at = locate(index);
        int length = notNull(at, index, "boolean");
        try {
            return shape.codec(index).decodeBoolean(shape.context(), shape.format(index), bytes, at + 4, length);
        } catch (RuntimeException e) {
            throw failed(index, boolean.class, e);
        }
    }

    @Override
    public <T> T as(Class<T> type) {
        return shape.mapper(type).map(this);
    }

    @Override
    public <T> T asLenient(Class<T> type) {
        return shape.lenientMapper(type).map(this);
    }

    @Override
    public Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < size(); i++) {
            // Of several columns with one name the first is meant, as everywhere.
            String name = shape.columns().get(i).name();
            if (!map.containsKey(name)) {
                map.put(name, get(i));
            }
        }
        return map;
    }

    /** Shows the columns, not the values. */
    @Override
    public String toString() {
        return "Row" + shape.columns().stream().map(Column::name).toList();
    }

    /** Where the length of this column stands. */
    private int locate(int index) {
        Objects.checkIndex(index, size());
        if (bytes == GONE) {
            throw new IllegalStateException(
                    "the row is only there while it is mapped: return what you need of it from the mapper, or use fetch without one");
        }
        int last = cursor;
        int column = last >>> CURSOR_BITS;
        int at = start + (last & CURSOR_MASK);
        if (column > index) {
            column = 0;
            at = start;
        }
        while (column < index) {
            at += 4 + Math.max(0, length(at));
            column++;
        }
        if (at - start <= CURSOR_MASK && index <= LAST_CURSOR_COLUMN) {
            cursor = index << CURSOR_BITS | (at - start);
        }
        return at;
    }

    private int length(int at) {
        return (int) INT.get(bytes, at);
    }

    private int notNull(int at, int index, String type) {
        int length = length(at);
        if (length < 0) {
            Column column = shape.columns().get(index);
            throw new ConversionException(
                    "column '" + column.name() + "' is NULL, which " + type
                            + " cannot hold: ask isNull first, or for an object with get",
                    Outcome.UNKNOWN,
                    null);
        }
        return length;
    }

    private ConversionException failed(int index, @Nullable Class<?> type, RuntimeException cause) {
        Codec codec = shape.codec(index);
        String message = "column '" + shape.columns().get(index).name() + "' of type " + codec.typeName()
                + (type == null ? "" : " could not be read as " + type.getTypeName());
        if (cause instanceof ConversionException) {
            return new ConversionException(message + ": " + cause.getMessage(), Outcome.UNKNOWN, cause.getCause());
        }
        return new ConversionException(message, Outcome.UNKNOWN, cause);
    }
}
