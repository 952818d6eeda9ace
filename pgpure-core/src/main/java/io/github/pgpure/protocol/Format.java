package io.github.pgpure.protocol;

/** How a value is written on the wire (<a href="https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES">manual</a>). */
public enum Format {
    TEXT,
    BINARY;

    /** The format code: 0 for text, 1 for binary. */
    public short code() {
        return (short) ordinal();
    }
}
