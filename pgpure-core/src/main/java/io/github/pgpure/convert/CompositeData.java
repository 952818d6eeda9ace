package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import java.util.Arrays;

/**
 * A composite value as it came from the server: where its fields lie and, in binary, of which types they are.
 *
 * <pre>
 * int32 number of fields | (int32 OID, int32 length, bytes) each
 * </pre>
 *
 * @param oids empty for a text, which does not say them
 */
record CompositeData(int[] oids, Slices fields) {

    static CompositeData read(Format format, byte[] bytes, int offset, int length) {
        return format == Format.BINARY
                ? readBinary(bytes, offset, length)
                : new CompositeData(new int[0], readText(bytes, offset, length));
    }

    private static Slices readText(byte[] bytes, int offset, int length) {
        if (length < 2 || bytes[offset] != '(' || bytes[offset + length - 1] != ')') {
            throw BracketText.malformed();
        }
        return BracketText.read(bytes, offset, length);
    }

    private static CompositeData readBinary(byte[] bytes, int offset, int length) {
        if (length < 4) {
            throw ValueException.length(length, 4);
        }
        int count = Bytes.getInt(bytes, offset);
        // Each field takes eight bytes at least.
        if (count < 0 || count > length / 8) {
            throw new ValueException("its number of fields is wrong");
        }
        int[] oids = new int[count];
        Slices fields = new Slices(Format.BINARY, bytes, count);
        int at = offset + 4;
        int end = offset + length;
        for (int i = 0; i < count; i++) {
            if (end - at < 4) {
                throw Slices.truncated();
            }
            oids[i] = Bytes.getInt(bytes, at);
            at = fields.addWithLength(at + 4, end);
        }
        if (at != end) {
            throw Slices.truncated();
        }
        return new CompositeData(oids, fields);
    }

    int size() {
        return fields.size;
    }

    /** The value's own text; {@code codecs} are those of its fields. */
    String toText(ConversionContext context, ValueCodec[] codecs) {
        StringBuilder text = new StringBuilder("(");
        for (int i = 0; i < size(); i++) {
            if (i > 0) {
                text.append(',');
            }
            if (!fields.isNull(i)) {
                BracketText.append(text, fields.decodeToText(context, codecs[i], i));
            }
        }
        return text.append(')').toString();
    }

    @Override
    public String toString() {
        return "CompositeData of types " + Arrays.toString(oids);
    }
}
