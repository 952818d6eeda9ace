package io.github.pgpure.row;

import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.Row;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes method handles that read one column of a {@link Row} as a Java type.
 *
 * <p>Primitive types are read without boxing. {@code List<E>}, {@code Collection<E>} and {@code Set<E>} have their elements converted
 * too, and {@code Optional<E>} as {@code E}.
 */
final class ColumnReader {

    private static final MethodHandle GET = virtual("get", Object.class, int.class, Class.class);
    private static final MethodHandle GET_DEFAULT = virtual("get", Object.class, int.class);

    private static final Map<Class<?>, MethodHandle> PRIMITIVES = Map.of(
            int.class, virtual("getInt", int.class, int.class),
            long.class, virtual("getLong", long.class, int.class),
            short.class, virtual("getShort", short.class, int.class),
            double.class, virtual("getDouble", double.class, int.class),
            float.class, virtual("getFloat", float.class, int.class),
            boolean.class, virtual("getBoolean", boolean.class, int.class));

    private static final MethodHandle CONVERTED =
            own("converted", Object.class, Row.class, int.class, Class.class, Conversion.class);
    private static final MethodHandle NOT_NULL = own("notNull", Object.class, Row.class, int.class, Class.class);

    private static final MethodHandle ELEMENTS =
            own("elements", Object.class, Row.class, int.class, Class.class, boolean.class);

    /** What becomes of the value that was read; sees null for NULL. */
    private interface Conversion {

        @Nullable
        Object apply(@Nullable Object value);
    }

    /**
     * How a type is read.
     *
     * @param asked the type that the row is asked for
     * @param conversion what becomes of the value, null for nothing
     */
    private record Reading(Class<?> asked, @Nullable Conversion conversion) {}

    private ColumnReader() {}

    /**
     * A handle that takes a {@link Row} and returns the value of this column.
     *
     * @param index the column
     * @param type the type wanted; the handle returns its erasure
     */
    static MethodHandle of(int index, Type type) {
        Class<?> erased = erase(type);
        MethodHandle primitive = PRIMITIVES.get(erased);
        if (primitive != null) {
            return MethodHandles.insertArguments(primitive, 1, index);
        }
        MethodHandle handle;
        if (erased.isPrimitive()) {
            Class<?> wrapper = MethodType.methodType(erased).wrap().returnType();
            handle = MethodHandles.insertArguments(NOT_NULL, 1, index, wrapper);
        } else if (erased == Object.class) {
            handle = MethodHandles.insertArguments(GET_DEFAULT, 1, index);
        } else {
            Class<?> element = elementClass(type, erased);
            if (element != null) {
                return MethodHandles.insertArguments(ELEMENTS, 1, index, element, erased == Set.class)
                        .asType(MethodType.methodType(erased, Row.class));
            }
            Reading reading = reading(type);
            handle = reading.conversion == null
                    ? MethodHandles.insertArguments(GET, 1, index, reading.asked)
                    : MethodHandles.insertArguments(CONVERTED, 1, index, reading.asked, reading.conversion);
        }
        return handle.asType(MethodType.methodType(erased, Row.class));
    }

    private static Reading reading(Type type) {
        Class<?> erased = erase(type);
        if (erased == OptionalInt.class) {
            return new Reading(Integer.class, v -> v == null ? OptionalInt.empty() : OptionalInt.of((Integer) v));
        }
        if (erased == OptionalLong.class) {
            return new Reading(Long.class, v -> v == null ? OptionalLong.empty() : OptionalLong.of((Long) v));
        }
        if (erased == OptionalDouble.class) {
            return new Reading(Double.class, v -> v == null ? OptionalDouble.empty() : OptionalDouble.of((Double) v));
        }
        if (type instanceof ParameterizedType parameterized) {
            Type argument = parameterized.getActualTypeArguments()[0];
            if (erased == Optional.class) {
                Reading element = reading(argument);
                return new Reading(element.asked, v -> Optional.ofNullable(convert(element, v)));
            }
            if ((erased == List.class || erased == Collection.class || erased == Iterable.class)
                    && erase(argument) != Object.class) {
                Reading element = reading(argument);
                return new Reading(element.asked.arrayType(), v -> v == null ? null : list(v, element));
            }
            if (erased == Set.class && erase(argument) != Object.class) {
                Reading element = reading(argument);
                return new Reading(
                        element.asked.arrayType(),
                        v -> v == null ? null : Collections.unmodifiableSet(new LinkedHashSet<>(list(v, element))));
            }
        }
        return new Reading(erased, null);
    }

    private static @Nullable Object convert(Reading reading, @Nullable Object value) {
        return reading.conversion == null ? value : reading.conversion.apply(value);
    }

    /** Unmodifiable; elements may be null, as those of PostgreSQL's arrays. */
    private static List<@Nullable Object> list(Object array, Reading element) {
        int length = Array.getLength(array);
        List<@Nullable Object> list = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            list.add(convert(element, Array.get(array, i)));
        }
        return Collections.unmodifiableList(list);
    }

    /** The class of the elements, of a collection whose elements are read as they are; null for all other types. */
    private static @Nullable Class<?> elementClass(Type type, Class<?> erased) {
        boolean collection =
                erased == List.class || erased == Collection.class || erased == Iterable.class || erased == Set.class;
        if (!collection || !(type instanceof ParameterizedType parameterized)) {
            return null;
        }
        Reading element = reading(parameterized.getActualTypeArguments()[0]);
        return element.conversion == null && element.asked != Object.class && !element.asked.isArray()
                ? element.asked
                : null;
    }

    private static @Nullable Object elements(Row row, int index, Class<?> element, boolean set) {
        List<?> list =
                row instanceof RawRow raw ? raw.elements(index, element) : asList(row.get(index, element.arrayType()));
        return list == null || !set ? list : Collections.unmodifiableSet(new LinkedHashSet<>(list));
    }

    /** Of a row that the application has made itself. */
    private static @Nullable List<?> asList(@Nullable Object array) {
        return array == null ? null : Collections.unmodifiableList(Arrays.asList((Object[]) array));
    }

    private static @Nullable Object converted(Row row, int index, Class<?> asked, Conversion conversion) {
        return conversion.apply(row.get(index, asked));
    }

    private static Object notNull(Row row, int index, Class<?> wrapper) {
        Object value = row.get(index, wrapper);
        if (value == null) {
            throw new ConversionException(
                    "column '" + row.columns().get(index).name() + "' is NULL, which a primitive type cannot hold: use "
                            + wrapper.getSimpleName(),
                    Outcome.UNKNOWN,
                    null);
        }
        return value;
    }

    private static Class<?> erase(Type type) {
        if (type instanceof Class<?> erased) {
            return erased;
        }
        if (type instanceof ParameterizedType parameterized) {
            return (Class<?>) parameterized.getRawType();
        }
        if (type instanceof GenericArrayType array) {
            return erase(array.getGenericComponentType()).arrayType();
        }
        if (type instanceof WildcardType wildcard) {
            return erase(wildcard.getUpperBounds()[0]);
        }
        return erase(((TypeVariable<?>) type).getBounds()[0]);
    }

    private static MethodHandle virtual(String name, Class<?> returned, Class<?>... parameters) {
        try {
            return MethodHandles.lookup().findVirtual(Row.class, name, MethodType.methodType(returned, parameters));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static MethodHandle own(String name, Class<?> returned, Class<?>... parameters) {
        try {
            return MethodHandles.lookup()
                    .findStatic(ColumnReader.class, name, MethodType.methodType(returned, parameters));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
