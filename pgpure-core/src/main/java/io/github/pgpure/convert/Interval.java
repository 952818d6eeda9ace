package io.github.pgpure.convert;

import java.time.Duration;
import java.time.Period;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value of PostgreSQL's type interval, which keeps months, days and microseconds apart, since months differ in days and days in
 * hours; immutable.
 *
 * <p>Equality is of the three numbers: a day is not 24 hours here, unlike in the server's {@code =}. See
 * <a href="https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-INTERVAL-INPUT">Interval Input</a>.
 *
 * @param months the months, 12 to a year
 * @param days the days
 * @param microseconds the rest
 */
public record Interval(int months, int days, long microseconds) {

    /** No time at all. */
    public static final Interval ZERO = new Interval(0, 0, 0);

    /** {@code infinity}, which servers know since PostgreSQL 17. */
    public static final Interval INFINITY = new Interval(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE);

    /** {@code -infinity}, which servers know since PostgreSQL 17. */
    public static final Interval MINUS_INFINITY = new Interval(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE);

    /**
     * An interval of years, months and days.
     *
     * @throws ArithmeticException when it has more months than an int can hold
     */
    public static Interval of(Period period) {
        return new Interval(Math.toIntExact(period.toTotalMonths()), period.getDays(), 0);
    }

    /**
     * An interval without months and days, rounded to microseconds.
     *
     * @throws ArithmeticException when it is longer than some 292,000 years
     */
    public static Interval of(Duration duration) {
        long micros = Math.multiplyExact(duration.getSeconds(), 1_000_000L);
        return new Interval(0, 0, Math.addExact(micros, (duration.getNano() + 500) / 1000));
    }

    /**
     * Reads PostgreSQL's text, of any {@code IntervalStyle}: {@code postgres}, {@code postgres_verbose}, {@code sql_standard} or
     * {@code iso_8601}. In {@code sql_standard} a sign before the days is also that of a time without one.
     *
     * @throws IllegalArgumentException when it is of none
     */
    public static Interval parse(String text) {
        Objects.requireNonNull(text, "text");
        return IntervalText.parse(text);
    }

    /**
     * The interval as Period.
     *
     * @throws ArithmeticException when it has microseconds
     */
    public Period toPeriod() {
        if (microseconds != 0) {
            throw new ArithmeticException("the interval has microseconds, which a Period has not");
        }
        return Period.of(months / 12, months % 12, days);
    }

    /**
     * The interval as Duration.
     *
     * @throws ArithmeticException when it has months or days, whose lengths vary
     */
    public Duration toDuration() {
        if (months != 0 || days != 0) {
            throw new ArithmeticException("the interval has months or days, whose lengths vary");
        }
        return Duration.ofSeconds(
                Math.floorDiv(microseconds, 1_000_000L), Math.floorMod(microseconds, 1_000_000L) * 1000L);
    }

    /** PostgreSQL's text, of the style {@code postgres}. */
    @Override
    public String toString() {
        return IntervalText.format(this);
    }

    static @Nullable Interval infinite(String text) {
        if (text.equals("infinity")) {
            return INFINITY;
        }
        return text.equals("-infinity") ? MINUS_INFINITY : null;
    }
}
