package io.github.pgpure.convert;

import io.github.pgpure.protocol.FrontendBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Converts between an enum type of PostgreSQL and one of Java; immutable and thread-safe.
 *
 * <pre>{@code
 * pool.addConverter(EnumConverter.of(TypeName.of("mood"), Mood.class));
 * }</pre>
 *
 * <p>Constants are written as their names in lower case, but as their exact names where the type has such labels. Labels are read as the constant of exactly that name, else of that name in
 * upper case, else of the only name that differs in case alone. See
 * <a href="https://www.postgresql.org/docs/current/datatype-enum.html">Enumerated Types</a>.
 *
 * @param <E> the Java enum
 */
public final class EnumConverter<E extends Enum<E>> implements BinaryConverter<E> {

    private final TypeName type;
    private final Class<E> javaType;
    private final Function<? super E, String> labels;
    private final @Nullable Map<String, E> constants;

    private EnumConverter(
            TypeName type, Class<E> javaType, Function<? super E, String> labels, @Nullable Map<String, E> constants) {
        this.type = Objects.requireNonNull(type, "type");
        this.javaType = Objects.requireNonNull(javaType, "javaType");
        this.labels = Objects.requireNonNull(labels, "labels");
        this.constants = constants;
    }

    /** A converter whose labels are the names, in lower case or as they are. */
    public static <E extends Enum<E>> EnumConverter<E> of(TypeName type, Class<E> javaType) {
        return new EnumConverter<>(type, javaType, constant -> constant.name().toLowerCase(Locale.ROOT), null);
    }

    /**
     * A converter for labels that are not the names.
     *
     * @param labels gives each constant's label
     * @throws IllegalArgumentException when two constants have one label
     */
    public static <E extends Enum<E>> EnumConverter<E> of(
            TypeName type, Class<E> javaType, Function<? super E, String> labels) {
        Map<String, E> constants = new HashMap<>();
        for (E constant : javaType.getEnumConstants()) {
            String label = labels.apply(constant);
            if (constants.putIfAbsent(label, constant) != null) {
                throw new IllegalArgumentException(
                        javaType.getName() + " has two constants with the label '" + label + "'");
            }
        }
        return new EnumConverter<>(type, javaType, labels, constants);
    }

    @Override
    public TypeName type() {
        return type;
    }

    @Override
    public Class<E> javaType() {
        return javaType;
    }

    @Override
    public E fromPostgres(ConversionContext context, String value) {
        if (constants == null) {
            return javaType.cast(EnumNames.constant(javaType, value));
        }
        E constant = constants.get(value);
        if (constant == null) {
            throw new ValueException("no constant has this label; there are labels for " + constants.values());
        }
        return constant;
    }

    @Override
    public String toPostgres(ConversionContext context, E value) {
        return labels.apply(value);
    }

    @Override
    public E fromPostgres(ConversionContext context, ByteBuffer value) {
        return fromPostgres(context, StandardCharsets.UTF_8.decode(value).toString());
    }

    @Override
    public void toPostgres(ConversionContext context, E value, FrontendBuffer out) {
        out.writeString(toPostgres(context, value));
    }

    /** This converter for a type with these labels. */
    EnumConverter<E> forLabels(EnumCodec codec) {
        return constants == null ? new EnumConverter<>(type, javaType, codec::label, null) : this;
    }
}
