package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An array of whatever its element's codec makes: List, nested for several dimensions, and Java's arrays. Lower bounds are
 * seen in the text only; what is sent starts at 1.
 */
final class ArrayCodec extends ValueCodec {

    private final ValueCodec element;
    private final char delimiter;

    ArrayCodec(int oid, String typeName, ValueCodec element, char delimiter) {
        super(oid, typeName, element.format());
        this.element = element;
        this.delimiter = delimiter;
    }

    @Override
    public Class<?> defaultJavaType() {
        return List.class;
    }

    @Override
    String javaTypes() {
        return "List, or an array, of " + element.javaTypes();
    }

    private ArrayData read(Format format, byte[] bytes, int offset, int length) {
        return format == Format.BINARY
                ? ArrayData.readBinary(bytes, offset, length)
                : ArrayText.read(bytes, offset, length, delimiter);
    }

    @Override
    public Object decode(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return decodeList(context, format, bytes, offset, length, null);
    }

    /** @param elementType the elements' Java type, null for the default one */
    List<@Nullable Object> decodeList(
            ConversionContext context,
            Format format,
            byte[] bytes,
            int offset,
            int length,
            @Nullable Class<?> elementType) {
        try {
            ArrayData data = read(format, bytes, offset, length);
            return data.dimensions() == 0 ? List.of() : list(context, data, 0, 0, data.elements.size, elementType);
        } catch (RuntimeException e) {
            throw cannotRead(List.class, e);
        }
    }

    @Override
    @SuppressWarnings("unchecked")
    public <E> List<@Nullable E> decodeElements(
            ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<E> elementType) {
        try {
            ArrayData data = read(format, bytes, offset, length);
            if (data.dimensions() > 1) {
                throw new ValueException("it has " + data.dimensions() + " dimensions: use a List of as many Lists");
            }
            return data.dimensions() == 0
                    ? Collections.emptyList()
                    : (List<@Nullable E>) list(context, data, 0, 0, data.elements.size, elementType);
        } catch (RuntimeException e) {
            throw cannotRead(List.class, e);
        }
    }

    private List<@Nullable Object> list(
            ConversionContext context, ArrayData data, int level, int from, int to, @Nullable Class<?> elementType) {
        int size = data.sizes[level];
        int step = (to - from) / size;
        @Nullable Object[] list = new Object[size];
        for (int i = 0; i < size; i++) {
            int at = from + i * step;
            if (level + 1 < data.dimensions()) {
                list[i] = list(context, data, level + 1, at, at + step, elementType);
            } else if (!data.elements.isNull(at)) {
                list[i] = elementType == null
                        ? data.elements.decode(context, element, at)
                        : data.elements.decode(context, element, at, elementType);
            }
        }
        return Collections.unmodifiableList(Arrays.asList(list));
    }

    @Override
    public <T> T decode(ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<T> type) {
        try {
            if (type == String.class) {
                return type.cast(decodeToText(context, format, bytes, offset, length));
            } else if (type.isAssignableFrom(List.class)) {
                return type.cast(decode(context, format, bytes, offset, length));
            } else if (type.isArray()) {
                ArrayData data = read(format, bytes, offset, length);
                return type.cast(
                        data.dimensions() == 0
                                ? Array.newInstance(type.getComponentType(), 0)
                                : array(context, data, 0, 0, data.elements.size, type.getComponentType()));
            }
        } catch (RuntimeException e) {
            throw cannotRead(type, e);
        }
        throw cannotRead(type);
    }

    private Object array(ConversionContext context, ArrayData data, int level, int from, int to, Class<?> component) {
        int size = data.sizes[level];
        Slices elements = data.elements;
        if (level + 1 < data.dimensions()) {
            Class<?> inner = component == Object.class ? Object.class : component.getComponentType();
            if (inner == null) {
                throw new ValueException(
                        "it has " + data.dimensions() + " dimensions: use List, or an array of as many");
            }
            Object[] array = (Object[]) Array.newInstance(component, size);
            int step = (to - from) / size;
            for (int i = 0; i < size; i++) {
                array[i] = array(context, data, level + 1, from + i * step, from + (i + 1) * step, inner);
            }
            return array;
        } else if (component.isPrimitive()) {
            return primitives(context, elements, from, size, component);
        }
        @Nullable Object[] array = (@Nullable Object[]) Array.newInstance(component, size);
        for (int i = 0; i < size; i++) {
            if (!elements.isNull(from + i)) {
                array[i] = component == Object.class
                        ? elements.decode(context, element, from + i)
                        : elements.decode(context, element, from + i, component);
            }
        }
        return array;
    }

    private Object primitives(ConversionContext context, Slices elements, int from, int size, Class<?> component) {
        for (int i = from; i < from + size; i++) {
            if (elements.isNull(i)) {
                throw new ValueException("it has NULL elements: use List, or an array of objects");
            }
        }
        Format format = elements.format;
        byte[] bytes = elements.bytes;
        if (component == int.class) {
            int[] array = new int[size];
            for (int i = 0; i < size; i++) {
                array[i] =
                        element.decodeInt(context, format, bytes, elements.offset(from + i), elements.length(from + i));
            }
            return array;
        } else if (component == long.class) {
            long[] array = new long[size];
            for (int i = 0; i < size; i++) {
                array[i] = element.decodeLong(
                        context, format, bytes, elements.offset(from + i), elements.length(from + i));
            }
            return array;
        } else if (component == double.class) {
            double[] array = new double[size];
            for (int i = 0; i < size; i++) {
                array[i] = element.decodeDouble(
                        context, format, bytes, elements.offset(from + i), elements.length(from + i));
            }
            return array;
        }
        Object array = Array.newInstance(component, size);
        for (int i = 0; i < size; i++) {
            Array.set(array, i, elements.decode(context, element, from + i, boxed(component)));
        }
        return array;
    }

