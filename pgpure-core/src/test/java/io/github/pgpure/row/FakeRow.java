package io.github.pgpure.row;

import io.github.pgpure.Column;
import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.Row;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A row of Java values that notes how it was asked. */
final class FakeRow implements Row {

    final List<String> calls = new ArrayList<>();
    private final List<Column> columns;
    private final Object[] values;

    FakeRow(List<Column> columns, Object... values) {
        this.columns = columns;
        this.values = values;
    }

    static List<Column> columns(String... names) {
        return Arrays.stream(names)
                .map(name -> new Column(name, 25, -1, 0, (short) 0))
                .toList();
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public int size() {
        return values.length;
    }

    @Override
    public Object get(int index) {
        calls.add("get(" + index + ")");
        return values[index];
    }

    @Override
    public <T> T get(int index, Class<T> type) {
        calls.add("get(" + index + ", " + type.getSimpleName() + ")");
        return type.cast(convert(values[index], type));
    }

    private static Object convert(Object value, Class<?> type) {
        if (value == null || type.isInstance(value)) {
            return value;
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> constant.toString().equals(value))
                    .findFirst()
                    .orElseThrow();
        }
        if (type.isArray() && value instanceof Object[] from) {
            Object to = Array.newInstance(type.getComponentType(), from.length);
            for (int i = 0; i < from.length; i++) {
                Array.set(to, i, convert(from[i], type.getComponentType()));
            }
            return to;
        }
        throw new ConversionException("no " + type.getSimpleName(), Outcome.UNKNOWN, null);
    }

    private Object primitive(int index, String name) {
        calls.add(name + "(" + index + ")");
        if (values[index] == null) {
            throw new ConversionException("column is NULL", Outcome.UNKNOWN, null);
        }
        return values[index];
    }

    @Override
    public boolean isNull(int index) {
        return values[index] == null;
    }

    @Override
    public int indexOf(String name) {
        throw new UnsupportedOperationException("names are looked up once, not per row");
    }

    @Override
    public int getInt(int index) {
        return (Integer) primitive(index, "getInt");
    }

    @Override
    public long getLong(int index) {
        return (Long) primitive(index, "getLong");
    }

    @Override
    public short getShort(int index) {
        return (Short) primitive(index, "getShort");
    }

    @Override
    public double getDouble(int index) {
        return (Double) primitive(index, "getDouble");
    }

    @Override
    public float getFloat(int index) {
        return (Float) primitive(index, "getFloat");
    }

    @Override
    public boolean getBoolean(int index) {
        return (Boolean) primitive(index, "getBoolean");
    }

    @Override
    public <T> T as(Class<T> type) {
        return ObjectMapping.of(type, columns, false).map(this);
    }

    @Override
    public <T> T asLenient(Class<T> type) {
        return ObjectMapping.of(type, columns, true).map(this);
    }

    @Override
    public Map<String, Object> toMap() {
        throw new UnsupportedOperationException();
    }
}
