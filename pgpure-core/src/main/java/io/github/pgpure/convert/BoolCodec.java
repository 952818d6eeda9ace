package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import org.jspecify.annotations.Nullable;

/** bool. */
final class BoolCodec extends ScalarCodec<Boolean> {

    BoolCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, Boolean.class, "Boolean");
    }

    @Override
    public boolean decodeBoolean(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        if (length == 1) {
            byte value = bytes[offset];
            return format == Format.BINARY ? value != 0 : value == 't';
        }
        throw cannotRead(boolean.class, ValueException.length(length, 1));
    }

    @Override
    Boolean readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, 1);
        return bytes[offset] != 0;
    }

    @Override
    Boolean readText(ConversionContext context, String text) {
        switch (text) {
            case "t":
            case "true":
                return true;
            case "f":
            case "false":
                return false;
            default:
                throw new ValueException("the text is neither 't' nor 'f', 'true' nor 'false'");
        }
    }

    @Override
    void writeBinary(ConversionContext context, Boolean value, FrontendBuffer out) {
        out.writeByte(value ? 1 : 0);
    }

    @Override
    String writeText(ConversionContext context, Boolean value) {
        return value ? "t" : "f";
    }

    @Override
    @Nullable
    Boolean accept(ConversionContext context, Object value) {
        if (value instanceof Boolean given) {
            return given;
        }
        return value instanceof String text ? readText(context, text) : null;
    }
}
