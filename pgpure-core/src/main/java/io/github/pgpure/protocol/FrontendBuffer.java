package io.github.pgpure.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Collects the bytes that are to be sent: integers in network order, strings in UTF-8.
 *
 * <p>It grows as needed and gives memory back in {@link #clear()} after a large message. For one thread at a time.
 */
public final class FrontendBuffer {

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int INITIAL_CAPACITY = 1024;

    /** What may stay allocated between messages. */
    private static final int RETAINED_CAPACITY = 64 * 1024;

    /** Some JVMs cannot allocate arrays of quite {@code Integer.MAX_VALUE}. */
    private static final int MAX_CAPACITY = Integer.MAX_VALUE - 16;

    /** PostgreSQL refuses larger ones by closing the connection (its limit for one allocation). */
    private static final int MAX_MESSAGE = 0x3fff_fffe;

    private byte[] bytes;
    private int position;

    /** One that is used again and again. */
    public FrontendBuffer() {
        this(INITIAL_CAPACITY);
    }

    /** One with room for this many bytes before it has to grow. */
    public FrontendBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    /** The number of bytes collected. */
    public int position() {
        return position;
    }

    /** Whether nothing is collected. */
    public boolean isEmpty() {
        return position == 0;
    }

    /** Forgets all bytes from {@code position} on: what a failed encoder has written is not sent. */
    public void truncate(int position) {
        if (position < 0 || position > this.position) {
            throw new IllegalArgumentException("cannot truncate " + this.position + " bytes to " + position);
        }
        this.position = position;
    }

    /** Forgets everything. */
    public void clear() {
        position = 0;
        if (bytes.length > RETAINED_CAPACITY) {
            bytes = new byte[INITIAL_CAPACITY];
        }
    }

    /** A view on what is collected, valid until the next change. */
    public ByteBuffer view() {
        return ByteBuffer.wrap(bytes, 0, position);
    }

    /** The array behind this buffer, valid until the next change; only its first {@link #position()} bytes count. */
    public byte[] array() {
        return bytes;
    }

    public void writeByte(int value) {
        ensure(1);
        bytes[position++] = (byte) value;
    }

    public void writeShort(int value) {
        ensure(2);
        SHORT.set(bytes, position, (short) value);
        position += 2;
    }

    public void writeInt(int value) {
        ensure(4);
        INT.set(bytes, position, value);
        position += 4;
    }

    public void writeLong(long value) {
        ensure(8);
        LONG.set(bytes, position, value);
        position += 8;
    }

    public void writeFloat(float value) {
        writeInt(Float.floatToIntBits(value));
    }

    public void writeDouble(double value) {
        writeLong(Double.doubleToLongBits(value));
    }

    public void writeBytes(byte[] source) {
        writeBytes(source, 0, source.length);
    }

    public void writeBytes(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, bytes, position, length);
        position += length;
    }

    public void writeBytes(ByteBuffer source) {
        int length = source.remaining();
        ensure(length);
        source.get(bytes, position, length);
        position += length;
    }

    /** The string in UTF-8, without a terminator. */
    public void writeString(String value) {
        int length = value.length();
        ensure(length);
        byte[] target = bytes;
        int at = position;
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                // Not ASCII: let the JDK do it, from the beginning.
                writeBytes(value.getBytes(StandardCharsets.UTF_8));
                return;
            }
            target[at + i] = (byte) c;
        }
        position += length;
    }

    /**
     * The string in UTF-8 and a terminating zero byte, as most messages want their names and texts.
     *
     * @throws IllegalArgumentException when it contains U+0000, which would end it early
     */
    public void writeCString(String value) {
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("PostgreSQL cannot take a text that contains the character U+0000");
        }
        writeString(value);
        writeByte(0);
    }

    /**
     * Leaves room for a length of four bytes.
     *
     * @return what {@link #endLength} and {@link #endLengthExclusive} need
     */
    public int beginLength() {
        int mark = position;
        writeInt(0);
        return mark;
    }

    /**
     * Fills in the length, itself included, as messages count.
     *
     * @throws IllegalArgumentException when the message is larger than the server accepts
     */
    public void endLength(int mark) {
        if (position - mark > MAX_MESSAGE) {
            throw new IllegalArgumentException("a message of " + (position - mark)
                    + " bytes is more than PostgreSQL accepts (1 GiB): send the values in several statements");
        }
        INT.set(bytes, mark, position - mark);
    }

    /** Fills in the length, without itself, as values count. */
    public void endLengthExclusive(int mark) {
        INT.set(bytes, mark, position - mark - 4);
    }

    private void ensure(int more) {
        int needed = position + more;
        if (needed > bytes.length || needed < 0) {
            grow(more);
        }
    }

    private void grow(int more) {
        long needed = (long) position + more;
        if (needed > MAX_CAPACITY) {
            throw new IllegalArgumentException("the message would exceed the protocol's limit of 2 GiB");
        }
        int capacity = (int) Math.min(MAX_CAPACITY, Math.max(needed, bytes.length * 2L));
        bytes = Arrays.copyOf(bytes, capacity);
    }
}
