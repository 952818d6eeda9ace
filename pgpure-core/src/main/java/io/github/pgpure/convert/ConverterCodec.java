package io.github.pgpure.convert;

import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * An application's converter at work. What is asked of it for other Java types than the converter's goes to the type's own codec.
 */
final class ConverterCodec extends ValueCodec {

    private final Converter<Object> converter;
    private final Class<?> javaType;
    private final ValueCodec own;

    /** @param own what the type would have without the converter */
    @SuppressWarnings("unchecked")
    ConverterCodec(ValueCodec own, Converter<?> converter) {
        super(own.oid(), own.typeName(), converter instanceof BinaryConverter ? Format.BINARY : Format.TEXT);
        this.converter = (Converter<Object>) converter;
        this.javaType = boxed(converter.javaType());
        this.own = own;
    }

    @Override
    public Class<?> defaultJavaType() {
        return javaType;
    }

    @Override
    String javaTypes() {
        return (javaType == String.class ? "" : javaType.getTypeName() + ", ") + own.javaTypes();
    }

    @Override
    public Object decode(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        try {
            Object value;
            if (format == Format.BINARY && converter instanceof BinaryConverter<?> binary) {
                value = binary.fromPostgres(
                        context, ByteBuffer.wrap(bytes, offset, length).slice().asReadOnlyBuffer());
            } else {
                value = converter.fromPostgres(context, own.decodeToText(context, format, bytes, offset, length));
            }
            return Objects.requireNonNull(value, "a converter must not return null");
        } catch (ValueException | ConversionException e) {
            throw cannotRead(javaType, e);
        } catch (RuntimeException e) {
            throw new ConversionException(
                    "cannot read this " + typeName() + " as " + javaType.getTypeName() + ": its converter "
                            + converter.getClass().getName() + " failed, see the cause",
                    Outcome.UNKNOWN,
                    e);
        }
    }

    @Override
    public <T> T decode(ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<T> type) {
        if (type == String.class && javaType != String.class) {
            return type.cast(decodeToText(context, format, bytes, offset, length));
        }
        Class<?> wanted = boxed(type);
        if (wanted.isAssignableFrom(javaType)) {
            @SuppressWarnings("unchecked")
            T value = (T) decode(context, format, bytes, offset, length);
            return value;
        }
        return own.decode(context, format, bytes, offset, length, type);
    }

    @Override
    String decodeToText(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return own.decodeToText(context, format, bytes, offset, length);
    }

    @Override
    void encodeBinary(ConversionContext context, Object value, FrontendBuffer out) {
        if (!javaType.isInstance(value)) {
            own.encodeBinary(context, value, out);
            return;
        }
        if (!(converter instanceof BinaryConverter<Object> binary)) {
            throw cannotSend(value, "its converter knows no binary representation", null);
        }
        try {
            binary.toPostgres(context, value, out);
        } catch (RuntimeException e) {
            throw failed(value, e);
        }
    }

    @Override
    String encodeText(ConversionContext context, Object value) {
        if (!javaType.isInstance(value)) {
            return own.encodeText(context, value);
        }
        try {
            return TextCodec.checked(
                    Objects.requireNonNull(converter.toPostgres(context, value), "a converter must not return null"));
        } catch (RuntimeException e) {
            throw failed(value, e);
        }
    }

    @Override
    boolean takesWhole(Object listOrArray) {
        return javaType.isInstance(listOrArray) || own.takesWhole(listOrArray);
    }

    private ConversionException failed(Object value, RuntimeException e) {
        if (e instanceof ValueException || e instanceof ConversionException) {
            return cannotSend(value, e);
        }
        return cannotSend(value, "its converter " + converter.getClass().getName() + " failed, see the cause", e);
    }
}
