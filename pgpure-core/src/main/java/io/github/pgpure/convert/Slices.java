package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import java.util.Arrays;

/**
 * Where the parts of an array, a composite or a range lie in the bytes it came as; from either format, so that what is made of
 * the parts does not depend on it.
 */
final class Slices {

    final Format format;
    final byte[] bytes;
    int size;
    private int[] offsets;
    private int[] lengths;

    /** @param bytes for TEXT the parts without quotes and escapes */
    Slices(Format format, byte[] bytes) {
        this(format, bytes, 8);
    }

    /** @param expected how many parts there will be, as far as is known */
    Slices(Format format, byte[] bytes, int expected) {
        this.format = format;
        this.bytes = bytes;
        this.offsets = new int[Math.max(1, expected)];
        this.lengths = new int[offsets.length];
    }

    void add(int offset, int length) {
        if (size == offsets.length) {
            offsets = Arrays.copyOf(offsets, size * 2);
            lengths = Arrays.copyOf(lengths, size * 2);
        }
        offsets[size] = offset;
        lengths[size++] = length;
    }

    void addNull() {
        add(0, -1);
    }

    /**
     * Adds a part that starts with its length, -1 for NULL.
     *
     * @return where the next one starts
     */
    int addWithLength(int at, int end) {
        if (end - at < 4) {
            throw truncated();
        }
        int length = Bytes.getInt(bytes, at);
        at += 4;
        if (length < -1 || length > end - at) {
            throw truncated();
        }
        if (length < 0) {
            addNull();
            return at;
        }
        add(at, length);
        return at + length;
    }

    boolean isNull(int index) {
        return lengths[index] < 0;
    }

    int offset(int index) {
        return offsets[index];
    }

    int length(int index) {
        return lengths[index];
    }

    Object decode(ConversionContext context, Codec codec, int index) {
        return codec.decode(context, format, bytes, offsets[index], lengths[index]);
    }

    <T> T decode(ConversionContext context, Codec codec, int index, Class<T> type) {
        return codec.decode(context, format, bytes, offsets[index], lengths[index], type);
    }

    String decodeToText(ConversionContext context, ValueCodec codec, int index) {
        return codec.decodeToText(context, format, bytes, offsets[index], lengths[index]);
    }

    static ValueException truncated() {
        return new ValueException("a length in it is wrong");
    }
}
