package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Converts between a composite type of PostgreSQL and a Java record; immutable and thread-safe.
 *
 * <pre>{@code
 * record Address(String street, String postalCode, List<Mood> moods) {}
 * pool.addConverter(CompositeConverter.of(TypeName.of("address"), Address.class));
 * }</pre>
 *
 * <p>Components belong to the attributes of the same name, {@code postal_code} to {@code postalCode}. Components may be of every Java
 * type that the attribute's type converts to, other such records, {@code List} and {@code Optional} among them. An attribute
 * without a component is not read, and an error when a value is sent. See
 * <a href="https://www.postgresql.org/docs/current/rowtypes.html">Composite Types</a>.
 *
 * @param <T> the Java record
 */
public final class CompositeConverter<T> implements Converter<T> {

    private final TypeName type;
    private final Class<T> javaType;

    private CompositeConverter(TypeName type, Class<T> javaType) {
        this.type = Objects.requireNonNull(type, "type");
        this.javaType = Objects.requireNonNull(javaType, "javaType");
    }

    /** A converter to this record. */
    public static <T extends Record> CompositeConverter<T> of(TypeName type, Class<T> javaType) {
        return new CompositeConverter<>(type, javaType);
    }

    @Override
    public TypeName type() {
        return type;
    }

    @Override
    public Class<T> javaType() {
        return javaType;
    }

    @Override
    public T fromPostgres(ConversionContext context, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return codec(context).decode(context, Format.TEXT, text, 0, text.length, javaType);
    }

    @Override
    public String toPostgres(ConversionContext context, T value) {
        return codec(context).encodeText(context, value);
    }

    private CompositeCodec codec(ConversionContext context) {
        if (context.types().find(type) instanceof CompositeCodec codec) {
            return codec;
        }
        throw new IllegalStateException(type + " is no composite type");
    }
}
