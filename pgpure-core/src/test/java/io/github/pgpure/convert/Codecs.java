package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HexFormat;

/** Runs the codecs of a registry on bytes given in hex digits, for tests. */
final class Codecs {

    final TypeRegistry registry = new TypeRegistry();

    ConversionContext context() {
        return new ConversionContext(registry.snapshot(), ZoneId.of("Europe/Berlin"));
    }

    ValueCodec codec(int oid) {
        ValueCodec codec = registry.snapshot().valueCodec(oid);
        if (codec == null) {
            throw new AssertionError("no codec for " + oid);
        }
        return codec;
    }

    String encode(int oid, Object value) {
        FrontendBuffer out = new FrontendBuffer();
        out.writeInt(42);
        codec(oid).encode(context(), value, out);
        return HexFormat.of().formatHex(Arrays.copyOfRange(out.array(), 4, out.position()));
    }

    String encodeAsText(int oid, Object value) {
        return codec(oid).encodeText(context(), value);
    }

    Object decode(int oid, String hex) {
        byte[] bytes = padded(HexFormat.of().parseHex(hex));
        return codec(oid).decode(context(), Format.BINARY, bytes, 3, bytes.length - 6);
    }

    <T> T decode(int oid, String hex, Class<T> type) {
        byte[] bytes = padded(HexFormat.of().parseHex(hex));
        return codec(oid).decode(context(), Format.BINARY, bytes, 3, bytes.length - 6, type);
    }

    Object decodeText(int oid, String text) {
        byte[] bytes = padded(text.getBytes(StandardCharsets.UTF_8));
        return codec(oid).decode(context(), Format.TEXT, bytes, 3, bytes.length - 6);
    }

    <T> T decodeText(int oid, String text, Class<T> type) {
        byte[] bytes = padded(text.getBytes(StandardCharsets.UTF_8));
        return codec(oid).decode(context(), Format.TEXT, bytes, 3, bytes.length - 6, type);
    }

    /** A value is a slice of a larger array: what lies around it must not be read. */
    static byte[] padded(byte[] bytes) {
        byte[] padded = new byte[bytes.length + 6];
        Arrays.fill(padded, (byte) 0x7B);
        System.arraycopy(bytes, 0, padded, 3, bytes.length);
        return padded;
    }
}
