package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/**
 * Work that is done with a connection, a transaction or a pipeline and gives a result.
 *
 * <p>A checked exception reaches the caller wrapped in an {@link java.lang.reflect.UndeclaredThrowableException}.
 *
 * @param <T> what the work is done with
 * @param <R> the result
 */
@FunctionalInterface
public interface PgFunction<T, R extends @Nullable Object> {

    /**
     * @param resource what to work with; not to be used after the call returns
     * @return the result
     * @throws Exception any failure of the work
     */
    R apply(T resource) throws Exception;
}
