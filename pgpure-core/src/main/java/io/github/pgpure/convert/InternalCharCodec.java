package io.github.pgpure.convert;

import io.github.pgpure.protocol.FrontendBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The type {@code "char"} of the catalogs, one byte: String, as the server prints it. That is the ASCII character, nothing for the byte 0, and
 * {@code \351} (octal) beyond ASCII.
 */
final class InternalCharCodec extends TextCodec {

    InternalCharCodec(int oid, String typeName) {
        super(oid, typeName);
    }

    @Override
    String readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, 1);
        int value = bytes[offset] & 0xFF;
        return value == 0 ? "" : value < 0x80 ? String.valueOf((char) value) : "\\" + Integer.toOctalString(value);
    }

    @Override
    void writeBinary(ConversionContext context, String value, FrontendBuffer out) {
        out.writeByte(value.isEmpty() ? 0 : value.length() == 1 ? value.charAt(0) : Integer.parseInt(value, 1, 4, 8));
    }

    /** The server would take the first byte of anything longer and say nothing. */
    @Override
    @Nullable
    String accept(ConversionContext context, Object value) {
        String text = super.accept(context, value);
        if (text == null || text.isEmpty() || text.length() == 1 && text.charAt(0) < 0x80) {
            return text;
        }
        if (text.matches("\\\\[23][0-7]{2}")) {
            return text;
        }
        throw new ValueException("it is neither one ASCII character nor a byte like \\351");
    }
}
