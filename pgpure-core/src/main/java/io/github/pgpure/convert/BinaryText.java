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

    String toText(byte[] bytes, int offset, int length);
}
