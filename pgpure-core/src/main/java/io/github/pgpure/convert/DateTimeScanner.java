package io.github.pgpure.convert;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;

/** Reads dates and times as PostgreSQL writes them with {@code DateStyle} ISO, and as ISO 8601 has them; for one text. */
final class DateTimeScanner {

    private static final String BEFORE_CHRIST = " BC";

    private final String text;
    private final int end;
    private final boolean beforeChrist;
    private int at;

    DateTimeScanner(String text) {
        this.text = text;
        this.beforeChrist = text.endsWith(BEFORE_CHRIST);
        this.end = beforeChrist ? text.length() - BEFORE_CHRIST.length() : text.length();
    }

    LocalDate date() {
        int year = digits(4, 7);
        if (beforeChrist) {
            // There was no year 0: ISO's year 0 is 1 BC.
            year = 1 - year;
        }
        expect('-');
        int month = digits(2, 2);
        expect('-');
        return LocalDate.of(year, month, digits(2, 2));
    }

    /** What stands between date and time. */
    void separator() {
        if (!take(' ')) {
            expect('T');
        }
    }

    /** The microseconds since midnight, up to 24:00 inclusive. */
    long microOfDay() {
        long hours = digits(2, 2);
        expect(':');
        long minutes = digits(2, 2);
        long seconds = 0;
        long nanos = 0;
        if (take(':')) {
            seconds = digits(2, 2);
            if (take('.')) {
                int start = at;
                nanos = digits(1, 9);
                for (int i = at - start; i < 9; i++) {
                    nanos *= 10;
                }
            }
        }
        if (minutes > 59 || seconds > 59) {
            throw malformed();
        }
        long micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + (nanos + 500) / 1000;
        if (micros > Times.MICROS_PER_DAY) {
            throw malformed();
        }
        return micros;
    }

    LocalTime time() {
        return Times.time(microOfDay());
    }

    ZoneOffset offset() {
        if (take('Z')) {
            return ZoneOffset.UTC;
        }
        boolean west = take('-');
        if (!west) {
            expect('+');
        }
        int hours = digits(2, 2);
        int minutes = take(':') ? digits(2, 2) : 0;
        int seconds = take(':') ? digits(2, 2) : 0;
        int total = (hours * 60 + minutes) * 60 + seconds;
        return ZoneOffset.ofTotalSeconds(west ? -total : total);
    }

    void end() {
        if (at != end) {
            throw malformed();
        }
    }

    private int digits(int min, int max) {
        int start = at;
        int value = 0;
        while (at < end && at - start < max && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            value = value * 10 + (text.charAt(at++) - '0');
        }
        if (at - start < min) {
            throw malformed();
        }
        return value;
    }

    private boolean take(char c) {
        if (at < end && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!take(c)) {
            throw malformed();
        }
    }

    private static ValueException malformed() {
        return new ValueException("the text is not a date or time of the form that DateStyle ISO has");
    }
}
