package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.time.LocalTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** timetz: OffsetTime, 24:00 as {@code LocalTime.MAX} at the offset. */
final class TimetzCodec extends ScalarCodec<OffsetTime> {

    TimetzCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, OffsetTime.class, "OffsetTime");
    }

    @Override
    OffsetTime readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, 12);
        LocalTime time = Times.time(Bytes.getLong(bytes, offset));
        // PostgreSQL counts to the west.
        int west = Bytes.getInt(bytes, offset + 8);
        return OffsetTime.of(time, ZoneOffset.ofTotalSeconds(Math.negateExact(west)));
    }

    @Override
    OffsetTime readText(ConversionContext context, String text) {
        DateTimeScanner scanner = new DateTimeScanner(text);
        LocalTime time = scanner.time();
        ZoneOffset offset = scanner.offset();
        scanner.end();
        return OffsetTime.of(time, offset);
    }

    @Override
    void writeBinary(ConversionContext context, OffsetTime value, FrontendBuffer out) {
        out.writeLong(Times.microOfDay(value.toLocalTime()));
        out.writeInt(-value.getOffset().getTotalSeconds());
    }

    @Override
    String writeText(ConversionContext context, OffsetTime value) {
        StringBuilder text = new StringBuilder(24);
        Times.appendTime(text, Times.microOfDay(value.toLocalTime()));
        Times.appendOffset(text, value.getOffset());
        return text.toString();
    }

    @Override
    @Nullable
    OffsetTime accept(ConversionContext context, Object value) {
        if (value instanceof OffsetTime given) {
            return given;
        }
        return value instanceof String text ? readText(context, text) : null;
    }
}
