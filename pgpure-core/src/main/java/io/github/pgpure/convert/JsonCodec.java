package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.Collection;

/** json and jsonb: the text as String; every other class through Jackson, where that is on the class path. */
final class JsonCodec extends ScalarCodec<String> {

    private static final int JSONB_VERSION = 1;

    private final boolean jsonb;

    JsonCodec(int oid, String typeName, boolean jsonb) {
        super(oid, typeName, Format.BINARY, String.class, "String, any class that Jackson maps");
        this.jsonb = jsonb;
    }

    @Override
    String readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        if (!jsonb) {
            return Bytes.getString(bytes, offset, length);
        }
        if (length < 1 || bytes[offset] != JSONB_VERSION) {
            throw new ValueException("it is of a version of jsonb that is not known");
        }
        return Bytes.getString(bytes, offset + 1, length - 1);
    }

    @Override
    String readText(ConversionContext context, String text) {
        return text;
    }

    @Override
    void writeBinary(ConversionContext context, String value, FrontendBuffer out) {
        if (jsonb) {
            out.writeByte(JSONB_VERSION);
        }
        out.writeString(value);
    }

    @Override
    String writeText(ConversionContext context, String value) {
        return value;
    }

    @Override
    String accept(ConversionContext context, Object value) {
        return TextCodec.checked(
                value instanceof CharSequence
                        ? value.toString()
                        : JsonMapping.INSTANCE.get().write(value));
    }

    @Override
    boolean takesWhole(Object listOrArray) {
        return listOrArray instanceof Collection || listOrArray.getClass().isArray();
    }

    @Override
    Object convert(ConversionContext context, String value, Class<?> type) {
        Object mapped = JsonMapping.INSTANCE.get().read(value, type);
        if (mapped == null) {
            throw new ValueException("it is JSON's null; use String or JsonNode");
        }
        return mapped;
    }
}
