package io.github.pgpure.convert;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

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
        double size = Math.abs(value);
        // Subnormal numbers have fewer digits.
        int fewest = size < Double.MIN_NORMAL ? 1 : 15;
        String text = layOut(shortest(size, size - Math.nextDown(size), Math.ulp(size), fewest, 17), 15);
        return value < 0 ? "-" + text : text;
    }

    static String format(float value) {
        if (Float.isNaN(value) || Float.isInfinite(value)) {
            return Float.toString(value);
        } else if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        float size = Math.abs(value);
        int fewest = size < Float.MIN_NORMAL ? 1 : 6;
        String text = layOut(shortest(size, size - Math.nextDown(size), Math.ulp(size), fewest, 9), 6);
        return value < 0 ? "-" + text : text;
    }

    /**
     * The decimal of the fewest digits that is nearer to this float than to its neighbours; of several the nearest. As in the
     * server, one that lies exactly between two floats does not count.
     *
     * @param below the distance to the float below
     * @param above the distance to the float above
     */
    private static BigDecimal shortest(double value, double below, double above, int fewest, int most) {
        BigDecimal exact = new BigDecimal(value);
        BigDecimal half = new BigDecimal("0.5");
        BigDecimal min = exact.subtract(new BigDecimal(below).multiply(half));
        BigDecimal max = exact.add(new BigDecimal(above).multiply(half));
        for (int digits = fewest; digits < most; digits++) {
            BigDecimal nearest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (nearest.compareTo(min) > 0 && nearest.compareTo(max) < 0) {
                return nearest.stripTrailingZeros();
            }
            // Above a power of two there is twice as much room as below it.
            BigDecimal upper = exact.round(new MathContext(digits, RoundingMode.CEILING));
            if (upper.compareTo(max) < 0) {
                return upper.stripTrailingZeros();
            }
        }
        return exact.round(new MathContext(most, RoundingMode.HALF_EVEN)).stripTrailingZeros();
    }

    private static String layOut(BigDecimal value, int plainDigits) {
        String digits = value.unscaledValue().toString();
        int exponent = digits.length() - 1 - value.scale();
        if (exponent >= -4 && exponent < plainDigits) {
            return value.toPlainString();
        }
        StringBuilder text = new StringBuilder();
        text.append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        text.append('e').append(exponent < 0 ? '-' : '+');
        int size = Math.abs(exponent);
        return (size < 10 ? text.append('0') : text).append(size).toString();
    }
}
