package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** date: LocalDate, infinity as {@code LocalDate.MAX} and {@code MIN}. */
final class DateCodec extends ScalarCodec<LocalDate> {

    private static final long MIN_DAY = LocalDate.of(-4713, 11, 24).toEpochDay();
    private static final long MAX_DAY = LocalDate.of(5_874_897, 12, 31).toEpochDay();

    DateCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, LocalDate.class, "LocalDate");
    }

    @Override
    LocalDate readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, 4);
        int days = Bytes.getInt(bytes, offset);
        if (days == Integer.MAX_VALUE) {
            return LocalDate.MAX;
        } else if (days == Integer.MIN_VALUE) {
            return LocalDate.MIN;
        }
        return LocalDate.ofEpochDay((long) days + Times.EPOCH_DAYS);
    }

    @Override
    LocalDate readText(ConversionContext context, String text) {
        if (text.equals("infinity")) {
            return LocalDate.MAX;
        } else if (text.equals("-infinity")) {
            return LocalDate.MIN;
        }
        DateTimeScanner scanner = new DateTimeScanner(text);
        LocalDate date = scanner.date();
        scanner.end();
        return date;
    }

    @Override
    void writeBinary(ConversionContext context, LocalDate value, FrontendBuffer out) {
        if (value.equals(LocalDate.MAX)) {
            out.writeInt(Integer.MAX_VALUE);
        } else if (value.equals(LocalDate.MIN)) {
            out.writeInt(Integer.MIN_VALUE);
        } else {
            out.writeInt((int) (value.toEpochDay() - Times.EPOCH_DAYS));
        }
    }

    @Override
    String writeText(ConversionContext context, LocalDate value) {
        if (value.equals(LocalDate.MAX)) {
            return "infinity";
        } else if (value.equals(LocalDate.MIN)) {
            return "-infinity";
        }
        StringBuilder text = new StringBuilder(13);
        Times.appendDate(text, value);
        Times.appendEra(text, value);
        return text.toString();
    }

    @Override
    @Nullable
    LocalDate accept(ConversionContext context, Object value) {
        LocalDate date;
        if (value instanceof LocalDate given) {
            date = given;
        } else if (value instanceof String text) {
            date = readText(context, text);
        } else {
            return null;
        }
        long day = date.toEpochDay();
        if ((day < MIN_DAY || day > MAX_DAY) && !date.equals(LocalDate.MAX) && !date.equals(LocalDate.MIN)) {
            throw new ValueException("PostgreSQL's dates reach from 4714 BC to the year 5874897");
        }
        return date;
    }
}
