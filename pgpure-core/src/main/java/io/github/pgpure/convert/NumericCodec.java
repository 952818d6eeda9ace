package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * numeric: BigDecimal with the scale the server shows; NaN and the infinities, which BigDecimal lacks, as Double.
 *
 * <pre>
 * int16 number of digits | int16 weight of the first | int16 sign | int16 display scale | int16 each digit, 0 to 9999
 * </pre>
 */
final class NumericCodec extends ScalarCodec<Number> {

    private static final int POSITIVE = 0x0000;
    private static final int NEGATIVE = 0x4000;
    private static final int NAN = 0xC000;
    private static final int POSITIVE_INFINITY = 0xD000;
    private static final int NEGATIVE_INFINITY = 0xF000;

    private static final int MAX_SCALE = 0x3FFF;

    /** Four digits of base 10,000 always fit a long, with room for a shift by three decimal places. */
    private static final int SMALL = 4;

    private static final long[] POWERS_OF_TEN = new long[19];

    static {
        long power = 1;
        for (int i = 0; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = power;
            power *= 10;
        }
    }

    NumericCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, Number.class, "BigDecimal, " + Numbers.JAVA_TYPES);
    }

    @Override
    Number readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        if (length < 8) {
            throw ValueException.length(length, 8);
        }
        int digits = Bytes.getShort(bytes, offset);
        int weight = Bytes.getShort(bytes, offset + 2);
        int sign = Bytes.getShort(bytes, offset + 4) & 0xFFFF;
        int scale = Bytes.getShort(bytes, offset + 6);
        if (digits < 0 || length != 8 + 2 * digits || scale < 0) {
            throw new ValueException("its number of digits or its scale is wrong");
        }
        switch (sign) {
            case POSITIVE:
            case NEGATIVE:
                break;
            case NAN:
                return Double.NaN;
            case POSITIVE_INFINITY:
                return Double.POSITIVE_INFINITY;
            case NEGATIVE_INFINITY:
                return Double.NEGATIVE_INFINITY;
            default:
                throw new ValueException("its sign is none");
        }
        // The number is the digits, read as one integer, times ten to the power of -digitsScale.
        int digitsScale = 4 * (digits - 1 - weight);
        if (digits <= SMALL) {
            long unscaled = 0;
            for (int i = 0; i < digits; i++) {
                unscaled = unscaled * 10_000 + digit(bytes, offset + 8 + 2 * i);
            }
            if (sign == NEGATIVE) {
                unscaled = -unscaled;
            }
            int excess = digitsScale - scale;
            if (excess >= 0 && excess <= 3 && unscaled % POWERS_OF_TEN[excess] == 0) {
                return BigDecimal.valueOf(unscaled / POWERS_OF_TEN[excess], scale);
            }
            return withScale(BigDecimal.valueOf(unscaled, digitsScale), scale);
        }
        char[] decimal = new char[4 * digits];
        for (int i = 0; i < digits; i++) {
            int digit = digit(bytes, offset + 8 + 2 * i);
            decimal[4 * i] = (char) ('0' + digit / 1000);
            decimal[4 * i + 1] = (char) ('0' + digit / 100 % 10);
            decimal[4 * i + 2] = (char) ('0' + digit / 10 % 10);
            decimal[4 * i + 3] = (char) ('0' + digit % 10);
        }
        BigInteger unscaled = new BigInteger(new String(decimal));
        return withScale(new BigDecimal(sign == NEGATIVE ? unscaled.negate() : unscaled, digitsScale), scale);
    }

    private static int digit(byte[] bytes, int offset) {
        int digit = Bytes.getShort(bytes, offset);
        if (digit < 0 || digit > 9999) {
            throw new ValueException("one of its digits is none");
        }
        return digit;
    }

    /** The server never sends digits beyond the scale, so nothing is ever cut off. */
    private static BigDecimal withScale(BigDecimal value, int scale) {
        return value.signum() == 0 ? BigDecimal.valueOf(0, scale) : value.setScale(scale);
    }

    @Override
    Number readText(ConversionContext context, String text) {
        switch (text) {
            case "NaN":
                return Double.NaN;
            case "Infinity":
                return Double.POSITIVE_INFINITY;
            case "-Infinity":
                return Double.NEGATIVE_INFINITY;
            default:
                return Numbers.parseDecimal(text);
        }
    }

    @Override
    @Nullable
    Number accept(ConversionContext context, Object value) {
        if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            if (Double.isNaN(number) || Double.isInfinite(number)) {
                return number;
            }
        }
        if (value instanceof Number number) {
            return Numbers.bounded(Numbers.toBigDecimal(number));
        }
        return value instanceof String text ? readText(context, text) : null;
    }

    @Override
    void writeBinary(ConversionContext context, Number value, FrontendBuffer out) {
        if (!(value instanceof BigDecimal decimal)) {
            double special = value.doubleValue();
            int sign = Double.isNaN(special) ? NAN : special > 0 ? POSITIVE_INFINITY : NEGATIVE_INFINITY;
            writeHeader(out, 0, 0, sign, 0);
            return;
        }
        int scale = decimal.scale();
        if (scale > MAX_SCALE) {
            throw new ValueException("it has more than " + MAX_SCALE + " digits after the decimal point");
        }
        // Digits of four start at the decimal point: fill up after it.
        int padding = Math.floorMod(-scale, 4);
        if (scale >= 0 && decimal.precision() + padding <= 18) {
            writeSmall(decimal.unscaledValue().longValue() * POWERS_OF_TEN[padding], scale, padding, out);
        } else {
            writeLarge(decimal, out);
        }
    }

    private static void writeSmall(long unscaled, int scale, int padding, FrontendBuffer out) {
        long rest = Math.abs(unscaled);
        int fractionDigits = (scale + padding) / 4;
        while (rest != 0 && rest % 10_000 == 0) {
            rest /= 10_000;
            fractionDigits--;
        }
        int digits = 0;
        for (long more = rest; more != 0; more /= 10_000) {
            digits++;
        }
        int weight = digits == 0 ? 0 : digits - 1 - fractionDigits;
        writeHeader(out, digits, weight, unscaled < 0 ? NEGATIVE : POSITIVE, scale);
        for (int i = digits - 1; i >= 0; i--) {
            out.writeShort((short) (rest / POWERS_OF_TEN[4 * i] % 10_000));
        }
    }

    private static void writeLarge(BigDecimal value, FrontendBuffer out) {
        int scale = Math.max(0, value.scale());
        int fractionDigits = (scale + 3) / 4;
        String decimal =
                value.setScale(4 * fractionDigits).unscaledValue().abs().toString();
        int first = decimal.length() % 4;
        int digits = decimal.length() / 4 + (first == 0 ? 0 : 1);
        writeHeader(out, digits, digits - 1 - fractionDigits, value.signum() < 0 ? NEGATIVE : POSITIVE, scale);
        int at = 0;
        int end = first == 0 ? 4 : first;
        for (int i = 0; i < digits; i++) {
            int digit = 0;
            for (; at < end; at++) {
                digit = digit * 10 + (decimal.charAt(at) - '0');
            }
            out.writeShort((short) digit);
            end += 4;
        }
    }

    private static void writeHeader(FrontendBuffer out, int digits, int weight, int sign, int scale) {
        out.writeShort((short) digits);
        out.writeShort((short) weight);
        out.writeShort((short) sign);
        out.writeShort((short) scale);
    }

    @Override
    String writeText(ConversionContext context, Number value) {
        return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, Number value, Class<?> type) {
        return Numbers.convert(value, type);
    }
}
