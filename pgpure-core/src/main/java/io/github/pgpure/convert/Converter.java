package io.github.pgpure.convert;

/**
 * Converts values of one PostgreSQL type to and from one Java type, through PostgreSQL's text representation.
 *
 * <p>Neither method ever sees NULL. Instances are shared by all connections, so they must be thread-safe; they may be
 * called at any time after a row has arrived. An exception they throw reaches the caller as the cause of a {@link
 * io.github.pgpure.ConversionException}.
 *
 * @param <T> the Java type
 * @see BinaryConverter
 */
public interface Converter<T> {

    /** The PostgreSQL type. */
    TypeName type();

    /** The Java type. */
    Class<T> javaType();

    /**
     * Makes a Java value.
     *
     * @param context what is known about the session
     * @param value PostgreSQL's text representation
     */
    T fromPostgres(ConversionContext context, String value);

    /**
     * Makes PostgreSQL's text representation.
     *
     * @param context what is known about the session
     * @param value the Java value
     */
    String toPostgres(ConversionContext context, T value);

    /**
     * The converter of an enum or record that says its type by {@link PgType}.
     *
     * @return an {@link EnumConverter} or a {@link CompositeConverter}
     * @throws IllegalArgumentException when the class is neither an enum nor a record, or is not annotated
     */
    static Converter<?> forAnnotated(Class<?> type) {
        return AnnotatedTypes.converter(type);
    }
}
