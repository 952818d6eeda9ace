package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import org.jspecify.annotations.Nullable;

/** float4 and float8. */
final class FloatCodec extends ScalarCodec<Number> {

    private final boolean single;

    FloatCodec(int oid, String typeName, boolean single) {
        super(oid, typeName, Format.BINARY, javaType(single), Numbers.JAVA_TYPES);
        this.single = single;
    }

    @SuppressWarnings("unchecked")
    private static Class<Number> javaType(boolean single) {
        return (Class<Number>) (Class<?>) (single ? Float.class : Double.class);
    }

    @Override
    public double decodeDouble(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        if (format == Format.BINARY) {
            if (length == 8 && !single) {
                return Double.longBitsToDouble(Bytes.getLong(bytes, offset));
            } else if (length == 4 && single) {
                return Float.intBitsToFloat(Bytes.getInt(bytes, offset));
            }
        }
        return decode(context, format, bytes, offset, length, Double.class);
    }

    @Override
    public float decodeFloat(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        if (single && format == Format.BINARY && length == 4) {
            return Float.intBitsToFloat(Bytes.getInt(bytes, offset));
        }
        double value = decodeDouble(context, format, bytes, offset, length);
        if (Double.isInfinite((float) value) && !Double.isInfinite(value)) {
            throw cannotRead(float.class, "it is beyond the range of float; use double");
        }
        return (float) value;
    }

    @Override
    Number readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, single ? 4 : 8);
        if (single) {
            return Float.intBitsToFloat(Bytes.getInt(bytes, offset));
        }
        return Double.longBitsToDouble(Bytes.getLong(bytes, offset));
    }

    @Override
    Number readText(ConversionContext context, String text) {
        return single ? (Number) FloatText.parseFloat(text) : (Number) FloatText.parseDouble(text);
    }

    @Override
    void writeBinary(ConversionContext context, Number value, FrontendBuffer out) {
        if (single) {
            out.writeFloat(value.floatValue());
        } else {
            out.writeDouble(value.doubleValue());
        }
    }

    @Override
    String writeText(ConversionContext context, Number value) {
        return single ? FloatText.format(value.floatValue()) : FloatText.format(value.doubleValue());
    }

    @Override
    @Nullable
    Number accept(ConversionContext context, Object value) {
        Number number;
        if (value instanceof Number given) {
            number = given;
        } else if (value instanceof String text) {
            return readText(context, text);
        } else {
            return null;
        }
        if (!single) {
            return Numbers.finite(number.doubleValue(), number);
        }
        return (float) Numbers.finite(number.floatValue(), number);
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, Number value, Class<?> type) {
        return Numbers.convert(value, type);
    }
}
