package io.github.pgpure.connection;

import io.github.pgpure.PgProtocolException;

/**
 * A position in a server's write-ahead log (<a href="https://www.postgresql.org/docs/current/datatype-pg-lsn.html">manual</a>); immutable.
 *
 * @param lsn the number of bytes before it, unsigned
 */
public record LogPosition(long lsn) {

    /**
     * Reads what the server writes.
     *
     * @param text two hexadecimal numbers of up to 32 bits with a slash between
     */
    static LogPosition parse(String text) {
        int slash = text.indexOf('/');
        try {
            long high = Integer.parseUnsignedInt(text, 0, Math.max(slash, 0), 16) & 0xFFFF_FFFFL;
            long low = Integer.parseUnsignedInt(text, slash + 1, text.length(), 16) & 0xFFFF_FFFFL;
            return new LogPosition(high << 32 | low);
        } catch (NumberFormatException e) {
            throw new PgProtocolException("the server sent what is no position in a write-ahead log");
        }
    }

    /** Whether everything up to the other position lies before this one. */
    public boolean hasReached(LogPosition other) {
        return Long.compareUnsigned(lsn, other.lsn) >= 0;
    }
}
