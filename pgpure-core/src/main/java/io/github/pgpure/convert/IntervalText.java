package io.github.pgpure.convert;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes intervals as the server does with {@code IntervalStyle} postgres; reads this and iso_8601. */
final class IntervalText {

    private static final Pattern POSTGRES =
            Pattern.compile("(?:([+-]?\\d+) years? ?)?(?:([+-]?\\d+) mons? ?)?(?:([+-]?\\d+) days? ?)?"
                    + "(?:([+-])?(\\d+):(\\d\\d):(\\d\\d(?:\\.\\d{1,6})?))?");
    private static final Pattern ISO = Pattern.compile("P(?:([+-]?\\d+)Y)?(?:([+-]?\\d+)M)?(?:([+-]?\\d+)W)?"
            + "(?:([+-]?\\d+)D)?(?:T(?:([+-]?\\d+)H)?(?:([+-]?\\d+)M)?(?:([+-]?\\d+(?:\\.\\d{1,6})?)S)?)?");

    private IntervalText() {}

    static Interval parse(String text) {
        Interval infinite = Interval.infinite(text);
        if (infinite != null) {
            return infinite;
        }
        try {
            Matcher iso = ISO.matcher(text);
            if (iso.matches() && text.length() > 1) {
                return new Interval(
                        Math.addExact(Math.multiplyExact(number(iso, 1), 12), number(iso, 2)),
                        Math.addExact(Math.multiplyExact(number(iso, 3), 7), number(iso, 4)),
                        Math.addExact(
                                ((long) number(iso, 5) * 60 + number(iso, 6)) * 60_000_000L, micros(iso.group(7))));
            }
            Matcher postgres = POSTGRES.matcher(text);
            if (postgres.matches() && !text.isEmpty()) {
                String hours = postgres.group(5);
                long micros = 0;
                if (hours != null) {
                    micros = Math.addExact(
                            Math.multiplyExact(
                                    Long.parseLong(hours) * 60 + Long.parseLong(postgres.group(6)), 60_000_000L),
                            micros(postgres.group(7)));
                }
                return new Interval(
                        Math.addExact(Math.multiplyExact(number(postgres, 1), 12), number(postgres, 2)),
                        number(postgres, 3),
                        "-".equals(postgres.group(4)) ? -micros : micros);
            }
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("the interval is too long");
        }
        throw new IllegalArgumentException("the text is no interval of the style postgres or iso_8601");
    }

    private static int number(Matcher matcher, int group) {
        String text = matcher.group(group);
        return text == null ? 0 : Integer.parseInt(text);
    }

    private static long micros(@org.jspecify.annotations.Nullable String seconds) {
        return seconds == null ? 0 : new BigDecimal(seconds).movePointRight(6).longValueExact();
    }

    static String format(Interval interval) {
        if (interval.equals(Interval.INFINITY)) {
            return "infinity";
        } else if (interval.equals(Interval.MINUS_INFINITY)) {
            return "-infinity";
        }
        StringBuilder text = new StringBuilder();
        boolean negative = append(text, interval.months() / 12, "year", false);
        negative = append(text, interval.months() % 12, "mon", negative);
        negative = append(text, interval.days(), "day", negative);
        long micros = interval.microseconds();
        if (micros != 0 || text.isEmpty()) {
            if (!text.isEmpty()) {
                text.append(' ');
            }
            // A plus sign says that the minus before it has ended.
            text.append(micros < 0 ? "-" : negative ? "+" : "");
            long seconds = Math.abs(micros / 1_000_000);
            long hours = seconds / 3600;
            text.append(hours < 10 ? "0" : "").append(hours);
            Times.appendTwo(text.append(':'), (int) (seconds / 60 % 60));
            Times.appendTwo(text.append(':'), (int) (seconds % 60));
            Times.appendMicros(text, (int) Math.abs(micros % 1_000_000));
        }
        return text.toString();
    }

    private static boolean append(StringBuilder text, int value, String unit, boolean negative) {
        if (value == 0) {
            return negative;
        }
        if (!text.isEmpty()) {
            text.append(' ');
        }
        if (negative && value > 0) {
            text.append('+');
        }
        text.append(value).append(' ').append(unit);
        if (value != 1) {
            text.append('s');
        }
        return value < 0;
    }
}
