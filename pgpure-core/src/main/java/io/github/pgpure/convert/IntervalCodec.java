package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.time.Duration;
import java.time.Period;
import org.jspecify.annotations.Nullable;

/** interval: {@link Interval}, and Period and Duration where they fit. */
final class IntervalCodec extends ScalarCodec<Interval> {

    IntervalCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, Interval.class, "Interval, Period, Duration");
    }

    @Override
    Interval readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, 16);
        return new Interval(
                Bytes.getInt(bytes, offset + 12), Bytes.getInt(bytes, offset + 8), Bytes.getLong(bytes, offset));
    }

    @Override
    Interval readText(ConversionContext context, String text) {
        try {
            return IntervalText.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ValueException(String.valueOf(e.getMessage()));
        }
    }

    @Override
    void writeBinary(ConversionContext context, Interval value, FrontendBuffer out) {
        out.writeLong(value.microseconds());
        out.writeInt(value.days());
        out.writeInt(value.months());
    }

    @Override
    String writeText(ConversionContext context, Interval value) {
        return value.toString();
    }

    @Override
    @Nullable
    Interval accept(ConversionContext context, Object value) {
        try {
            if (value instanceof Interval given) {
                return given;
            } else if (value instanceof Duration duration) {
                return Interval.of(duration);
            } else if (value instanceof Period period) {
                return Interval.of(period);
            }
        } catch (ArithmeticException e) {
            throw new ValueException("it is longer than an interval can be");
        }
        return value instanceof String text ? readText(context, text) : null;
    }

    @Override
    @Nullable
    Object convert(ConversionContext context, Interval value, Class<?> type) {
        try {
            if (type == Duration.class) {
                return value.toDuration();
            } else if (type == Period.class) {
                return value.toPeriod();
            }
        } catch (ArithmeticException e) {
            throw new ValueException(e.getMessage() + ": use Interval");
        }
        return null;
    }
}
