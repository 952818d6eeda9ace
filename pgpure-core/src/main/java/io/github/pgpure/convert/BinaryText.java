package io.github.pgpure.convert;

/**
 * Makes the server's text of binary representations, for types that are asked for as text but come in binary inside of
 * anonymous records.
 */
enum BinaryText {

    /** Types whose binary representation is their text. */
    TEXT,

    /** Types whose binary representation is not known: the text if it looks like one, else hex digits. */
    UNKNOWN,

    /** macaddr and macaddr8. */
    MAC_ADDRESS,

    PG_LSN,

    TID,

    /** jsonpath, ltree and others that have a version before their text. */
    VERSIONED,

    /** The OID of what is named, whose name only the server knows; it takes both. */
    NAMED_OBJECT,

    /** The number of the currency's smallest units: how many make a whole one is known to the server's lc_monetary alone. */
    MONEY,

    /** int2vector and oidvector: arrays of one dimension without NULL, whose text has spaces between the elements. */
    VECTOR_OF_NUMBERS,

    /** pg_snapshot and txid_snapshot: how many are in progress, the first, the end, and those. */
    SNAPSHOT,

    TSVECTOR,

    TSQUERY;

    String toText(byte[] bytes, int offset, int length) {
        return switch (this) {
            case TEXT -> Bytes.getString(bytes, offset, length);
            case UNKNOWN -> UnknownBytes.toText(bytes, offset, length);
            case MAC_ADDRESS -> macAddress(bytes, offset, length);
            case PG_LSN -> {
                Bytes.expectLength(length, 8);
                yield String.format("%X/%X", Bytes.getInt(bytes, offset), Bytes.getInt(bytes, offset + 4));
            }
            case TID -> {
                Bytes.expectLength(length, 6);
                yield "(" + Integer.toUnsignedString(Bytes.getInt(bytes, offset)) + ","
                        + (Bytes.getShort(bytes, offset + 4) & 0xFFFF) + ")";
            }
            case VERSIONED -> {
                if (length < 1 || bytes[offset] != 1) {
                    throw new ValueException("it is of a version that is not known");
                }
                yield Bytes.getString(bytes, offset + 1, length - 1);
            }
            case NAMED_OBJECT -> {
                Bytes.expectLength(length, 4);
                int oid = Bytes.getInt(bytes, offset);
                yield oid == 0 ? "-" : Integer.toUnsignedString(oid);
            }
            case MONEY -> {
                Bytes.expectLength(length, 8);
                yield Long.toString(Bytes.getLong(bytes, offset));
            }
            case VECTOR_OF_NUMBERS -> vectorOfNumbers(bytes, offset, length);
            case SNAPSHOT -> snapshot(bytes, offset, length);
            case TSVECTOR -> TextSearchText.vector(bytes, offset, length);
            case TSQUERY -> TextSearchText.query(bytes, offset, length);
        };
    }

    private static String macAddress(byte[] bytes, int offset, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i == 0 ? "" : ":").append(String.format("%02x", bytes[offset + i]));
        }
        return text.toString();
    }

    private static String vectorOfNumbers(byte[] bytes, int offset, int length) {
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
    }

    private static String snapshot(byte[] bytes, int offset, int length) {
        int count = Bytes.getInt(bytes, offset);
        Bytes.expectLength(length, Math.addExact(20, Math.multiplyExact(count, 8)));
        StringBuilder text = new StringBuilder();
        text.append(Bytes.getLong(bytes, offset + 4)).append(':').append(Bytes.getLong(bytes, offset + 12));
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? ':' : ',').append(Bytes.getLong(bytes, offset + 20 + 8 * i));
        }
        return count == 0 ? text.append(':').toString() : text.toString();
    }
}
