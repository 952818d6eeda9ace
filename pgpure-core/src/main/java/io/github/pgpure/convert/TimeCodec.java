package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.time.LocalTime;
import org.jspecify.annotations.Nullable;

/** time: LocalTime, 24:00 as {@code LocalTime.MAX}. */
final class TimeCodec extends ScalarCodec<LocalTime> {

    TimeCodec(int oid, String typeName) {
        super(oid, typeName, Format.BINARY, LocalTime.class, "LocalTime");
    }

    @Override
    LocalTime readBinary(ConversionContext context, byte[] bytes, int offset, int length) {
        Bytes.expectLength(length, 8);
        return Times.time(Bytes.getLong(bytes, offset));
    }

    @Override
    LocalTime readText(ConversionContext context, String text) {
        DateTimeScanner scanner = new DateTimeScanner(text);
        LocalTime time = scanner.time();
        scanner.end();
        return time;
    }

    @Override
    void writeBinary(ConversionContext context, LocalTime value, FrontendBuffer out) {
        out.writeLong(Times.microOfDay(value));
    }

    @Override
    String writeText(ConversionContext context, LocalTime value) {
        StringBuilder text = new StringBuilder(15);
        Times.appendTime(text, Times.microOfDay(value));
        return text.toString();
    }

    @Override
    @Nullable
    LocalTime accept(ConversionContext context, Object value) {
        if (value instanceof LocalTime given) {
            return given;
        }
        return value instanceof String text ? readText(context, text) : null;
    }
}
