package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Types whose binary representation is their text: text, varchar, bpchar, name, citext, enums, and in text format whatever has
 * no codec of its own.
 */
class TextCodec extends ScalarCodec<String> {

    private final BinaryText binaryText;

    /** A type whose binary representation is its text. */
    TextCodec(int oid, String typeName) {
        this(oid, typeName, Format.BINARY, BinaryText.TEXT);
    }

    /** A type that goes as text, since its binary representation is something else. */
    TextCodec(int oid, String typeName, BinaryText binaryText) {
        this(oid, typeName, Format.TEXT, binaryText);
    }

    private TextCodec(int oid, String typeName, Format format, BinaryText binaryText) {
        super(oid, typeName, format, String.class, "String, Character, an enum");
        this.binaryText = binaryText;
    }

    @Override
    String readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        // Directly where it matters: texts are what most columns are.
        return format() == Format.BINARY
                ? Bytes.getString(bytes, offset, length)
                : binaryText.toText(bytes, offset, length);
    }

    @Override
    String readText(ConversionContext context, String text) {
        return text;
    }

    @Override
    void writeBinary(ConversionContext context, String value, FrontendBuffer out) {
        if (format() == Format.TEXT) {
            throw new ValueException("its binary representation is not known");
        }
        out.writeString(value);
    }

    @Override
    String writeText(ConversionContext context, String value) {
        return value;
    }

    @Override
    @Nullable
    String accept(ConversionContext context, Object value) {
        if (value instanceof CharSequence || value instanceof Character) {
            return checked(value.toString());
        } else if (value instanceof Enum<?> constant) {
            return constant.name();
        } else if (format() == Format.TEXT) {
            // A type of its own, whose text is more than what toString() happens to give.
            return null;
        } else if (value instanceof Number
                || value instanceof Boolean
                || value instanceof UUID
                || value instanceof java.time.temporal.Temporal
                || value instanceof java.time.temporal.TemporalAmount) {
            return value.toString();
        }
        return value instanceof char[] chars ? checked(new String(chars)) : null;
    }

    @Override
    boolean takesWhole(Object listOrArray) {
        return listOrArray instanceof char[];
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, String value, Class<?> type) {
        if (type == Character.class) {
            if (value.length() != 1) {
                throw new ValueException("it is not exactly one character long");
            }
            return value.charAt(0);
        } else if (type == char[].class) {
            return value.toCharArray();
        }
        return type.isEnum() ? EnumNames.constant(type, value) : null;
    }

    /** Refuses what UTF-8, or PostgreSQL, cannot hold, instead of changing it. */
    static String checked(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new ValueException("it contains the character U+0000, which PostgreSQL cannot store in text");
            }
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new ValueException("it contains half of a surrogate pair, which UTF-8 cannot hold");
                }
                i++;
            }
        }
        return text;
    }
}
