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

/**
 * timestamptz: OffsetDateTime in UTC; Instant; ZonedDateTime in the session's time zone. Infinity is {@code MAX} and {@code MIN}
 * of OffsetDateTime and of Instant.
 */
final class TimestamptzCodec extends ScalarCodec<OffsetDateTime> {

    private static final String NO_LOCAL =
            "a timestamptz is a point in time: use OffsetDateTime, Instant or ZonedDateTime, or say AT TIME ZONE in SQL";

    TimestamptzCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, OffsetDateTime.class, "OffsetDateTime, Instant, ZonedDateTime");
    }

    @Override
    public <T> T decode(ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<T> type) {
        // Instant is asked for often, so it does not go through OffsetDateTime.
        if (type == Instant.class && format == Format.BINARY && length == 8) {
            long micros = Bytes.getLong(bytes, offset);
            if (micros != Times.INFINITY && micros != Times.MINUS_INFINITY) {
                return type.cast(Instant.ofEpochSecond(
                        Math.floorDiv(micros, 1_000_000L) + Times.EPOCH_SECONDS, Times.nano(micros)));
            }
        }
        return super.decode(context, format, bytes, offset, length, type);
    }

    @Override
    OffsetDateTime readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, 8);
        long micros = Bytes.getLong(bytes, offset);
        if (micros == Times.INFINITY) {
            return OffsetDateTime.MAX;
        } else if (micros == Times.MINUS_INFINITY) {
            return OffsetDateTime.MIN;
        }
        return OffsetDateTime.of(Times.dateTime(micros), ZoneOffset.UTC);
    }

    @Override
    OffsetDateTime readText(ConversionContext context, String text) {
        if (text.equals("infinity")) {
            return OffsetDateTime.MAX;
        } else if (text.equals("-infinity")) {
            return OffsetDateTime.MIN;
        }
        DateTimeScanner scanner = new DateTimeScanner(text);
        LocalDate date = scanner.date();
        scanner.separator();
        long micros = scanner.microOfDay();
        ZoneOffset offset = scanner.offset();
        scanner.end();
        LocalDateTime local = date.atStartOfDay().plusNanos(micros * 1000);
        return OffsetDateTime.of(local, offset).withOffsetSameInstant(ZoneOffset.UTC);
    }

    @Override
    void writeBinary(ConversionContext context, OffsetDateTime value, FrontendBuffer out) {
        if (value.equals(OffsetDateTime.MAX)) {
            out.writeLong(Times.INFINITY);
        } else if (value.equals(OffsetDateTime.MIN)) {
            out.writeLong(Times.MINUS_INFINITY);
        } else {
            out.writeLong(Times.micros(value.toEpochSecond(), value.getNano()));
        }
    }

    @Override
    String writeText(ConversionContext context, OffsetDateTime value) {
        if (value.equals(OffsetDateTime.MAX)) {
            return "infinity";
        } else if (value.equals(OffsetDateTime.MIN)) {
            return "-infinity";
        }
        Instant instant = Times.dateTime(Times.micros(value.toEpochSecond(), value.getNano()))
                .toInstant(ZoneOffset.UTC);
        ZoneOffset offset = context.serverTimeZone().getRules().getOffset(instant);
        LocalDateTime local = LocalDateTime.ofInstant(instant, offset);
        StringBuilder text = new StringBuilder(35);
        Times.appendDate(text, local.toLocalDate());
        Times.appendTime(text.append(' '), Times.microOfDay(local.toLocalTime()));
        Times.appendOffset(text, offset);
        Times.appendEra(text, local.toLocalDate());
        return text.toString();
    }

    @Override
    @Nullable
    OffsetDateTime accept(ConversionContext context, Object value) {
        if (value instanceof OffsetDateTime given) {
            return given;
        } else if (value instanceof Instant instant) {
            if (instant.equals(Instant.MAX)) {
                return OffsetDateTime.MAX;
            }
            return instant.equals(Instant.MIN) ? OffsetDateTime.MIN : instant.atOffset(ZoneOffset.UTC);
        } else if (value instanceof ZonedDateTime zoned) {
            return zoned.toOffsetDateTime();
        } else if (value instanceof String text) {
            return readText(context, text);
        } else if (value instanceof LocalDateTime) {
            throw new ValueException(NO_LOCAL);
        }
        return null;
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, OffsetDateTime value, Class<?> type) {
        if (type == Instant.class) {
            if (value.equals(OffsetDateTime.MAX)) {
                return Instant.MAX;
            }
            return value.equals(OffsetDateTime.MIN) ? Instant.MIN : value.toInstant();
        } else if (type == ZonedDateTime.class) {
            boolean infinite = value.equals(OffsetDateTime.MAX) || value.equals(OffsetDateTime.MIN);
            return infinite ? value.toZonedDateTime() : value.atZoneSameInstant(context.serverTimeZone());
        } else if (type == LocalDateTime.class || type == LocalDate.class) {
            throw new ValueException(NO_LOCAL);
        }
        return null;
    }
}
