package io.github.pgpure.row;

import io.github.pgpure.Column;
import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.Row;
import io.github.pgpure.RowMapper;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a mapper from rows of one shape to objects: all reflection happens here, once, and none per row.
 *
 * <ul>
 *   <li>A record, or a class with one constructor (of several, the only public one), gets a column for each of its components or
 *       parameters, found by {@link ColumnNames}. The names of parameters must be in the class file ({@code javac -parameters}).
 *   <li>A class with a constructor without parameters gets its setters called, with a column for each.
 *   <li>Every other type, and one of the above when there is one column that belongs to none of its components, is what that one
 *       column is converted to.
 * </ul>
 *
 * <p>A mapping is strict or lenient: a strict one wants a component for each column and a column for each setter, a lenient one ignores
 * the columns, and does not call the setters, that have no counterpart.
 */
final class ObjectMapping<T> {

    private static final MethodType ROW_TO_OBJECT = MethodType.methodType(Object.class, Row.class);
    private static final MethodType SET_FROM_ROW = MethodType.methodType(void.class, Object.class, Row.class);

    private static final String SETTER = "setter";

    private final Class<T> type;
    private final ColumnNames columns;
    private final boolean lenient;

    /** The columns that belong to something. */
    private final BitSet used = new BitSet();

    private ObjectMapping(Class<T> type, ColumnNames columns, boolean lenient) {
        this.type = type;
        this.columns = columns;
        this.lenient = lenient;
    }

    /** @throws ConversionException when rows with these columns cannot become such objects */
    static <T> RowMapper<T> of(Class<T> type, List<Column> columns, boolean lenient) {
        return new ObjectMapping<>(type, ColumnNames.ofColumns(columns), lenient).compile();
    }

    private RowMapper<T> compile() {
        try {
            if (isScalar()) {
                return scalar();
            }
            Constructor<?> constructor = constructor();
            if (constructor == null) {
                return scalar();
            }
            constructor.setAccessible(true);
            return constructor.getParameterCount() == 0 && !type.isRecord()
                    ? bean(constructor)
                    : constructed(constructor);
        } catch (IllegalAccessException | InaccessibleObjectException e) {
            throw failed(typeName() + " is not accessible: make it public, or open its package to this module", e);
        }
    }

    private boolean isScalar() {
        return type.isPrimitive()
                || type.isArray()
                || type.isEnum()
                || type.isInterface()
                || Modifier.isAbstract(type.getModifiers())
                || type.getName().startsWith("java.");
    }

    /** The one constructor to use, null where it is not clear which. */
    private @Nullable Constructor<?> constructor() {
        Constructor<?>[] all = type.getDeclaredConstructors();
        if (type.isRecord()) {
            Class<?>[] components = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            return Arrays.stream(all)
                    .filter(c -> Arrays.equals(c.getParameterTypes(), components))
                    .findFirst()
                    .orElseThrow();
        }
        if (all.length == 1) {
            return all[0];
        }
        List<Constructor<?>> open = Arrays.stream(all)
                .filter(c -> Modifier.isPublic(c.getModifiers()))
                .toList();
        if (open.size() == 1) {
            return open.get(0);
        }
        return Arrays.stream(all)
                .filter(c -> c.getParameterCount() == 0)
                .findFirst()
                .orElse(null);
    }

