package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import org.jspecify.annotations.Nullable;

/** bit and varbit: a String of zeros and ones; Boolean for a single bit. */
final class BitCodec extends ScalarCodec<String> {

    BitCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, String.class, "String of 0 and 1, Boolean for a single bit");
    }

    @Override
    String readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        if (length < 4) {
            throw ValueException.length(length, 4);
        }
        int bits = Bytes.getInt(bytes, offset);
        if (bits < 0 || (bits + 7L) / 8 != length - 4) {
            throw new ValueException("its number of bits is wrong");
        }
        char[] text = new char[bits];
        for (int i = 0; i < bits; i++) {
            text[i] = (bytes[offset + 4 + i / 8] & 0x80 >> i % 8) == 0 ? '0' : '1';
        }
        return new String(text);
    }

    @Override
    String readText(ConversionContext context, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != '0' && text.charAt(i) != '1') {
                throw new ValueException("the text has other characters than 0 and 1");
            }
        }
        return text;
    }

    @Override
    void writeBinary(ConversionContext context, String value, FrontendBuffer out) {
        out.writeInt(value.length());
        for (int i = 0; i < value.length(); i += 8) {
            int bits = 0;
            for (int j = i; j < Math.min(i + 8, value.length()); j++) {
                bits |= value.charAt(j) == '1' ? 0x80 >> j - i : 0;
            }
            out.writeByte(bits);
        }
    }

    @Override
    String writeText(ConversionContext context, String value) {
        return value;
    }

    @Override
    @Nullable
    String accept(ConversionContext context, Object value) {
        if (value instanceof Boolean bit) {
            return bit ? "1" : "0";
        }
        return value instanceof CharSequence ? readText(context, value.toString()) : null;
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, String value, Class<?> type) {
        if (type == Boolean.class) {
            if (value.length() != 1) {
                throw new ValueException("it has " + value.length() + " bits");
            }
            return value.equals("1");
        }
        return null;
    }
}
