package io.github.pgpure.convert;

import io.github.pgpure.protocol.FrontendBuffer;
import java.nio.ByteBuffer;

/**
 * A converter that also knows PostgreSQL's binary representation, which is then preferred.
 *
 * @param <T> the Java type
 */
public interface BinaryConverter<T> extends Converter<T> {

    /**
     * Makes a Java value.
     *
     * @param context what is known about the session
     * @param value PostgreSQL's binary representation, in network order, from position to limit; read-only
     */
    T fromPostgres(ConversionContext context, ByteBuffer value);

    /**
     * Writes PostgreSQL's binary representation, without its length.
     *
     * @param context what is known about the session
     * @param value the Java value
     * @param out takes the bytes
     */
    void toPostgres(ConversionContext context, T value, FrontendBuffer out);
}
