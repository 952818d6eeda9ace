package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** bytea; text is read in the hex format and in the older escape format. */
final class ByteaCodec extends ScalarCodec<byte[]> {

    private static final HexFormat HEX = HexFormat.of();

    ByteaCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, byte[].class, "byte[], ByteBuffer");
    }

    @Override
    byte[] readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    @Override
    byte[] readText(ConversionContext context, String text) {
        return text.startsWith("\\x") ? HEX.parseHex(text, 2, text.length()) : unescape(text);
    }

    private static byte[] unescape(String text) {
        byte[] result = new byte[text.length()];
        int size = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                result[size++] = (byte) c;
            } else if (text.charAt(i + 1) == '\\') {
                result[size++] = '\\';
                i++;
            } else {
                result[size++] = (byte) Integer.parseInt(text.substring(i + 1, i + 4), 8);
                i += 3;
            }
        }
        return Arrays.copyOf(result, size);
    }

    @Override
    void writeBinary(ConversionContext context, byte[] value, FrontendBuffer out) {
        out.writeBytes(value);
    }

    @Override
    String writeText(ConversionContext context, byte[] value) {
        return "\\x" + HEX.formatHex(value);
    }

    @Override
    byte @Nullable [] accept(ConversionContext context, Object value) {
        if (value instanceof byte[] given) {
            return given;
        } else if (value instanceof ByteBuffer buffer) {
            byte[] copy = new byte[buffer.remaining()];
            buffer.duplicate().get(copy);
            return copy;
        }
        return null;
    }

    @Override
    boolean takesWhole(Object listOrArray) {
        return listOrArray instanceof byte[];
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, byte[] value, Class<?> type) {
        return type == ByteBuffer.class ? ByteBuffer.wrap(value) : null;
    }
}
