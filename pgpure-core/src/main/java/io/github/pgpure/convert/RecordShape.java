package io.github.pgpure.convert;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a Java record's components and a composite type's attributes belong together; worked out once per class and type, so that
 * no value costs reflection. Immutable.
 */
final class RecordShape {

    private final Class<?> type;
    private final RecordComponent[] components;

    /** The attribute of each component. */
    private final int[] attributes;

    /** The component of each attribute, -1 for none. */
    private final int[] componentOf;

    private final MethodHandle constructor;
    private final MethodHandle[] accessors;

    private RecordShape(Class<?> type, int[] attributes, int attributeCount) {
        this.type = type;
        this.components = type.getRecordComponents();
        this.attributes = attributes;
        this.componentOf = new int[attributeCount];
        Arrays.fill(componentOf, -1);
        for (int i = 0; i < attributes.length; i++) {
            componentOf[attributes[i]] = i;
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        this.accessors = new MethodHandle[components.length];
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            this.constructor = lookup.unreflectConstructor(canonical)
                    .asSpreader(Object[].class, types.length)
                    .asType(MethodType.methodType(Object.class, Object[].class));
            for (int i = 0; i < accessors.length; i++) {
                Method accessor = components[i].getAccessor();
                accessor.setAccessible(true);
                accessors[i] = lookup.unreflect(accessor).asType(MethodType.methodType(Object.class, Object.class));
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new ValueException(type.getTypeName() + " is not open to reflection ("
                    + e.getClass().getSimpleName() + ")");
        }
    }

    /** The shape for attributes with these names: {@code snake_case} is {@code camelCase}, and case does not matter. */
    static RecordShape of(Class<?> type, List<TypeInfo.Member> attributes) {
        RecordComponent[] components = type.getRecordComponents();
        int[] found = new int[components.length];
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < components.length; i++) {
            found[i] = find(components[i].getName(), attributes);
            if (found[i] < 0) {
                missing.add(components[i].getName());
            }
        }
        if (!missing.isEmpty()) {
            throw new ValueException("there is no attribute for its component" + (missing.size() > 1 ? "s " : " ")
                    + String.join(", ", missing) + "; there are "
                    + String.join(
                            ", ", attributes.stream().map(TypeInfo.Member::name).toList()));
        }
        return new RecordShape(type, found, attributes.size());
    }

    /** The shape for fields that have no names: by their order. */
    static RecordShape ofPositions(Class<?> type, int count) {
        int components = type.getRecordComponents().length;
        if (components != count) {
            throw new ValueException("it has " + count + " fields, the record " + components + " components");
        }
        int[] positions = new int[count];
        Arrays.setAll(positions, i -> i);
        return new RecordShape(type, positions, count);
    }

    private static int find(String component, List<TypeInfo.Member> attributes) {
        for (int i = 0; i < attributes.size(); i++) {
            if (attributes.get(i).name().equals(component)) {
                return i;
            }
        }
        String plain = plain(component);
        for (int i = 0; i < attributes.size(); i++) {
            if (plain(attributes.get(i).name()).equals(plain)) {
                return i;
            }
        }
        return -1;
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    Object read(ConversionContext context, CompositeData data, ValueCodec[] codecs) {
        @Nullable Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = component(context, components[i], data.fields(), attributes[i], codecs[attributes[i]]);
        }
        try {
            return (Object) constructor.invokeExact((Object[]) values);
        } catch (Throwable e) {
            // Its message may hold values, and it is not the server's fault.
            throw new ValueException("the constructor of " + type.getTypeName() + " threw "
                    + e.getClass().getName());
        }
    }

    private static @Nullable Object component(
            ConversionContext context, RecordComponent component, Slices fields, int index, ValueCodec codec) {
        Class<?> wanted = component.getType();
        if (wanted == Optional.class) {
            Class<?> content = argument(component.getGenericType());
            return fields.isNull(index)
                    ? Optional.empty()
                    : Optional.of(
                            content == null || content == Object.class
                                    ? fields.decode(context, codec, index)
                                    : fields.decode(context, codec, index, content));
        }
        if (fields.isNull(index)) {
            if (wanted.isPrimitive()) {
                throw new ValueException("the component " + component.getName() + " is of type " + wanted
                        + " and the attribute is NULL");
            }
            return null;
        }
        boolean set = wanted == Set.class;
        if (set || wanted.isAssignableFrom(List.class) && wanted != Object.class) {
            Class<?> element = argument(component.getGenericType());
            if (codec instanceof ArrayCodec array) {
                List<@Nullable Object> list = array.decodeList(
                        context, fields.format, fields.bytes, fields.offset(index), fields.length(index), element);
                return set ? Collections.unmodifiableSet(new LinkedHashSet<>(list)) : list;
            }
            if (codec instanceof JsonCodec && element != null && !element.isPrimitive()) {
                // A mapping knows classes only: it makes an array of what would otherwise be maps.
                Class<?> array = element.arrayType();
                List<Object> list = Arrays.asList((Object[]) fields.decode(context, codec, index, array));
                return set
                        ? Collections.unmodifiableSet(new LinkedHashSet<>(list))
                        : Collections.unmodifiableList(list);
            }
        }
        return wanted == Object.class
                ? fields.decode(context, codec, index)
                : fields.decode(context, codec, index, wanted);
    }

    /** The class that a type is parameterized with, at the end of {@code List<List<X>>} too; null when that is not one. */
    private static @Nullable Class<?> argument(Type type) {
        Type inner = type;
        while (inner instanceof ParameterizedType parameterized) {
            inner = parameterized.getActualTypeArguments()[0];
        }
        return inner instanceof Class<?> found && found != Object.class && inner != type ? found : null;
    }

    /** The values of all attributes, in their order. */
    List<@Nullable Object> write(Object value, List<TypeInfo.Member> names) {
        List<@Nullable Object> values = new ArrayList<>(componentOf.length);
        for (int i = 0; i < componentOf.length; i++) {
            if (componentOf[i] < 0) {
                throw new ValueException(
                        "it has no component for the attribute " + names.get(i).name());
            }
            try {
                Object field = (@Nullable Object) accessors[componentOf[i]].invokeExact(value);
                values.add(field instanceof Optional<?> optional ? optional.orElse(null) : field);
            } catch (Throwable e) {
                throw new ValueException("an accessor of " + type.getTypeName() + " threw "
                        + e.getClass().getName());
            }
        }
        return values;
    }
}
