package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;

/** A domain: its base type's codec, under the domain's own OID. */
final class DomainCodec extends ValueCodec {

    private final ValueCodec base;

    DomainCodec(int oid, String typeName, ValueCodec base) {
        super(oid, typeName, base.format());
        this.base = base;
    }

    @Override
    public Class<?> defaultJavaType() {
        return base.defaultJavaType();
    }

    @Override
    String javaTypes() {
        return base.javaTypes();
    }

    @Override
    public Object decode(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return base.decode(context, format, bytes, offset, length);
    }

    @Override
    public <T> T decode(ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<T> type) {
        return base.decode(context, format, bytes, offset, length, type);
    }

    @Override
    public int decodeInt(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return base.decodeInt(context, format, bytes, offset, length);
    }

    @Override
    public long decodeLong(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return base.decodeLong(context, format, bytes, offset, length);
    }

    @Override
    public double decodeDouble(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return base.decodeDouble(context, format, bytes, offset, length);
    }

    @Override
    public float decodeFloat(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return base.decodeFloat(context, format, bytes, offset, length);
    }

    @Override
    public boolean decodeBoolean(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return base.decodeBoolean(context, format, bytes, offset, length);
    }

    @Override
    String decodeToText(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return base.decodeToText(context, format, bytes, offset, length);
    }

    @Override
    void encodeBinary(ConversionContext context, Object value, FrontendBuffer out) {
        base.encodeBinary(context, value, out);
    }

    @Override
    String encodeText(ConversionContext context, Object value) {
        return base.encodeText(context, value);
    }

    @Override
    boolean takesWhole(Object listOrArray) {
        return base.takesWhole(listOrArray);
    }
}
