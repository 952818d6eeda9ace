package io.github.pgpure.convert;

import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all codecs of this package can do beyond {@link Codec}, so that values can be nested in arrays, composites and ranges of
 * either format.
 */
abstract class ValueCodec extends Codec {

    private final Format format;

    ValueCodec(int oid, String typeName, Format format) {
        super(oid, typeName);
        this.format = format;
    }

    @Override
    public final Format format() {
        return format;
    }

    /** PostgreSQL's own text of this value. */
    abstract String decodeToText(ConversionContext context, Format format, byte[] bytes, int offset, int length);

    /** Writes the binary representation, without its length. */
    abstract void encodeBinary(ConversionContext context, Object value, FrontendBuffer out);

    /** Makes the text representation. */
    abstract String encodeText(ConversionContext context, Object value);

    @Override
    public final void encode(ConversionContext context, Object value, FrontendBuffer out) {
        if (format == Format.BINARY) {
            encodeBinary(context, value, out);
        } else {
            out.writeString(encodeText(context, value));
        }
    }

    /** Whether a list or an array is one value of this type, rather than several that make an array. */
    boolean takesWhole(Object listOrArray) {
        return false;
    }

    /** The Java types to name in a message. */
    abstract String javaTypes();

    /** The Java types to read as: every value can be read as the server's text. */
    private String readableTypes() {
        String types = javaTypes();
        boolean named = types.startsWith("String") || List.of(types.split(", ")).contains("String");
        return named ? types : types + " or String";
    }

    /** This PostgreSQL type does not convert to that Java type. */
    final ConversionException cannotRead(Class<?> type) {
        return new ConversionException(
                "cannot read " + typeName() + " as " + type.getTypeName() + ": use " + readableTypes(),
                Outcome.UNKNOWN,
                null);
    }

    final ConversionException cannotRead(Class<?> type, String reason) {
        return new ConversionException(
                "cannot read this " + typeName() + " as " + type.getTypeName() + ": "
                        + withHint(reason, readableTypes()),
                Outcome.UNKNOWN,
                null);
    }

    /** The server's bytes, or a converter, failed. */
    final ConversionException cannotRead(Class<?> type, RuntimeException failure) {
        if (failure instanceof ConversionException conversion) {
            return conversion;
        }
        return cannotRead(
                type,
                failure instanceof ValueException
                        ? String.valueOf(failure.getMessage())
                        : "its bytes are not what the server sends for this type ("
                                + failure.getClass().getSimpleName() + ")");
    }

    /** A parameter of this Java type is not accepted. */
    final ConversionException cannotSend(Object value) {
        return new ConversionException(
                "cannot send " + value.getClass().getTypeName() + " as " + typeName() + ": use " + javaTypes(),
                Outcome.NOT_SENT,
                null);
    }

    final ConversionException cannotSend(Object value, String reason, @Nullable Throwable cause) {
        return new ConversionException(
                "cannot send this " + value.getClass().getTypeName() + " as " + typeName() + ": "
                        + (defaultJavaType().isInstance(value) ? reason : withHint(reason, javaTypes())),
                Outcome.NOT_SENT,
                cause);
    }

    /** A reason that does not say itself what to use instead is told so. */
    private static String withHint(String reason, String javaTypes) {
        return reason.contains("use ") ? reason : reason + "; use " + javaTypes;
    }

    /** Whatever kept the parameter from being encoded. */
    final ConversionException cannotSend(Object value, RuntimeException failure) {
        if (failure instanceof ConversionException conversion) {
            return conversion;
        }
        return cannotSend(
                value,
                failure instanceof ValueException
                        ? String.valueOf(failure.getMessage())
                        : "it does not fit (" + failure.getClass().getSimpleName() + "); use " + javaTypes(),
                null);
    }

    /** {@code Integer} for {@code int} and so on. */
    static Class<?> boxed(Class<?> type) {
        if (!type.isPrimitive()) {
            return type;
        }
        if (type == int.class) {
            return Integer.class;
        } else if (type == long.class) {
            return Long.class;
        } else if (type == boolean.class) {
            return Boolean.class;
        } else if (type == double.class) {
            return Double.class;
        } else if (type == float.class) {
            return Float.class;
        } else if (type == short.class) {
            return Short.class;
        } else if (type == byte.class) {
            return Byte.class;
        } else if (type == char.class) {
            return Character.class;
        }
        return type;
    }
}
