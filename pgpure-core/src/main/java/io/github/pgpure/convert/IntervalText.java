package io.github.pgpure.convert;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes intervals as the server does with {@code IntervalStyle} postgres; reads what it writes with any. */
final class IntervalText {

    private static final Pattern POSTGRES =
            Pattern.compile("(?:([+-]?\\d+) years? ?)?(?:([+-]?\\d+) mons? ?)?(?:([+-]?\\d+) days? ?)?"
                    + "(?:([+-])?(\\d+):(\\d\\d):(\\d\\d(?:\\.\\d{1,6})?))?");
    private static final Pattern ISO = Pattern.compile("P(?:([+-]?\\d+)Y)?(?:([+-]?\\d+)M)?(?:([+-]?\\d+)W)?"
            + "(?:([+-]?\\d+)D)?(?:T(?:([+-]?\\d+)H)?(?:([+-]?\\d+)M)?(?:([+-]?\\d+(?:\\.\\d{1,6})?)S)?)?");

    private static final Pattern VERBOSE = Pattern.compile("@(?: ([+-]?\\d+) years?)?(?: ([+-]?\\d+) mons?)?"
            + "(?: ([+-]?\\d+) days?)?(?: ([+-]?\\d+) hours?)?(?: ([+-]?\\d+) mins?)?"
            + "(?: ([+-]?\\d+(?:\\.\\d{1,6})?) secs?)?(?: 0)?( ago)?");
    private static final Pattern SQL_STANDARD = Pattern.compile("(?:([+-])?(\\d+)-(\\d+))?(?: ?([+-])?(\\d+)(?= |$))?"
            + "(?: ?([+-])?(\\d+):(\\d\\d):(\\d\\d(?:\\.\\d{1,6})?))?");

    private IntervalText() {}

    static Interval parse(String text) {
        Interval infinite = Interval.infinite(text);
        if (infinite != null) {
            return infinite;
        }
        try {
            Interval interval = text.isEmpty() || text.equals("P") ? null : inAnyStyle(text);
            if (interval != null) {
                return interval;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("the interval is too long");
        }
        throw new IllegalArgumentException("the text is no interval of any IntervalStyle");
    }

    private static @Nullable Interval inAnyStyle(String text) {
        Matcher postgres = POSTGRES.matcher(text);
        if (postgres.matches()) {
            return interval(
                    number(1, postgres, 1),
                    number(1, postgres, 2),
                    number(1, postgres, 3),
                    micros(sign(postgres.group(4)), postgres.group(5), postgres.group(6), postgres.group(7)));
        }
        Matcher iso = ISO.matcher(text);
        if (iso.matches()) {
            return interval(
                    number(1, iso, 1),
                    number(1, iso, 2),
                    Math.addExact(Math.multiplyExact(number(1, iso, 3), 7), number(1, iso, 4)),
                    micros(1, iso.group(5), iso.group(6), iso.group(7)));
        }
        Matcher verbose = VERBOSE.matcher(text);
        if (verbose.matches()) {
            int sign = verbose.group(7) == null ? 1 : -1;
            return interval(
                    number(sign, verbose, 1),
                    number(sign, verbose, 2),
                    number(sign, verbose, 3),
                    micros(sign, verbose.group(4), verbose.group(5), verbose.group(6)));
        }
        Matcher standard = SQL_STANDARD.matcher(text);
        if (standard.matches()) {
            int ofMonths = sign(standard.group(1));
            int ofDays = sign(standard.group(4));
            String time = standard.group(6);
            // A sign before the days is also that of a time without one.
            int ofTime = time == null ? ofDays : sign(time);
            return interval(
                    number(ofMonths, standard, 2),
                    number(ofMonths, standard, 3),
                    number(ofDays, standard, 5),
                    micros(ofTime, standard.group(7), standard.group(8), standard.group(9)));
        }
        return null;
    }

    private static Interval interval(int years, int months, int days, long micros) {
        return new Interval(Math.addExact(Math.multiplyExact(years, 12), months), days, micros);
    }

    private static int sign(@Nullable String text) {
        return "-".equals(text) ? -1 : 1;
    }

    // The sign goes to each part before the parts are added: the smallest values have no positive counterparts.
    private static int number(int sign, Matcher matcher, int group) {
        return Math.toIntExact(whole(sign, matcher.group(group)));
    }

    private static long micros(int sign, @Nullable String hours, @Nullable String minutes, @Nullable String seconds) {
        long micros = seconds == null
                ? 0
                : sign * new BigDecimal(seconds).movePointRight(6).longValueExact();
        micros = Math.addExact(micros, Math.multiplyExact(whole(sign, minutes), 60_000_000L));
        return Math.addExact(micros, Math.multiplyExact(whole(sign, hours), 3_600_000_000L));
    }

    private static long whole(int sign, @Nullable String digits) {
        return digits == null ? 0 : Math.multiplyExact(sign, Long.parseLong(digits));
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
