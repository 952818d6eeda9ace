package io.github.pgpure.convert;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Conversions between Java's numbers. Integers and decimals convert only where the number stays the same; float and double take
 * the nearest they have.
 */
final class Numbers {

    static final String JAVA_TYPES = "Integer, Long, Short, Byte, BigInteger, BigDecimal, Double, Float";

    /** The digits PostgreSQL allows before the decimal point, and somewhat more than it allows after it. */
    private static final int MAX_DIGITS = 131_072;

    private Numbers() {}

    /** The number as this type; null when that is no type of numbers. */
    static @Nullable Object convert(Number value, Class<?> type) {
        if (type == Integer.class) {
            return (int) toLong(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
        } else if (type == Long.class) {
            return toLong(value);
        } else if (type == Short.class) {
            return (short) toLong(value, Short.MIN_VALUE, Short.MAX_VALUE);
        } else if (type == Byte.class) {
            return (byte) toLong(value, Byte.MIN_VALUE, Byte.MAX_VALUE);
        } else if (type == Double.class) {
            return finite(value.doubleValue(), value);
        } else if (type == Float.class) {
            return (float) finite(value.floatValue(), value);
        } else if (type == BigDecimal.class) {
            return toBigDecimal(value);
        } else if (type == BigInteger.class) {
            return toBigInteger(value);
        }
        return null;
    }

    /** Refuses a finite number that has become an infinite one. */
    static double finite(double converted, Number given) {
        if (Double.isInfinite(converted)
                && !((given instanceof Double || given instanceof Float) && Double.isInfinite(given.doubleValue()))) {
            throw new ValueException("it is beyond the type's range");
        }
        return converted;
    }

    static long toLong(Number value, long min, long max) {
        long number = toLong(value);
        if (number < min || number > max) {
            throw new ValueException("it is not between " + min + " and " + max);
        }
        return number;
    }

    static long toLong(Number value) {
        if (value instanceof Long
                || value instanceof Integer
                || value instanceof Short
                || value instanceof Byte
                || value instanceof AtomicInteger
                || value instanceof AtomicLong) {
            return value.longValue();
        }
        BigInteger integer = toBigInteger(value);
        if (integer.bitLength() > 63) {
            throw new ValueException("it is beyond 64 bits");
        }
        return integer.longValue();
    }

    static BigInteger toBigInteger(Number value) {
        if (value instanceof BigInteger integer) {
            return integer;
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return BigInteger.valueOf(value.longValue());
        }
        BigDecimal decimal = toBigDecimal(value);
        try {
            return decimal.toBigIntegerExact();
        } catch (ArithmeticException e) {
            throw new ValueException("it has a fractional part");
        }
    }

    static BigDecimal toBigDecimal(Number value) {
        if (value instanceof BigDecimal decimal) {
            return bounded(decimal);
        } else if (value instanceof BigInteger integer) {
            return new BigDecimal(integer);
        } else if (value instanceof Double || value instanceof Float) {
            double number = value.doubleValue();
            if (Double.isNaN(number) || Double.isInfinite(number)) {
                throw new ValueException("it is NaN or infinite, which only Double, Float and Number can be");
            }
            // The shortest decimal that is this very float, not the 50 digits of its binary fraction.
            return new BigDecimal(value.toString());
        } else if (value instanceof Long
                || value instanceof Integer
                || value instanceof Short
                || value instanceof Byte
                || value instanceof AtomicInteger
                || value instanceof AtomicLong) {
            return BigDecimal.valueOf(value.longValue());
        }
        throw new ValueException("this class of numbers is not known; use " + JAVA_TYPES);
    }

    /** Refuses 1e2000000000, whose digits would fill the heap. */
    static BigDecimal bounded(BigDecimal value) {
        if ((long) value.precision() - value.scale() > MAX_DIGITS || value.scale() > MAX_DIGITS) {
            throw new ValueException("it has more digits than numeric can hold");
        }
        return value;
    }

    static BigDecimal parseDecimal(String text) {
        try {
            return bounded(new BigDecimal(text));
        } catch (NumberFormatException e) {
            throw new ValueException("the text is no number");
        }
    }

    static long parseLong(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ValueException("the text is no integer of 64 bits");
        }
    }
}
