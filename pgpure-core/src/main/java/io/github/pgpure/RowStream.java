package io.github.pgpure;

import java.util.Iterator;
import java.util.stream.Stream;

/**
 * The rows of one statement, read from the server as they are asked for, in bounded memory.
 *
 * <p>It can be iterated once, by one thread at a time. It holds its connection until {@link #close()}, which is cheap
 * also when rows are left. A {@link Row} stays valid after the stream has moved on.
 */
public interface RowStream extends Iterable<Row>, AutoCloseable {

    /**
     * The rows that are left; each call returns the same iterator.
     *
     * @throws IllegalStateException when the stream is closed
     */
    @Override
    Iterator<Row> iterator();

    /** The rows that are left, as a sequential stream; closing it closes this. */
    Stream<Row> stream();

    /** Gives up the rows that are left and frees the connection; a second call does nothing. */
    @Override
    void close();
}
