package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes and encodes the values of one PostgreSQL type, as one session's types resolve it.
 *
 * <p>This is what the floors above work with; applications write a {@link Converter}. Immutable and thread-safe. No method
 * sees NULL. Failures of any kind leave as exceptions that do not show the value; the caller adds the column's name.
 */
public abstract class Codec {

    private final int oid;
    private final String typeName;

    /**
     * @param oid the type's OID
     * @param typeName its name, for messages
     */
    protected Codec(int oid, String typeName) {
        this.oid = oid;
        this.typeName = typeName;
    }

    /** The type's OID. */
    public final int oid() {
        return oid;
    }

    /** The type's name, for messages. */
    public final String typeName() {
        return typeName;
    }

    /** The format in which results are asked for and parameters are sent. {@link #decode} understands both formats. */
    public abstract Format format();

    /** The Java type of {@link #decode(ConversionContext, Format, byte[], int, int)}. */
    public abstract Class<?> defaultJavaType();

    /** Makes the default Java value of these bytes. */
    public abstract Object decode(ConversionContext context, Format format, byte[] bytes, int offset, int length);

    /**
     * Makes a value of this Java type of these bytes.
     *
     * @throws io.github.pgpure.ConversionException when this PostgreSQL type does not convert to that Java type, or the value does
     *     not fit
     */
    public abstract <T> T decode(
            ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<T> type);

    /**
     * The elements of an array, or of what can be read as one, as objects of a class.
     *
     * <p>No array of that class is made where it can be avoided: a native image has only those that it was told of.
     */
    @SuppressWarnings("unchecked")
    public <E> List<@Nullable E> decodeElements(
            ConversionContext context, Format format, byte[] bytes, int offset, int length, Class<E> element) {
        return Collections.unmodifiableList(
                Arrays.asList((E[]) decode(context, format, bytes, offset, length, element.arrayType())));
    }

    /** As {@link #decode} to {@code Integer}, without boxing where the type allows. */
    public int decodeInt(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return decode(context, format, bytes, offset, length, Integer.class);
    }

    /** As {@link #decode} to {@code Long}, without boxing where the type allows. */
    public long decodeLong(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return decode(context, format, bytes, offset, length, Long.class);
    }

    /** As {@link #decode} to {@code Double}, without boxing where the type allows. */
    public double decodeDouble(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return decode(context, format, bytes, offset, length, Double.class);
    }

    /** As {@link #decode} to {@code Float}, without boxing where the type allows. */
    public float decodeFloat(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return decode(context, format, bytes, offset, length, Float.class);
    }

    /** As {@link #decode} to {@code Boolean}, without boxing where the type allows. */
    public boolean decodeBoolean(ConversionContext context, Format format, byte[] bytes, int offset, int length) {
        return decode(context, format, bytes, offset, length, Boolean.class);
    }

    /**
     * Writes a value in {@link #format()}, without its length.
     *
     * @throws io.github.pgpure.ConversionException when the value's Java type or the value itself does not fit; what was written is
     *     then to be discarded
     */
    public abstract void encode(ConversionContext context, Object value, FrontendBuffer out);
}
