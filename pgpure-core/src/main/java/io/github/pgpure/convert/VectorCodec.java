package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extension pgvector's type vector: float[] (<a href="https://github.com/pgvector/pgvector">manual</a>).
 *
 * <pre>
 * int16 dimensions | int16 unused | float4 each
 * </pre>
 */
final class VectorCodec extends ScalarCodec<float[]> {

    VectorCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, float[].class, "float[], double[], List of numbers");
    }

    @Override
    float[] readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        if (length < 4) {
            throw ValueException.length(length, 4);
        }
        int dimensions = Bytes.getShort(bytes, offset);
        if (dimensions < 0 || length != 4 + 4 * dimensions) {
            throw new ValueException("its number of dimensions is wrong");
        }
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = Float.intBitsToFloat(Bytes.getInt(bytes, offset + 4 + 4 * i));
        }
        return vector;
    }

    @Override
    float[] readText(ConversionContext context, String text) {
        if (text.length() < 2 || text.charAt(0) != '[' || text.charAt(text.length() - 1) != ']') {
            throw new ValueException("the text is not of the form [1,2,3]");
        }
        String[] parts = text.substring(1, text.length() - 1).split(",", -1);
        float[] vector = new float[parts.length];
        for (int i = 0; i < parts.length; i++) {
            vector[i] = FloatText.parseFloat(parts[i].trim());
        }
        return vector;
    }

    @Override
    void writeBinary(ConversionContext context, float[] value, FrontendBuffer out) {
        if (value.length > Short.MAX_VALUE) {
            throw new ValueException("it has more dimensions than a vector can have");
        }
        out.writeShort(value.length);
        out.writeShort(0);
        for (float number : value) {
            out.writeFloat(number);
        }
    }

    @Override
    String writeText(ConversionContext context, float[] value) {
        StringBuilder text = new StringBuilder("[");
        for (float number : value) {
            text.append(text.length() > 1 ? "," : "").append(FloatText.format(number));
        }
        return text.append(']').toString();
    }

    @Override
    float @Nullable [] accept(ConversionContext context, Object value) {
        if (value instanceof float[] given) {
            return given;
        } else if (value instanceof String text) {
            return readText(context, text);
        }
        List<?> list = Elements.of(value);
        if (list == null) {
            return null;
        }
        float[] vector = new float[list.size()];
        for (int i = 0; i < vector.length; i++) {
            if (!(list.get(i) instanceof Number number)) {
                throw new ValueException("one of its elements is no number");
            }
            vector[i] = number.floatValue();
        }
        return vector;
    }

    @Override
    boolean takesWhole(Object listOrArray) {
        return listOrArray instanceof float[] || listOrArray instanceof double[] || listOrArray instanceof Collection;
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, float[] value, Class<?> type) {
        if (type == double[].class) {
            double[] doubles = new double[value.length];
            for (int i = 0; i < doubles.length; i++) {
                doubles[i] = value[i];
            }
            return doubles;
        }
        return null;
    }
}
