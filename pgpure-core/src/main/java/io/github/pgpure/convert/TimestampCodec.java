package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/** timestamp: LocalDateTime, infinity as {@code LocalDateTime.MAX} and {@code MIN}. */
final class TimestampCodec extends ScalarCodec<LocalDateTime> {

    private static final String NO_ZONE = "a timestamp has no time zone: use LocalDateTime, or timestamptz in SQL";

    TimestampCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, LocalDateTime.class, "LocalDateTime");
    }

    @Override
    LocalDateTime readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, 8);
        long micros = Bytes.getLong(bytes, offset);
        if (micros == Times.INFINITY) {
            return LocalDateTime.MAX;
        } else if (micros == Times.MINUS_INFINITY) {
            return LocalDateTime.MIN;
        }
        return Times.dateTime(micros);
    }

    @Override
    LocalDateTime readText(ConversionContext context, String text) {
        if (text.equals("infinity")) {
            return LocalDateTime.MAX;
        } else if (text.equals("-infinity")) {
            return LocalDateTime.MIN;
        }
        DateTimeScanner scanner = new DateTimeScanner(text);
        LocalDate date = scanner.date();
        scanner.separator();
        long micros = scanner.microOfDay();
        scanner.end();
        return date.atStartOfDay().plusNanos(micros * 1000);
    }

    @Override
    void writeBinary(ConversionContext context, LocalDateTime value, FrontendBuffer out) {
        if (value.equals(LocalDateTime.MAX)) {
            out.writeLong(Times.INFINITY);
        } else if (value.equals(LocalDateTime.MIN)) {
            out.writeLong(Times.MINUS_INFINITY);
        } else {
            out.writeLong(Times.micros(value.toEpochSecond(ZoneOffset.UTC), value.getNano()));
        }
    }

    @Override
    String writeText(ConversionContext context, LocalDateTime value) {
        if (value.equals(LocalDateTime.MAX)) {
            return "infinity";
        } else if (value.equals(LocalDateTime.MIN)) {
            return "-infinity";
        }
        long micros = Times.micros(value.toEpochSecond(ZoneOffset.UTC), value.getNano());
        LocalDateTime rounded = Times.dateTime(micros);
        StringBuilder text = new StringBuilder(29);
        Times.appendDate(text, rounded.toLocalDate());
        Times.appendTime(text.append(' '), Times.microOfDay(rounded.toLocalTime()));
        Times.appendEra(text, rounded.toLocalDate());
        return text.toString();
    }

    @Override
    @Nullable
    LocalDateTime accept(ConversionContext context, Object value) {
        if (value instanceof LocalDateTime given) {
            return given;
        } else if (value instanceof String text) {
            return readText(context, text);
        } else if (value instanceof OffsetDateTime || value instanceof ZonedDateTime || value instanceof Instant) {
            throw new ValueException(NO_ZONE);
        }
        return null;
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, LocalDateTime value, Class<?> type) {
        if (type == OffsetDateTime.class || type == ZonedDateTime.class || type == Instant.class) {
            throw new ValueException(NO_ZONE);
        }
        return null;
    }
}
