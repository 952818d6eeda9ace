package io.github.pgpure;

/**
 * Work that is done with a connection or a transaction and gives no result.
 *
 * <p>A checked exception reaches the caller wrapped in an {@link java.lang.reflect.UndeclaredThrowableException}.
 *
 * @param <T> what the work is done with
 */
@FunctionalInterface
public interface PgConsumer<T> {

    /**
     * @param resource what to work with; not to be used after the call returns
     * @throws Exception any failure of the work
     */
    void accept(T resource) throws Exception;
}
