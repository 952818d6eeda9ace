package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers of two, four and eight bytes: int2, int4, int8, and the unsigned oid, xid, cid and xid8.
 *
 * <p>The 64 bits of an xid8 beyond {@code Long.MAX_VALUE} appear as a negative Long; its text is right.
 */
final class IntegerCodec extends ScalarCodec<Number> {

    /** What the kinds differ in. */
    enum Kind {
        INT2(2, Short.MIN_VALUE, Short.MAX_VALUE, Short.class),
        INT4(4, Integer.MIN_VALUE, Integer.MAX_VALUE, Integer.class),
        INT8(8, Long.MIN_VALUE, Long.MAX_VALUE, Long.class),
        UNSIGNED4(4, 0, 0xFFFF_FFFFL, Long.class),
        UNSIGNED8(8, Long.MIN_VALUE, Long.MAX_VALUE, Long.class);

        private final int bytes;
        private final long min;
        private final long max;
        private final Class<? extends Number> javaType;

        Kind(int bytes, long min, long max, Class<? extends Number> javaType) {
            this.bytes = bytes;
            this.min = min;
            this.max = max;
            this.javaType = javaType;
        }

        @SuppressWarnings("unchecked")
        Class<Number> javaType() {
            return (Class<Number>) javaType;
        }
    }

    private final Kind kind;

    IntegerCodec(int oid, String typeName, Kind kind) {
        super(oid, typeName, Format.BINARY, kind.javaType(), Numbers.JAVA_TYPES);
        this.kind = kind;
    }

    private long get(Format format, byte[] bytes, int offset, int length) {
        if (format == Format.TEXT) {
            if (kind == Kind.UNSIGNED8) {
                return Long.parseUnsignedLong(Bytes.getString(bytes, offset, length));
            }
            long value = Bytes.parseLong(bytes, offset, length);
            if (value < kind.min || value > kind.max) {
                throw new ValueException("the text is beyond the type's range");
            }
            return value;
        }
        Bytes.expectLength(length, kind.bytes);
        switch (kind) {
            case INT2:
                return Bytes.getShort(bytes, offset);
            case INT4:
                return Bytes.getInt(bytes, offset);
            case UNSIGNED4:
                return Bytes.getInt(bytes, offset) & 0xFFFF_FFFFL;
            default:
                return Bytes.getLong(bytes, offset);
        }
    }

    private Number box(long value) {
        switch (kind) {
            case INT2:
                return (short) value;
            case INT4:
                return (int) value;
            default:
                return value;
        }
    }

    @Override
    public int decodeInt(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        if (kind == Kind.INT4 && format == Format.BINARY && length == 4) {
            return Bytes.getInt(bytes, offset);
        }
        long value = decodeLong(context, format, bytes, offset, length);
        if (value != (int) value) {
            throw cannotRead(int.class, "it is beyond 32 bits; use long");
        }
        return (int) value;
    }

    @Override
    public long decodeLong(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        try {
            return get(format, bytes, offset, length);
        } catch (RuntimeException e) {
            throw cannotRead(long.class, e);
        }
    }

    @Override
    public double decodeDouble(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return decodeLong(context, format, bytes, offset, length);
    }

    @Override
    public float decodeFloat(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return decodeLong(context, format, bytes, offset, length);
    }

    @Override
    Number readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        return box(get(Format.BINARY, bytes, offset, length));
    }

    @Override
    Number readText(ConversionContext context, byte[] bytes, int offset, int length) {
        return box(get(Format.TEXT, bytes, offset, length));
    }

    @Override
    Number readText(ConversionContext context, String text) {
        byte[] ascii = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        return readText(context, ascii, 0, ascii.length);
    }

    @Override
    void writeBinary(ConversionContext context, Number value, FrontendBuffer out) {
        long number = value.longValue();
        switch (kind.bytes) {
            case 2:
                out.writeShort((short) number);
                break;
            case 4:
                out.writeInt((int) number);
                break;
            default:
                out.writeLong(number);
        }
    }

    @Override
    String writeText(ConversionContext context, Number value) {
        long number = value.longValue();
        return kind == Kind.UNSIGNED8 ? Long.toUnsignedString(number) : Long.toString(number);
    }

    @Override
    @Nullable
    Number accept(ConversionContext context, Object value) {
        if (value instanceof Number number) {
            long inRange = Numbers.toLong(number, kind.min, kind.max);
            // What is of the right class already needs no other object.
            return value.getClass() == defaultJavaType() ? number : box(inRange);
        }
        return value instanceof String text ? box(Numbers.toLong(Numbers.parseLong(text), kind.min, kind.max)) : null;
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, Number value, Class<?> type) {
        return Numbers.convert(value, type);
    }
}
