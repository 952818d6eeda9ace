package io.github.pgpure.protocol;

/**
 * One row of a result, as a view on the decoder's buffer: valid until the decoder's next message.
 *
 * <pre>
 *   for each column:  int32 length (-1 for NULL) | length bytes
 * </pre>
 *
 * <p>The lengths have been checked: they add up to {@link #length()}.
 */
public final class DataRow implements BackendMessage {

    private byte[] buffer = new byte[0];
    private int offset;
    private int length;
    private int columnCount;

    DataRow() {}

    void set(byte[] buffer, int offset, int length, int columnCount) {
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
        this.columnCount = columnCount;
    }

    /** The number of columns. */
    public int columnCount() {
        return columnCount;
    }

    /** The number of bytes of all columns with their lengths. */
    public int length() {
        return length;
    }

    /** The array that the columns are in; valid as long as this view. */
    public byte[] array() {
        return buffer;
    }

    /** Where the first column's length stands in {@link #array()}. */
    public int offset() {
        return offset;
    }

    /** Copies all columns with their lengths. */
    public void copyTo(byte[] target, int at) {
        System.arraycopy(buffer, offset, target, at, length);
    }

    @Override
    public String toString() {
        return "DataRow[" + columnCount + " columns, " + length + " bytes]";
    }
}
