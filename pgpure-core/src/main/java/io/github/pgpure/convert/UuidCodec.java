package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** uuid. */
final class UuidCodec extends ScalarCodec<UUID> {

    UuidCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, UUID.class, "UUID");
    }

    @Override
    UUID readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, 16);
        return new UUID(Bytes.getLong(bytes, offset), Bytes.getLong(bytes, offset + 8));
    }

    @Override
    UUID readText(ConversionContext context, String text) {
        // UUID.fromString alone also takes "1-1-1-1-1".
        if (text.length() == 36) {
            try {
                return UUID.fromString(text);
            } catch (IllegalArgumentException e) {
                // Said below.
            }
        }
        throw new ValueException("the text is not of the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    }

    @Override
    void writeBinary(ConversionContext context, UUID value, FrontendBuffer out) {
        out.writeLong(value.getMostSignificantBits());
        out.writeLong(value.getLeastSignificantBits());
    }

    @Override
    String writeText(ConversionContext context, UUID value) {
        return value.toString();
    }

    @Override
    @Nullable
    UUID accept(ConversionContext context, Object value) {
        if (value instanceof UUID given) {
            return given;
        }
        return value instanceof String text ? readText(context, text) : null;
    }
}