    @Override
    String decodeToText(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        if (format == Format.TEXT) {
            return Bytes.getString(bytes, offset, length);
        }
        ArrayData data = ArrayData.readBinary(bytes, offset, length);
        if (data.dimensions() == 0) {
            return "{}";
        }
        StringBuilder text = new StringBuilder();
        if (Arrays.stream(data.lowerBounds).anyMatch(bound -> bound != 1)) {
            for (int i = 0; i < data.dimensions(); i++) {
                int upper = data.lowerBounds[i] + data.sizes[i] - 1;
                text.append('[')
                        .append(data.lowerBounds[i])
                        .append(':')
                        .append(upper)
                        .append(']');
            }
            text.append('=');
        }
        appendText(context, data, 0, 0, data.elements.size, text);
        return text.toString();
    }

    private void appendText(
            ConversionContext context, ArrayData data, int level, int from, int to, StringBuilder text) {
        int size = data.sizes[level];
        int step = (to - from) / size;
        text.append('{');
        for (int i = 0; i < size; i++) {
            if (i > 0) {
                text.append(delimiter);
            }
            int at = from + i * step;
            if (level + 1 < data.dimensions()) {
                appendText(context, data, level + 1, at, at + step, text);
            } else if (data.elements.isNull(at)) {
                text.append("NULL");
            } else {
                ArrayText.append(text, data.elements.decodeToText(context, element, at), delimiter);
            }
        }
        text.append('}');
    }

    @Override
    void encodeBinary(ConversionContext context, Object value, FrontendBuffer out) {
        List<?> list = Elements.of(value);
        if (list == null) {
            throw cannotSend(value);
        }
        try {
            int[] sizes = sizes(list);
            out.writeInt(sizes.length);
            // There may be NULLs: the server looks for itself.
            out.writeInt(sizes.length == 0 ? 0 : 1);
            out.writeInt(element.oid());
            for (int size : sizes) {
                out.writeInt(size);
                out.writeInt(1);
            }
            if (sizes.length > 0) {
                write(context, list, sizes, 0, out);
            }
        } catch (RuntimeException e) {
            throw cannotSend(value, e);
        }
    }

    private void write(ConversionContext context, List<?> list, int[] sizes, int level, FrontendBuffer out) {
        for (int i = 0; i < sizes[level]; i++) {
            Object item = list.get(i);
            if (level + 1 < sizes.length) {
                write(context, nested(item, sizes[level + 1]), sizes, level + 1, out);
            } else if (item == null) {
                out.writeInt(-1);
            } else {
                int mark = out.beginLength();
                element.encodeBinary(context, item, out);
                out.endLengthExclusive(mark);
            }
        }
    }

    @Override
    String encodeText(ConversionContext context, Object value) {
        List<?> list = Elements.of(value);
        if (list == null) {
            throw cannotSend(value);
        }
        try {
            int[] sizes = sizes(list);
            StringBuilder text = new StringBuilder();
            if (sizes.length == 0) {
                text.append("{}");
            } else {
                append(context, list, sizes, 0, text);
            }
            return text.toString();
        } catch (RuntimeException e) {
            throw cannotSend(value, e);
        }
    }

    private void append(ConversionContext context, List<?> list, int[] sizes, int level, StringBuilder text) {
        text.append('{');
        for (int i = 0; i < sizes[level]; i++) {
            if (i > 0) {
                text.append(delimiter);
            }
            Object item = list.get(i);
            if (level + 1 < sizes.length) {
                append(context, nested(item, sizes[level + 1]), sizes, level + 1, text);
            } else if (item == null) {
                text.append("NULL");
            } else {
                ArrayText.append(text, element.encodeText(context, item), delimiter);
            }
        }
        text.append('}');
    }

    /** The sizes of a Java value's dimensions, by the first element of each. */
    private int[] sizes(List<?> list) {
        int[] sizes = new int[ArrayData.MAX_DIMENSIONS];
        int dimensions = 0;
        List<?> level = list;
        while (level != null) {
            if (dimensions == ArrayData.MAX_DIMENSIONS) {
                throw new ValueException(
                        "PostgreSQL's arrays have at most " + ArrayData.MAX_DIMENSIONS + " dimensions");
            }
            sizes[dimensions++] = level.size();
            if (level.isEmpty()) {
                if (dimensions == 1) {
                    return new int[0];
                }
                throw new ValueException("a nested list is empty, which PostgreSQL's arrays cannot hold");
            }
            Object first = level.get(0);
            level = first == null || element.takesWhole(first) ? null : Elements.of(first);
        }
        return Arrays.copyOf(sizes, dimensions);
    }

    private static List<?> nested(@Nullable Object item, int size) {
        List<?> list = item == null ? null : Elements.of(item);
        if (list == null || list.size() != size) {
            throw new ValueException("its nested lists are not all of the same size, as PostgreSQL's arrays need it");
        }
        return list;
    }

    /** The element of an array can be one, through a domain. */
    @Override
    boolean takesWhole(Object listOrArray) {
        return listOrArray instanceof Collection || listOrArray.getClass().isArray();
    }
}
