package io.github.pgpure.convert;

import org.jspecify.annotations.Nullable;

/**
 * Maps the JSON of {@code json} and {@code jsonb} values to objects and back.
 *
 * <p>Where Jackson 3 is on the class path its default mapper is used unless the application gives another mapping, such as a {@link
 * JacksonJsonMapping} with its own mapper. Implementations must be thread-safe. What they throw reaches the caller as a
 * {@link io.github.pgpure.ConversionException} with the exception's class, since its message may quote the value. See
 * <a href="https://www.postgresql.org/docs/current/datatype-json.html">JSON Types</a>.
 */
public interface JsonMapping {

    /**
     * The JSON as this class.
     *
     * @return null for JSON's null, where the class has no instance for it
     */
    @Nullable
    Object read(String json, Class<?> type);

    /** The object as JSON. */
    String write(Object value);
}
