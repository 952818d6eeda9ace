package io.github.pgpure.convert;

/**
 * Makes the server's text of binary representations, for types that are asked for as text but come in binary inside of
 * anonymous records.
 */
interface BinaryText {

    /** For types whose binary representation is not known: the text if it looks like one, else hex digits. */
    BinaryText UNKNOWN = UnknownBytes::toText;

    /** macaddr and macaddr8. */
    BinaryText MAC_ADDRESS = (bytes, offset, length) -> {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i == 0 ? "" : ":").append(String.format("%02x", bytes[offset + i]));
        }
        return text.toString();
    };

    BinaryText PG_LSN = (bytes, offset, length) -> {
        Bytes.expectLength(length, 8);
        return String.format("%X/%X", Bytes.getInt(bytes, offset), Bytes.getInt(bytes, offset + 4));
    };

    BinaryText TID = (bytes, offset, length) -> {
        Bytes.expectLength(length, 6);
        return "(" + Integer.toUnsignedString(Bytes.getInt(bytes, offset)) + ","
                + (Bytes.getShort(bytes, offset + 4) & 0xFFFF) + ")";
    };

    /** jsonpath, ltree and others that have a version before their text. */
    BinaryText VERSIONED = (bytes, offset, length) -> {
        if (length < 1 || bytes[offset] != 1) {
            throw new ValueException("it is of a version that is not known");
        }
        return Bytes.getString(bytes, offset + 1, length - 1);
    };

    /** The OID of what is named, whose name only the server knows; it takes both. */
    BinaryText NAMED_OBJECT = (bytes, offset, length) -> {
        Bytes.expectLength(length, 4);
        int oid = Bytes.getInt(bytes, offset);
        return oid == 0 ? "-" : Integer.toUnsignedString(oid);
    };

    /** The number of the currency's smallest units: how many make a whole one is known to the server's lc_monetary alone. */
    BinaryText MONEY = (bytes, offset, length) -> {
        Bytes.expectLength(length, 8);
        return Long.toString(Bytes.getLong(bytes, offset));
    };

    /** int2vector and oidvector: arrays of one dimension without NULL, whose text has spaces between the elements. */
    BinaryText VECTOR_OF_NUMBERS = (bytes, offset, length) -> {
        StringBuilder text = new StringBuilder();
        // After the numbers of dimensions, of flags, the element's type, the size and the lower bound.
        for (int at = offset + 20; at < offset + length; ) {
            int size = Bytes.getInt(bytes, at);
            text.append(text.isEmpty() ? "" : " ")
                    .append(size == 2 ? Bytes.getShort(bytes, at + 4) : Bytes.getInt(bytes, at + 4) & 0xFFFF_FFFFL);
            Bytes.expectLength(size, size == 2 ? 2 : 4);
            at += 4 + size;
        }
        return text.toString();
    };

    /** pg_snapshot and txid_snapshot: how many are in progress, the first, the end, and those. */
    BinaryText SNAPSHOT = (bytes, offset, length) -> {
        int count = Bytes.getInt(bytes, offset);
        Bytes.expectLength(length, Math.addExact(20, Math.multiplyExact(count, 8)));
        StringBuilder text = new StringBuilder();
        text.append(Bytes.getLong(bytes, offset + 4)).append(':').append(Bytes.getLong(bytes, offset + 12));
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? ':' : ',').append(Bytes.getLong(bytes, offset + 20 + 8 * i));
        }
        return count == 0 ? text.append(':').toString() : text.toString();
    };

    String toText(byte[] bytes, int offset, int length);
}
