package io.github.pgpure.row;

import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the components of records in the order of columns; all reflection happens once. Immutable, thread-safe. */
public final class RecordValues<T extends Record> implements Function<T, @Nullable Object[]> {

    private static final MethodType ACCESSOR = MethodType.methodType(Object.class, Object.class);

    private final Class<T> type;
    private final MethodHandle[] accessors;

    private RecordValues(Class<T> type, MethodHandle[] accessors) {
        this.type = type;
        this.accessors = accessors;
    }

    /**
     * Finds the component for each column, by the rules by which rows become records.
     *
     * @throws ConversionException when a column has none, or the record is not accessible
     */
    public static <T extends Record> RecordValues<T> of(Class<T> type, List<String> columns) {
        var names = ColumnNames.of(columns);
        @Nullable MethodHandle[] found = new MethodHandle[columns.size()];
        try {
            for (RecordComponent component : type.getRecordComponents()) {
                int column = names.indexOf(component.getName());
                if (column >= 0 && found[column] == null) {
                    Method accessor = component.getAccessor();
                    accessor.setAccessible(true);
                    found[column] = MethodHandles.lookup().unreflect(accessor).asType(ACCESSOR);
                }
            }
        } catch (IllegalAccessException | InaccessibleObjectException e) {
            throw failed(
                    "record " + type.getTypeName()
                            + " is not accessible: make it public, or open its package to this module",
                    e);
        }
        var missing = new ArrayList<String>();
        MethodHandle[] accessors = new MethodHandle[found.length];
        for (int i = 0; i < found.length; i++) {
            MethodHandle accessor = found[i];
            if (accessor == null) {
                missing.add(columns.get(i));
            } else {
                accessors[i] = accessor;
            }
        }
        if (!missing.isEmpty()) {
            throw failed("record " + type.getTypeName() + " has no component for " + missing, null);
        }
        return new RecordValues<>(type, accessors);
    }

    @Override
    public @Nullable Object[] apply(T row) {
        @Nullable Object[] values = new Object[accessors.length];
        for (int i = 0; i < values.length; i++) {
            try {
                values[i] = (Object) accessors[i].invokeExact((Object) row);
            } catch (Error e) {
                throw e;
            } catch (Throwable e) {
                // What it says may contain values.
                throw failed(
                        "an accessor of record " + type.getTypeName() + " failed: "
                                + e.getClass().getName(),
                        e);
            }
        }
        return values;
    }

    private static ConversionException failed(String message, @Nullable Throwable cause) {
        return new ConversionException(message, Outcome.ROLLED_BACK, cause);
    }
}