    private RowMapper<T> constructed(Constructor<?> constructor) throws IllegalAccessException {
        List<String> names = new ArrayList<>();
        List<Type> types = new ArrayList<>();
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                names.add(component.getName());
                types.add(component.getGenericType());
            }
        } else {
            for (Parameter parameter : constructor.getParameters()) {
                if (!parameter.isNamePresent()) {
                    return oneColumnOr(
                            "the names of its constructor's parameters are not known: compile it with -parameters, or make"
                                    + " it a record");
                }
                names.add(parameter.getName());
                types.add(parameter.getParameterizedType());
            }
        }
        var missing = new ArrayList<String>();
        var readers = new MethodHandle[names.size()];
        for (int i = 0; i < readers.length; i++) {
            int column = column(names.get(i));
            if (column < 0) {
                missing.add(names.get(i));
            } else {
                readers[i] = ColumnReader.of(column, types.get(i));
            }
        }
        if (missing.size() == names.size()) {
            return oneColumnOr(hasNoColumns(missing));
        }
        requireFit(missing, type.isRecord() ? "component" : "parameter");
        MethodHandle ofRows = MethodHandles.filterArguments(
                MethodHandles.lookup().unreflectConstructor(constructor).asFixedArity(), 0, readers);
        MethodHandle ofRow =
                MethodHandles.permuteArguments(ofRows, MethodType.methodType(type, Row.class), new int[readers.length]);
        return mapper(ofRow.asType(ROW_TO_OBJECT));
    }

    private RowMapper<T> bean(Constructor<?> constructor) throws IllegalAccessException {
        var lookup = MethodHandles.lookup();
        var missing = new ArrayList<String>();
        var setters = new ArrayList<MethodHandle>();
        for (Method method : type.getMethods()) {
            String name = method.getName();
            if (!name.startsWith("set")
                    || name.length() == 3
                    || method.getParameterCount() != 1
                    || method.isBridge()
                    || Modifier.isStatic(method.getModifiers())) {
                continue;
            }
            String property = Character.toLowerCase(name.charAt(3)) + name.substring(4);
            int column = column(property);
            if (column < 0) {
                missing.add(property);
            } else {
                method.setAccessible(true);
                MethodHandle reader = ColumnReader.of(column, method.getGenericParameterTypes()[0]);
                MethodHandle setter = lookup.unreflect(method).asFixedArity();
                setters.add(MethodHandles.filterArguments(setter, 1, reader).asType(SET_FROM_ROW));
            }
        }
        if (setters.isEmpty()) {
            return oneColumnOr(
                    missing.isEmpty()
                            ? "it has neither a constructor with parameters nor setters"
                            : hasNoColumns(missing));
        }
        requireFit(lenient ? List.of() : missing, SETTER);
        MethodHandle create = lookup.unreflectConstructor(constructor).asType(MethodType.methodType(Object.class));
        MethodHandle[] calls = setters.toArray(MethodHandle[]::new);
        return row -> {
            try {
                Object bean = (Object) create.invokeExact();
                for (MethodHandle call : calls) {
                    call.invokeExact(bean, row);
                }
                return type.cast(bean);
            } catch (Throwable e) {
                throw refused(e);
            }
        };
    }

    private RowMapper<T> scalar() {
        if (columns.size() != 1) {
            throw failed(
                    typeName() + " takes the value of one column, but the result has " + columns.size() + " " + columns
                            + ": select one, or use a record with these components, or toMap()",
                    null);
        }
        return mapper(ColumnReader.of(0, type).asType(ROW_TO_OBJECT));
    }

    /** The one column as a value of the type, such as a composite, a json or one with a converter; that failing, this reason counts. */
    private RowMapper<T> oneColumnOr(String reason) {
        String message = typeName() + " does not fit the result: " + reason;
        if (columns.size() != 1) {
            throw failed(message, null);
        }
        RowMapper<T> scalar = scalar();
        return row -> {
            try {
                return scalar.map(row);
            } catch (ConversionException e) {
                throw failed(message + "; nor could its one column be converted to it", e);
            }
        };
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // a scalar may be null, which RowMapper<T> cannot say of Class<T>
    private RowMapper<T> mapper(MethodHandle handle) {
        return row -> {
            try {
                return (T) (Object) handle.invokeExact(row);
            } catch (Throwable e) {
                throw refused(e);
            }
        };
    }

    /** What a constructor or setter threw may show values: it is the cause, not part of the message. */
    private PgException refused(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        if (e instanceof PgException known) {
            return known;
        }
        if (e instanceof ClassCastException) {
            return failed("a value is not of the type that " + typeName() + " needs", e);
        }
        return failed(
                typeName() + " refused the values of the row: " + e.getClass().getName(), e);
    }

    private int column(String javaName) {
        int column = columns.indexOf(javaName);
        if (column >= 0) {
            used.set(column);
        }
        return column;
    }

    /** Refuses what lacks a column and, unless this is lenient, columns that belong to nothing: all that is wrong in one message. */
    private void requireFit(List<String> missing, String part) {
        List<String> extra = lenient ? List.of() : columns.without(used);
        if (missing.isEmpty() && extra.isEmpty()) {
            return;
        }
        var message = new StringBuilder(typeName()).append(" does not fit the result: ");
        if (!missing.isEmpty()) {
            message.append(hasNoColumns(missing));
            if (part.equals(SETTER)) {
                message.append(", or use asLenient, which leaves out what has no column");
            }
        }
        if (!extra.isEmpty()) {
            message.append(missing.isEmpty() ? "" : "; and ")
                    .append("it has no " + part + " for the columns " + extra)
                    .append(": select only what it takes, or use asLenient, which ignores them");
        }
        throw failed(message.toString(), null);
    }

    private String hasNoColumns(List<String> names) {
        return "there is no column for " + names + " among " + columns
                + "; name the columns so (created_at or createdAt for createdAt), with \"as\" where needed";
    }

    private String typeName() {
        return (type.isRecord() ? "record " : "") + type.getTypeName();
    }

    private static ConversionException failed(String message, @Nullable Throwable cause) {
        return new ConversionException(message, Outcome.UNKNOWN, cause);
    }
}
