package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;

/**
 * An array as it came from the server: its dimensions and where its elements lie.
 *
 * <pre>
 * int32 dimensions | int32 has NULLs | int32 element OID | (int32 size, int32 lower bound) each | (int32 length, bytes) each
 * </pre>
 */
final class ArrayData {

    /** The server's own limit. */
    static final int MAX_DIMENSIONS = 6;

    final int[] sizes;
    final int[] lowerBounds;
    final Slices elements;

    ArrayData(int[] sizes, int[] lowerBounds, Slices elements) {
        this.sizes = sizes;
        this.lowerBounds = lowerBounds;
        this.elements = elements;
    }

    int dimensions() {
        return sizes.length;
    }

    static ArrayData readBinary(byte[] bytes, int offset, int length) {
        if (length < 12) {
            throw ValueException.length(length, 12);
        }
        int end = offset + length;
        int dimensions = Bytes.getInt(bytes, offset);
        int at = offset + 12;
        if (dimensions < 0 || dimensions > MAX_DIMENSIONS || end - at < 8 * dimensions) {
            throw new ValueException("its number of dimensions is wrong");
        }
        int[] sizes = new int[dimensions];
        int[] lowerBounds = new int[dimensions];
        long count = dimensions == 0 ? 0 : 1;
        for (int i = 0; i < dimensions; i++) {
            sizes[i] = Bytes.getInt(bytes, at);
            lowerBounds[i] = Bytes.getInt(bytes, at + 4);
            at += 8;
            // Each element takes four bytes at least, so the bytes limit the elements before anything is allocated.
            count *= sizes[i];
            if (sizes[i] < 1 || count > length / 4) {
                throw new ValueException("the size of a dimension is wrong");
            }
        }
        Slices elements = new Slices(Format.BINARY, bytes, (int) count);
        for (long i = 0; i < count; i++) {
            at = elements.addWithLength(at, end);
        }
        if (at != end) {
            throw Slices.truncated();
        }
        return new ArrayData(sizes, lowerBounds, elements);
    }
}
