package io.github.pgpure.convert;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;

/**
 * PostgreSQL's dates and times as numbers and as text: days and microseconds, counted from 2000-01-01.
 *
 * <p>Nanoseconds are rounded to microseconds, as the server does with a text that has them. {@code LocalTime.MAX} stands for 24:00.
 */
final class Times {

    static final long MICROS_PER_DAY = 86_400_000_000L;

    /** From 1970-01-01 to 2000-01-01. */
    static final int EPOCH_DAYS = 10_957;

    static final long EPOCH_SECONDS = EPOCH_DAYS * 86_400L;

    /** Infinite timestamps; infinite dates are the extremes of int. */
    static final long INFINITY = Long.MAX_VALUE;

    static final long MINUS_INFINITY = Long.MIN_VALUE;

    private static final long MIN_TIMESTAMP = -211_813_488_000_000_000L; // 4714-11-24 BC
    private static final long END_TIMESTAMP = 9_223_371_331_200_000_000L; // 294277-01-01

    private Times() {}

    static LocalTime time(long microOfDay) {
        if (microOfDay < 0 || microOfDay > MICROS_PER_DAY) {
            throw new ValueException("it is not between 00:00 and 24:00");
        }
        return microOfDay == MICROS_PER_DAY ? LocalTime.MAX : LocalTime.ofNanoOfDay(microOfDay * 1000);
    }

    static long microOfDay(LocalTime time) {
        return (time.toNanoOfDay() + 500) / 1000;
    }

    static LocalDateTime dateTime(long micros) {
        return LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000L) + EPOCH_SECONDS, nano(micros), ZoneOffset.UTC);
    }

    static int nano(long micros) {
        return (int) Math.floorMod(micros, 1_000_000L) * 1000;
    }

    /** The microseconds of a finite point in time. */
    static long micros(long epochSecond, int nano) {
        long micros;
        try {
            micros = Math.addExact(Math.multiplyExact(epochSecond - EPOCH_SECONDS, 1_000_000L), (nano + 500) / 1000);
        } catch (ArithmeticException e) {
            throw beyondRange();
        }
        if (micros < MIN_TIMESTAMP || micros >= END_TIMESTAMP) {
            throw beyondRange();
        }
        return micros;
    }

    private static ValueException beyondRange() {
        return new ValueException("PostgreSQL's timestamps reach from 4714 BC to the year 294276");
    }

    static void appendDate(StringBuilder text, LocalDate date) {
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        for (int limit = 1000; limit > year && limit > 1; limit /= 10) {
            text.append('0');
        }
        text.append(year);
        appendTwo(text.append('-'), date.getMonthValue());
        appendTwo(text.append('-'), date.getDayOfMonth());
    }

    static void appendTime(StringBuilder text, long microOfDay) {
        long seconds = microOfDay / 1_000_000;
        appendTwo(text, (int) (seconds / 3600));
        appendTwo(text.append(':'), (int) (seconds / 60 % 60));
        appendTwo(text.append(':'), (int) (seconds % 60));
        appendMicros(text, (int) (microOfDay % 1_000_000));
    }

    /** The fraction of a second, without trailing zeros; nothing for zero. */
    static void appendMicros(StringBuilder text, int micros) {
        if (micros == 0) {
            return;
        }
        text.append('.');
        for (int digit = 100_000; micros != 0; digit /= 10) {
            text.append((char) ('0' + micros / digit));
            micros %= digit;
        }
    }

    static void appendOffset(StringBuilder text, ZoneOffset offset) {
        int total = offset.getTotalSeconds();
        text.append(total < 0 ? '-' : '+');
        int seconds = Math.abs(total);
        appendTwo(text, seconds / 3600);
        if (seconds % 3600 != 0) {
            appendTwo(text.append(':'), seconds / 60 % 60);
        }
        if (seconds % 60 != 0) {
            appendTwo(text.append(':'), seconds % 60);
        }
    }

    /** Dates end in their era. */
    static void appendEra(StringBuilder text, LocalDate date) {
        if (date.getYear() <= 0) {
            text.append(" BC");
        }
    }

    static void appendTwo(StringBuilder text, int value) {
        if (value < 10) {
            text.append('0');
        }
        text.append(value);
    }
}
