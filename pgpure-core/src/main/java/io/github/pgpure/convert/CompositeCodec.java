package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A composite type, or a table's row type: a Map by attribute name, or the record it was registered for; and List, Object[] and
 * any record whose components have the attributes' names
 * (<a href="https://www.postgresql.org/docs/current/rowtypes.html">manual</a>).
 */
final class CompositeCodec extends ValueCodec {

    private final List<TypeInfo.Member> attributes;
    private final ValueCodec[] codecs;

    /** The record it was registered for. */
    private final @Nullable Class<?> registered;

    private final ClassValue<RecordShape> shapes = new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
            return RecordShape.of(type, attributes);
        }
    };

    CompositeCodec(
            int oid,
            String typeName,
            List<TypeInfo.Member> attributes,
            ValueCodec[] codecs,
            @Nullable Class<?> registered) {
        super(oid, typeName, commonFormat(codecs));
        this.attributes = attributes;
        this.codecs = codecs;
        this.registered = registered;
    }

    /** One field that has no binary representation makes the whole go as text. */
    private static Format commonFormat(ValueCodec[] codecs) {
        return Arrays.stream(codecs).allMatch(codec -> codec.format() == Format.BINARY) ? Format.BINARY : Format.TEXT;
    }

    /** This type with a record as its default Java type. */
    CompositeCodec registeredFor(Class<?> type) {
        return new CompositeCodec(oid(), typeName(), attributes, codecs, type);
    }

    @Override
    public Class<?> defaultJavaType() {
        return registered == null ? Map.class : registered;
    }

    @Override
    String javaTypes() {
        return (registered == null ? "" : registered.getTypeName() + ", ")
                + "a record with components named like the attributes, Map, List, Object[]";
    }

    private CompositeData read(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        CompositeData data = CompositeData.read(format, bytes, offset, length);
        boolean same = data.size() == codecs.length || codecs.length == 0 && format == Format.TEXT;
        for (int i = 0; same && i < data.oids().length; i++) {
            same = data.oids()[i] == codecs[i].oid();
        }
        if (!same) {
            context.types().forget(oid(), attributes);
            throw new ValueException("the type was altered since it was looked up: run the statement again");
        }
        return data;
    }

    private @Nullable Object field(ConversionContext context, CompositeData data, int index) {
        return data.fields().isNull(index) ? null : data.fields().decode(context, codecs[index], index);
    }

    private Map<String, @Nullable Object> map(ConversionContext context, CompositeData data) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < codecs.length; i++) {
            map.put(attributes.get(i).name(), field(context, data, i));
        }
        return Collections.unmodifiableMap(map);
    }

    private @Nullable Object[] array(ConversionContext context, CompositeData data) {
        @Nullable Object[] array = new Object[codecs.length];
        for (int i = 0; i < array.length; i++) {
            array[i] = field(context, data, i);
        }
        return array;
    }

    @Override
    public Object decode(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        Class<?> type = defaultJavaType();
        try {
            CompositeData data = read(context, format, bytes, offset, length);
            return registered == null
                    ? map(context, data)
                    : shapes.get(registered).read(context, data, codecs);
        } catch (RuntimeException e) {
            throw cannotRead(type, e);
        }
    }

    @Override
    public <T> T decode(ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<T> type) {
        try {
            if (type == String.class) {
                return type.cast(decodeToText(context, format, bytes, offset, length));
            } else if (type.isAssignableFrom(defaultJavaType())) {
                return type.cast(decode(context, format, bytes, offset, length));
            }
            CompositeData data = read(context, format, bytes, offset, length);
            if (type.isRecord()) {
                return type.cast(shapes.get(type).read(context, data, codecs));
            } else if (type.isAssignableFrom(Map.class)) {
                return type.cast(map(context, data));
            } else if (type.isAssignableFrom(List.class)) {
                return type.cast(Collections.unmodifiableList(Arrays.asList(array(context, data))));
            } else if (type == Object[].class) {
                return type.cast(array(context, data));
            }
        } catch (RuntimeException e) {
            throw cannotRead(type, e);
        }
        throw cannotRead(type);
    }

    @Override
    String decodeToText(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return format == Format.TEXT
                ? Bytes.getString(bytes, offset, length)
                : read(context, format, bytes, offset, length).toText(context, codecs);
    }

    /** The values of the attributes; null when this is no Java type for them. */
    private @Nullable List<?> fields(Object value) {
        List<?> fields;
        if (value instanceof Record) {
            return shapes.get(value.getClass()).write(value, attributes);
        } else if (value instanceof Map<?, ?> map) {
            return fields(map);
        } else if (value instanceof List<?> list) {
            fields = list;
        } else if (value instanceof Object[] array) {
            fields = Arrays.asList(array);
        } else {
            return null;
        }
        if (fields.size() != codecs.length) {
            throw new ValueException(
                    "it has " + fields.size() + " values where the type has " + codecs.length + " attributes");
        }
        return fields;
    }

    private List<?> fields(Map<?, ?> map) {
        List<@Nullable Object> fields = new ArrayList<>(codecs.length);
        int found = 0;
        for (TypeInfo.Member attribute : attributes) {
            if (map.containsKey(attribute.name())) {
                found++;
            }
            fields.add(map.get(attribute.name()));
        }
        if (found != map.size()) {
            throw new ValueException("it has keys that are no attributes; the attributes are "
                    + String.join(
                            ", ", attributes.stream().map(TypeInfo.Member::name).toList()));
        }
        return fields;
    }

    @Override
    void encodeBinary(ConversionContext context, Object value, FrontendBuffer out) {
        try {
            List<?> fields = fields(value);
            if (fields != null) {
                out.writeInt(codecs.length);
                for (int i = 0; i < codecs.length; i++) {
                    out.writeInt(codecs[i].oid());
                    Object field = fields.get(i);
                    if (field == null) {
                        out.writeInt(-1);
                    } else {
                        int mark = out.beginLength();
                        codecs[i].encodeBinary(context, field, out);
                        out.endLengthExclusive(mark);
                    }
                }
                return;
            }
        } catch (RuntimeException e) {
            throw cannotSend(value, e);
        }
        throw cannotSend(value);
    }

    @Override
    String encodeText(ConversionContext context, Object value) {
        try {
            List<?> fields = fields(value);
            if (fields != null) {
                StringBuilder text = new StringBuilder("(");
                for (int i = 0; i < codecs.length; i++) {
                    if (i > 0) {
                        text.append(',');
                    }
                    Object field = fields.get(i);
                    if (field != null) {
                        BracketText.append(text, codecs[i].encodeText(context, field));
                    }
                }
                return text.append(')').toString();
            }
        } catch (RuntimeException e) {
            throw cannotSend(value, e);
        }
        throw cannotSend(value);
    }

    @Override
    boolean takesWhole(Object listOrArray) {
        return listOrArray instanceof Collection || listOrArray instanceof Object[];
    }
}
