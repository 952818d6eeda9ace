package io.github.pgpure.convert;

import io.github.pgpure.ConversionException;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A codec that goes through one Java type: the default one.
 *
 * @param <V> the default Java type
 */
abstract class ScalarCodec<V> extends ValueCodec {

    private final Class<V> javaType;
    private final String javaTypes;

    /** @param javaTypes the Java types that convert, for messages */
    ScalarCodec(int oid, String typeName, Format format, Class<V> javaType, String javaTypes) {
        super(oid, typeName, format);
        this.javaType = javaType;
        this.javaTypes = javaTypes;
    }

    abstract V readBinary(ConversionContext context, byte[] bytes, int offset, int length);

    abstract V readText(ConversionContext context, String text);

    abstract void writeBinary(ConversionContext context, V value, FrontendBuffer out);

    /** PostgreSQL's own text. */
    abstract String writeText(ConversionContext context, V value);

    /** A parameter's value; null when its Java type is not accepted. */
    abstract @Nullable V accept(ConversionContext context, Object value);

    /** The value as another Java type; null when there is no such conversion. */
    @Nullable
    Object convert(ConversionContext context, V value, Class<?> type) {
        return null;
    }

    /** Reads the text representation without making a string of it, where a type can. */
    V readText(ConversionContext context, byte[] bytes, int offset, int length) {
        return readText(context, Bytes.getString(bytes, offset, length));
    }

    @Override
    public final Class<?> defaultJavaType() {
        return javaType;
    }

    @Override
    final String javaTypes() {
        return javaTypes;
    }

    final V read(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return format == Format.BINARY
                ? readBinary(context, bytes, offset, length)
                : readText(context, bytes, offset, length);
    }

    @Override
    public final Object decode(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        try {
            return read(context, format, bytes, offset, length);
        } catch (RuntimeException e) {
            throw cannotRead(javaType, e);
        }
    }

    @Override
    public <T> T decode(ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<T> type) {
        try {
            Object result;
            if (type == String.class) {
                result = decodeToText(context, format, bytes, offset, length);
            } else {
                V value = read(context, format, bytes, offset, length);
                Class<?> wanted = boxed(type);
                result = wanted.isInstance(value) ? value : convert(context, value, wanted);
            }
            if (result != null) {
                @SuppressWarnings("unchecked")
                T cast = (T) result;
                return cast;
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
        V value = readBinary(context, bytes, offset, length);
        try {
            return writeText(context, value);
        } catch (ConversionException e) {
            // No server sends such a part; the error is about what was read, not about a parameter.
            throw new ValueException("one of its parts is beyond what its type can be");
        }
    }

    @Override
    void encodeBinary(ConversionContext context, Object value, FrontendBuffer out) {
        try {
            V accepted = accept(context, value);
            if (accepted != null) {
                writeBinary(context, accepted, out);
                return;
            }
        } catch (RuntimeException e) {
            throw cannotSend(value, e);
        }
        throw cannotSend(value);
    }

    @Override
    final String encodeText(ConversionContext context, Object value) {
        try {
            V accepted = accept(context, value);
            if (accepted != null) {
                return writeText(context, accepted);
            }
        } catch (RuntimeException e) {
            throw cannotSend(value, e);
        }
        throw cannotSend(value);
    }
}
