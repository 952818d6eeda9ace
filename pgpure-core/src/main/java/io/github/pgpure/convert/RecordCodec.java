package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The anonymous {@code record}, as {@code select row(1, 'a')} makes it: a List of its fields in their default Java types; Object[],
 * and a Java record with as many components. It cannot be sent.
 */
final class RecordCodec extends ValueCodec {

    RecordCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY);
    }

    @Override
    public Class<?> defaultJavaType() {
        return List.class;
    }

    @Override
    String javaTypes() {
        return "List, Object[], a record with as many components";
    }

    /** The fields' codecs; a text does not say their types, so they are texts. */
    private static ValueCodec[] codecs(ConversionContext context, CompositeData data) {
        ValueCodec[] codecs = new ValueCodec[data.size()];
        for (int i = 0; i < codecs.length; i++) {
            ValueCodec codec = data.oids().length == 0 ? null : context.types().valueCodec(data.oids()[i]);
            codecs[i] = codec == null ? BaseCodecs.asText(0, "field " + (i + 1) + " of a record") : codec;
        }
        return codecs;
    }

    private static @Nullable Object[] array(ConversionContext context, CompositeData data) {
        ConversionContext nested = context.nested();
        ValueCodec[] codecs = codecs(context, data);
        @Nullable Object[] array = new Object[codecs.length];
        for (int i = 0; i < array.length; i++) {
            array[i] = data.fields().isNull(i) ? null : data.fields().decode(nested, codecs[i], i);
        }
        return array;
    }

    @Override
    public Object decode(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return decode(context, format, bytes, offset, length, List.class);
    }

    @Override
    public <T> T decode(ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<T> type) {
        try {
            if (type == String.class) {
                return type.cast(decodeToText(context, format, bytes, offset, length));
            }
            CompositeData data = CompositeData.read(format, bytes, offset, length);
            if (type.isAssignableFrom(List.class)) {
                return type.cast(Collections.unmodifiableList(Arrays.asList(array(context, data))));
            } else if (type == Object[].class) {
                return type.cast(array(context, data));
            } else if (type.isRecord()) {
                return type.cast(
                        RecordShape.ofPositions(type, data.size()).read(context.nested(), data, codecs(context, data)));
            }
        } catch (RuntimeException e) {
            throw cannotRead(type, e);
        }
        throw cannotRead(type);
    }

    @Override
    String decodeToText(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        if (format == Format.TEXT) {
            return Bytes.getString(bytes, offset, length);
        }
        CompositeData data = CompositeData.read(format, bytes, offset, length);
        return data.toText(context.nested(), codecs(context, data));
    }

    @Override
    void encodeBinary(ConversionContext context, Object value, FrontendBuffer out) {
        throw cannotSend(value, NO_INPUT, null);
    }

    @Override
    String encodeText(ConversionContext context, Object value) {
        throw cannotSend(value, NO_INPUT, null);
    }

    private static final String NO_INPUT =
            "PostgreSQL takes no anonymous records: create a composite type and cast the parameter to it";

    @Override
    boolean takesWhole(Object listOrArray) {
        return true;
    }
}
