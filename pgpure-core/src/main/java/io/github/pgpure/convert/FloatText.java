package io.github.pgpure.convert;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.Predicate;

/**
 * The text of floats as PostgreSQL writes it: the shortest decimal that gives the same float back.
 *
 * <p>{@code Double.toString} writes another form, and before JDK 19 not always the shortest.
 */
final class FloatText {

    private FloatText() {}

    static double parseDouble(String text) {
        Double special = special(text);
        if (special != null) {
            return special;
        }
        return checkedDecimal(text).doubleValue();
    }

    static float parseFloat(String text) {
        Double special = special(text);
        if (special != null) {
            return special.floatValue();
        }
        checkedDecimal(text);
        return Float.parseFloat(text);
    }

    private static BigDecimal checkedDecimal(String text) {
        try {
            // Unlike Double.parseDouble, this takes neither "1d" nor blanks nor hexadecimal digits.
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new ValueException("the text is no number");
        }
    }

    private static @org.jspecify.annotations.Nullable Double special(String text) {
        switch (text) {
            case "NaN":
                return Double.NaN;
            case "Infinity":
                return Double.POSITIVE_INFINITY;
            case "-Infinity":
                return Double.NEGATIVE_INFINITY;
            case "-0":
                return -0.0;
            default:
                return null;
        }
    }

    static String format(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value);
        } else if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        } else if (value == (long) value && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        BigDecimal exact = new BigDecimal(value);
        // Subnormal numbers have fewer digits.
        int fewest = Math.abs(value) < Double.MIN_NORMAL ? 1 : 15;
        return layOut(shortest(exact, fewest, 17, candidate -> candidate.doubleValue() == value), 15);
    }

    static String format(float value) {
        if (Float.isNaN(value) || Float.isInfinite(value)) {
            return Float.toString(value);
        } else if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        BigDecimal exact = new BigDecimal(value);
        int fewest = Math.abs(value) < Float.MIN_NORMAL ? 1 : 6;
        return layOut(shortest(exact, fewest, 9, candidate -> candidate.floatValue() == value), 6);
    }

    private static BigDecimal shortest(BigDecimal exact, int fewest, int most, Predicate<BigDecimal> same) {
        for (int digits = fewest; digits < most; digits++) {
            BigDecimal candidate = exact.round(new MathContext(digits));
            if (same.test(candidate)) {
                return candidate.stripTrailingZeros();
            }
        }
        return exact.round(new MathContext(most)).stripTrailingZeros();
    }

    private static String layOut(BigDecimal value, int plainDigits) {
        String digits = value.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - value.scale();
        if (exponent >= -4 && exponent < plainDigits) {
            return value.toPlainString();
        }
        StringBuilder text = new StringBuilder();
        if (value.signum() < 0) {
            text.append('-');
        }
        text.append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        text.append('e').append(exponent < 0 ? '-' : '+');
        int size = Math.abs(exponent);
        return (size < 10 ? text.append('0') : text).append(size).toString();
    }
}
