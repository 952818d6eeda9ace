package io.github.pgpure.convert;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads integers in network order, and texts, from an array. */
final class Bytes {

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    static short getShort(byte[] bytes, int offset) {
        return (short) SHORT.get(bytes, offset);
    }

    static int getInt(byte[] bytes, int offset) {
        return (int) INT.get(bytes, offset);
    }

    static long getLong(byte[] bytes, int offset) {
        return (long) LONG.get(bytes, offset);
    }

    static String getString(byte[] bytes, int offset, int length) {
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
    }

    static void expectLength(int actual, int expected) {
        if (actual != expected) {
            throw ValueException.length(actual, expected);
        }
    }

    /** Reads an integer written in decimal ASCII digits. */
    static long parseLong(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        boolean negative = length > 0 && bytes[at] == '-';
        if (negative) {
            at++;
        }
        if (at == end || end - at > 19) {
            throw new ValueException("the text is no integer");
        }
        // Negative numbers reach one further: collect downwards.
        long value = 0;
        for (; at < end; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                throw new ValueException("the text is no integer");
            }
            long next = value * 10 - digit;
            if (next > value || value < Long.MIN_VALUE / 10) {
                throw new ValueException("the value is beyond 64 bits");
            }
            value = next;
        }
        if (!negative && value == Long.MIN_VALUE) {
            throw new ValueException("the value is beyond 64 bits");
        }
        return negative ? value : -value;
    }
}
