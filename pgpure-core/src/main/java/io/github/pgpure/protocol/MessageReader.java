package io.github.pgpure.protocol;

import io.github.pgpure.PgProtocolException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads the body of one message, never beyond its end. */
final class MessageReader {

    static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private byte[] buffer = new byte[0];
    private int position;
    private int end;
    private char type;

    void set(char type, byte[] buffer, int position, int end) {
        this.type = type;
        this.buffer = buffer;
        this.position = position;
        this.end = end;
    }

    byte[] buffer() {
        return buffer;
    }

    int position() {
        return position;
    }

    int remaining() {
        return end - position;
    }

    byte readByte() {
        require(1);
        return buffer[position++];
    }

    short readShort() {
        require(2);
        short value = (short) SHORT.get(buffer, position);
        position += 2;
        return value;
    }

    /** A count of things that take at least this many bytes each, so that no count makes us allocate more than was sent. */
    int readCount(int bytesEach) {
        int count = readShort() & 0xffff;
        if ((long) count * bytesEach > remaining()) {
            throw malformed("counts " + count + " entries, which do not fit into it");
        }
        return count;
    }

    int readInt() {
        require(4);
        int value = (int) INT.get(buffer, position);
        position += 4;
        return value;
    }

    byte[] readBytes(int length) {
        require(length);
        byte[] bytes = Arrays.copyOfRange(buffer, position, position + length);
        position += length;
        return bytes;
    }

    String readCString() {
        int at = position;
        while (at < end && buffer[at] != 0) {
            at++;
        }
        if (at == end) {
            throw malformed("has a string without an end");
        }
        String value = new String(buffer, position, at - position, StandardCharsets.UTF_8);
        position = at + 1;
        return value;
    }

    /** The bytes of the string that {@link #readCString} would read, its end included. */
    byte[] peekCString() {
        int at = position;
        while (at < end && buffer[at] != 0) {
            at++;
        }
        if (at == end) {
            throw malformed("has a string without an end");
        }
        return Arrays.copyOfRange(buffer, position, at + 1);
    }

    /** Whether these bytes come next. */
    boolean startsWith(byte[] expected) {
        return expected.length <= remaining()
                && Arrays.equals(buffer, position, position + expected.length, expected, 0, expected.length);
    }

    void skip(int bytes) {
        require(bytes);
        position += bytes;
    }

    void expectEnd() {
        if (position != end) {
            throw malformed("has " + (end - position) + " bytes too many");
        }
    }

    PgProtocolException malformed(String what) {
        return new PgProtocolException("the server sent a malformed message: type '" + printable(type) + "' " + what);
    }

    static String printable(char type) {
        return type > ' ' && type < 0x7f ? String.valueOf(type) : "0x" + Integer.toHexString(type);
    }

    private void require(int bytes) {
        if (bytes < 0 || bytes > end - position) {
            throw malformed("ends too early");
        }
    }
}
