package io.github.pgpure.convert;

import io.github.pgpure.protocol.FrontendBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A range type: {@link Range} of its subtype's default Java type.
 *
 * <pre>
 * byte flags | (int32 length, bytes) for the lower bound, if it has one | the same for the upper bound
 * </pre>
 */
@SuppressWarnings("rawtypes")
final class RangeCodec extends ScalarCodec<Range> {

    private static final int EMPTY = 0x01;
    private static final int LOWER_INCLUSIVE = 0x02;
    private static final int UPPER_INCLUSIVE = 0x04;
    private static final int LOWER_INFINITE = 0x08;
    private static final int UPPER_INFINITE = 0x10;

    private final ValueCodec subtype;

    RangeCodec(int oid, String typeName, ValueCodec subtype) {
        super(oid, typeName, subtype.format(), Range.class, "Range of " + subtype.javaTypes());
        this.subtype = subtype;
    }

    @Override
    Range readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Slices bounds = bounds(bytes, offset, length);
        int flags = bytes[offset];
        if ((flags & EMPTY) != 0) {
            return Range.empty();
        }
        return Range.of(
                bounds.isNull(0) ? null : bounds.decode(context, subtype, 0),
                (flags & LOWER_INCLUSIVE) != 0,
                bounds.isNull(1) ? null : bounds.decode(context, subtype, 1),
                (flags & UPPER_INCLUSIVE) != 0);
    }

    private static Slices bounds(byte[] bytes, int offset, int length) {
        if (length < 1) {
            throw ValueException.length(length, 1);
        }
        int flags = bytes[offset];
        Slices bounds = new Slices(io.github.pgpure.protocol.Format.BINARY, bytes);
        int at = offset + 1;
        int end = offset + length;
        at = bound(bounds, flags, LOWER_INFINITE, at, end);
        at = bound(bounds, flags, UPPER_INFINITE, at, end);
        if (at != end) {
            throw Slices.truncated();
        }
        return bounds;
    }

    private static int bound(Slices bounds, int flags, int infinite, int at, int end) {
        if ((flags & (EMPTY | infinite)) != 0) {
            bounds.addNull();
            return at;
        }
        int next = bounds.addWithLength(at, end);
        if (bounds.isNull(bounds.size - 1)) {
            throw new ValueException("one of its bounds is NULL");
        }
        return next;
    }

    @Override
    Range readText(ConversionContext context, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return readText(context, bytes, 0, bytes.length);
    }

    @Override
    Range readText(ConversionContext context, byte[] bytes, int offset, int length) {
        if (length == 5 && Bytes.getString(bytes, offset, length).equals("empty")) {
            return Range.empty();
        }
        Slices bounds = BracketText.read(bytes, offset, length);
        byte first = bytes[offset];
        byte last = bytes[offset + length - 1];
        if (bounds.size != 2 || first != '[' && first != '(' || last != ']' && last != ')') {
            throw BracketText.malformed();
        }
        return Range.of(
                bounds.isNull(0) ? null : bounds.decode(context, subtype, 0),
                first == '[',
                bounds.isNull(1) ? null : bounds.decode(context, subtype, 1),
                last == ']');
    }

    @Override
    void writeBinary(ConversionContext context, Range value, FrontendBuffer out) {
        Object lower = value.lower();
        Object upper = value.upper();
        if (value.isEmpty()) {
            out.writeByte(EMPTY);
            return;
        }
        out.writeByte((value.lowerInclusive() ? LOWER_INCLUSIVE : 0)
                | (value.upperInclusive() ? UPPER_INCLUSIVE : 0)
                | (lower == null ? LOWER_INFINITE : 0)
                | (upper == null ? UPPER_INFINITE : 0));
        write(context, lower, out);
        write(context, upper, out);
    }

    private void write(ConversionContext context, @Nullable Object bound, FrontendBuffer out) {
        if (bound != null) {
            int mark = out.beginLength();
            subtype.encodeBinary(context, bound, out);
            out.endLengthExclusive(mark);
        }
    }

    @Override
    String writeText(ConversionContext context, Range value) {
        if (value.isEmpty()) {
            return "empty";
        }
        StringBuilder text = new StringBuilder(value.lowerInclusive() ? "[" : "(");
        append(context, value.lower(), text);
        append(context, value.upper(), text.append(','));
        return text.append(value.upperInclusive() ? ']' : ')').toString();
    }

    private void append(ConversionContext context, @Nullable Object bound, StringBuilder text) {
        if (bound != null) {
            BracketText.appendBound(text, subtype.encodeText(context, bound));
        }
    }

    @Override
    @Nullable
    Range accept(ConversionContext context, Object value) {
        return value instanceof Range range ? range : null;
    }
}
