package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** json and jsonb: the text as String; every other class through the registry's {@link JsonMapping}. */
final class JsonCodec extends ScalarCodec<String> {

    private static final int JSONB_VERSION = 1;

    private static volatile @Nullable JsonMapping ofJackson;

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
        if (value instanceof CharSequence) {
            return TextCodec.checked(value.toString());
        }
        JsonMapping mapping = mapping(context);
        try {
            return TextCodec.checked(mapping.write(value));
        } catch (ValueException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ValueException(
                    "its JsonMapping cannot write it (" + e.getClass().getSimpleName() + ")");
        }
    }

    @Override
    boolean takesWhole(Object listOrArray) {
        return listOrArray instanceof Collection || listOrArray.getClass().isArray();
    }

    @Override
    Object convert(ConversionContext context, String value, Class<?> type) {
        JsonMapping mapping = mapping(context);
        Object mapped;
        try {
            mapped = mapping.read(value, type);
        } catch (ValueException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ValueException(
                    "its JsonMapping cannot map it (" + e.getClass().getSimpleName() + ")");
        }
        if (mapped == null) {
            throw new ValueException("it is JSON's null; use String or JsonNode");
        }
        return mapped;
    }

    private static JsonMapping mapping(ConversionContext context) {
        JsonMapping given = context.types().jsonMapping();
        return given == null ? ofJackson() : given;
    }

    /** Jackson's mapping, loaded when first used. */
    private static JsonMapping ofJackson() {
        JsonMapping mapping = ofJackson;
        if (mapping == null) {
            try {
                mapping = JacksonJsonMapping.byDefault();
            } catch (NoClassDefFoundError e) {
                throw new ValueException("that needs tools.jackson.core:jackson-databind 3 on the class path, or a "
                        + "JsonMapping; without either use String");
            }
            ofJackson = mapping;
        }
        return mapping;
    }
}
