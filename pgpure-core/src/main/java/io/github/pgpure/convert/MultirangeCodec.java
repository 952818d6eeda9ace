package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A multirange type: List of {@link Range}; the server sorts and joins what it gets.
 *
 * <pre>
 * int32 number of ranges | (int32 length, range) each
 * </pre>
 */
@SuppressWarnings("rawtypes")
final class MultirangeCodec extends ScalarCodec<List> {

    private final ValueCodec range;

    MultirangeCodec(int oid, String typeName, ValueCodec range) {
        super(oid, typeName, range.format(), List.class, "List or array of " + range.javaTypes());
        this.range = range;
    }

    @Override
    List readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        if (length < 4) {
            throw ValueException.length(length, 4);
        }
        int count = Bytes.getInt(bytes, offset);
        // Each range takes five bytes at least.
        if (count < 0 || count > length / 5) {
            throw new ValueException("its number of ranges is wrong");
        }
        Slices ranges = new Slices(Format.BINARY, bytes);
        int at = offset + 4;
        for (int i = 0; i < count; i++) {
            at = ranges.addWithLength(at, offset + length);
        }
        if (at != offset + length) {
            throw Slices.truncated();
        }
        return list(context, ranges);
    }

    private List<Object> list(ConversionContext context, Slices ranges) {
        List<Object> list = new ArrayList<>(ranges.size);
        for (int i = 0; i < ranges.size; i++) {
            if (ranges.isNull(i)) {
                throw new ValueException("one of its ranges is NULL");
            }
            list.add(ranges.decode(context, range, i));
        }
        return List.copyOf(list);
    }

    @Override
    List readText(ConversionContext context, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return readText(context, bytes, 0, bytes.length);
    }

    @Override
    List readText(ConversionContext context, byte[] bytes, int offset, int length) {
        int end = offset + length - 1;
        if (length < 2 || bytes[offset] != '{' || bytes[end] != '}') {
            throw BracketText.malformed();
        }
        Slices ranges = new Slices(Format.TEXT, bytes);
        boolean quoted = false;
        int start = -1;
        for (int at = offset + 1; at < end; at++) {
            byte c = bytes[at];
            if (c == '\\') {
                at++;
            } else if (c == '"') {
                // A doubled quote opens again at once.
                quoted = !quoted;
            } else if (!quoted) {
                if (start < 0 && (c == '[' || c == '(')) {
                    start = at;
                } else if (start >= 0 && (c == ']' || c == ')')) {
                    ranges.add(start, at + 1 - start);
                    start = -1;
                } else if (start < 0 && c != ',') {
                    throw BracketText.malformed();
                }
            }
        }
        if (quoted || start >= 0) {
            throw BracketText.malformed();
        }
        return list(context, ranges);
    }

    @Override
    void writeBinary(ConversionContext context, List value, FrontendBuffer out) {
        out.writeInt(value.size());
        for (Object item : value) {
            int mark = out.beginLength();
            range.encodeBinary(context, item, out);
            out.endLengthExclusive(mark);
        }
    }

    @Override
    String writeText(ConversionContext context, List value) {
        StringBuilder text = new StringBuilder("{");
        for (Object item : value) {
            text.append(text.length() > 1 ? "," : "").append(range.encodeText(context, item));
        }
        return text.append('}').toString();
    }

    @Override
    @Nullable
    List accept(ConversionContext context, Object value) {
        if (value instanceof Collection<?> collection) {
            return List.copyOf(collection);
        }
        return value instanceof Object[] array ? List.copyOf(Arrays.asList(array)) : null;
    }

    @Override
    boolean takesWhole(Object listOrArray) {
        return listOrArray instanceof Collection || listOrArray instanceof Object[];
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, List value, Class<?> type) {
        return type == Range[].class ? ((List<?>) value).toArray(new Range[0]) : null;
    }
}
