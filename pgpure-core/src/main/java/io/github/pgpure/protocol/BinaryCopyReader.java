package io.github.pgpure.protocol;

import io.github.pgpure.PgProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tells the rows of COPY's binary format apart, wherever the pieces in which they come are cut
 * (<a href="https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS">manual</a>). For one thread.
 *
 * <pre>
 *   "PGCOPY\n\377\r\n\0" | int32 flags | int32 extension length | extension
 *   for each row:  int16 columns | for each column:  int32 length (-1 for NULL) | length bytes
 *   int16 -1
 * </pre>
 */
public final class BinaryCopyReader {

    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int HEADER_LENGTH = SIGNATURE.length + 8;

    /** The bits that a reader must not ignore; the only one that was ever used says that rows begin with an OID. */
    private static final int CRITICAL_FLAGS = 0xffff_0000;

    /** No server has sent one so far. */
    private static final int MAX_EXTENSION_LENGTH = 64 * 1024;

    private static final int MAX_ROW_LENGTH = 0x7fff_fe00;

    private final int columnCount;
    private byte[] bytes = new byte[0];
    private ByteBuffer view = ByteBuffer.wrap(bytes);
    private int start;
    private int end;
    private boolean begun;
    private boolean ended;

    /** @param columnCount how many columns each row must have */
    public BinaryCopyReader(int columnCount) {
        this.columnCount = columnCount;
    }

    /** Copies one more piece of the data. */
    public void add(CopyData piece) {
        int length = piece.length();
        if (bytes.length - end < length) {
            makeRoom(length);
        }
        piece.copyTo(bytes, end);
        end += length;
    }

    private void makeRoom(int length) {
        int kept = end - start;
        long needed = (long) kept + length;
        if (needed > MAX_ROW_LENGTH) {
            throw new PgProtocolException("the server sent a row of more than " + MAX_ROW_LENGTH + " bytes in a COPY");
        }
        // What is kept is less than a row, usually nothing: so the array stays as small as the pieces are.
        byte[] target = needed <= bytes.length
                ? bytes
                : new byte[(int) Math.min(MAX_ROW_LENGTH, Math.max(needed, kept == 0 ? 0 : bytes.length * 2L))];
        System.arraycopy(bytes, start, target, 0, kept);
        bytes = target;
        view = ByteBuffer.wrap(bytes);
        start = 0;
        end = kept;
    }

    /**
     * The next row, laid out as a {@link DataRow} is: for each column its length and its bytes.
     *
     * @return null when more of the data has to come first, or all rows have been read
     * @throws PgProtocolException when this is not the binary format, or the rows have another number of columns
     */
    public byte @Nullable [] nextRow() {
        if (!begun && !readHeader()) {
            return null;
        }
        if (ended || end - start < 2) {
            if (ended && start < end) {
                throw new PgProtocolException("the server sent data after the end of a binary COPY");
            }
            return null;
        }
        int count = view.getShort(start);
        if (count == -1) {
            start += 2;
            ended = true;
            return nextRow();
        }
        if (count != columnCount) {
            throw new PgProtocolException(
                    "the server sent a row of " + count + " columns in a COPY of " + columnCount + " columns");
        }
        int at = start + 2;
        for (int i = 0; i < count; i++) {
            if (end - at < 4) {
                return null;
            }
            int length = view.getInt(at);
            if (length < -1) {
                throw new PgProtocolException("the server sent a value of " + length + " bytes in a COPY");
            }
            at += 4;
            if (length > end - at) {
                return null;
            }
            at += Math.max(0, length);
        }
        byte[] row = Arrays.copyOfRange(bytes, start + 2, at);
        start = at;
        return row;
    }

    /**
     * The data have ended.
     *
     * @throws PgProtocolException when something is missing
     */
    public void end() {
        if (!ended) {
            throw new PgProtocolException("the server ended the data of a binary COPY before their end");
        }
    }

    private boolean readHeader() {
        if (end - start < HEADER_LENGTH) {
            return false;
        }
        if (!Arrays.equals(bytes, start, start + SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
            throw new PgProtocolException("the server sent other data than those of a binary COPY");
        }
        int flags = view.getInt(start + SIGNATURE.length);
        int extension = view.getInt(start + SIGNATURE.length + 4);
        if ((flags & CRITICAL_FLAGS) != 0 || extension < 0 || extension > MAX_EXTENSION_LENGTH) {
            throw new PgProtocolException("the server sent a binary COPY of a kind that is not known: flags "
                    + Integer.toHexString(flags) + ", extension of " + extension + " bytes");
        }
        if (end - start < HEADER_LENGTH + extension) {
            return false;
        }
        start += HEADER_LENGTH + extension;
        begun = true;
        return true;
    }
}
