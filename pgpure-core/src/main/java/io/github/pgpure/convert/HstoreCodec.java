package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The extension hstore: a map of strings, whose values may be null
 * (<a href="https://www.postgresql.org/docs/current/hstore.html">manual</a>).
 *
 * <pre>
 * int32 number of pairs | (int32 length, key, int32 length or -1, value) each
 * </pre>
 */
@SuppressWarnings("rawtypes")
final class HstoreCodec extends ScalarCodec<Map> {

    HstoreCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, Map.class, "Map of String to String");
    }

    @Override
    Map readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        if (length < 4) {
            throw ValueException.length(length, 4);
        }
        int pairs = Bytes.getInt(bytes, offset);
        // Each pair takes eight bytes at least.
        if (pairs < 0 || pairs > length / 8) {
            throw new ValueException("its number of pairs is wrong");
        }
        Slices parts = new Slices(Format.BINARY, bytes);
        int at = offset + 4;
        int end = offset + length;
        for (int i = 0; i < 2 * pairs; i++) {
            at = parts.addWithLength(at, end);
        }
        if (at != end) {
            throw Slices.truncated();
        }
        Map<String, @Nullable String> map = new LinkedHashMap<>();
        for (int i = 0; i < parts.size; i += 2) {
            if (parts.isNull(i)) {
                throw new ValueException("one of its keys is NULL");
            }
            map.put(
                    Bytes.getString(bytes, parts.offset(i), parts.length(i)),
                    parts.isNull(i + 1) ? null : Bytes.getString(bytes, parts.offset(i + 1), parts.length(i + 1)));
        }
        return map;
    }

    @Override
    Map readText(ConversionContext context, String text) {
        Map<String, @Nullable String> map = new LinkedHashMap<>();
        int[] at = {0};
        while (at[0] < text.length()) {
            String key = quoted(text, at);
            if (!text.startsWith("=>", at[0])) {
                throw malformed();
            }
            at[0] += 2;
            if (text.startsWith("NULL", at[0])) {
                at[0] += 4;
                map.put(key, null);
            } else {
                map.put(key, quoted(text, at));
            }
            if (at[0] < text.length()) {
                if (!text.startsWith(", ", at[0])) {
                    throw malformed();
                }
                at[0] += 2;
            }
        }
        return map;
    }

    /** The server quotes all keys and values. */
    private static String quoted(String text, int[] at) {
        int i = at[0];
        if (i >= text.length() || text.charAt(i++) != '"') {
            throw malformed();
        }
        StringBuilder plain = new StringBuilder();
        while (i < text.length() && text.charAt(i) != '"') {
            if (text.charAt(i) == '\\' && ++i == text.length()) {
                throw malformed();
            }
            plain.append(text.charAt(i++));
        }
        if (i == text.length()) {
            throw malformed();
        }
        at[0] = i + 1;
        return plain.toString();
    }

    private static ValueException malformed() {
        return new ValueException("its text is not that of an hstore");
    }

    @Override
    void writeBinary(ConversionContext context, Map value, FrontendBuffer out) {
        out.writeInt(value.size());
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
            write(key(entry.getKey()), out);
            String text = text(entry.getValue());
            if (text == null) {
                out.writeInt(-1);
            } else {
                write(text, out);
            }
        }
    }

    private static void write(String text, FrontendBuffer out) {
        int mark = out.beginLength();
        out.writeString(text);
        out.endLengthExclusive(mark);
    }

    private static String key(@Nullable Object key) {
        String text = text(key);
        if (text == null) {
            throw new ValueException("one of its keys is null");
        }
        return text;
    }

    private static @Nullable String text(@Nullable Object value) {
        if (value == null) {
            return null;
        } else if (value instanceof CharSequence || value instanceof Number || value instanceof Boolean) {
            return TextCodec.checked(value.toString());
        }
        throw new ValueException(
                "one of its keys or values is a " + value.getClass().getTypeName() + ", not a String");
    }

    @Override
    String writeText(ConversionContext context, Map value) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
            if (!text.isEmpty()) {
                text.append(", ");
            }
            quote(key(entry.getKey()), text);
            text.append("=>");
            String content = text(entry.getValue());
            if (content == null) {
                text.append("NULL");
            } else {
                quote(content, text);
            }
        }
        return text.toString();
    }

    private static void quote(String content, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c);
        }
        text.append('"');
    }

    @Override
    @Nullable
    Map accept(ConversionContext context, Object value) {
        return value instanceof Map<?, ?> map ? map : null;
    }
}
