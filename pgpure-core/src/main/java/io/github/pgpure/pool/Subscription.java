package io.github.pgpure.pool;

/** A subscription to the notifications of one channel; thread-safe. */
public interface Subscription extends AutoCloseable {

    /** The channel. */
    String channel();

    /** Whether notifications are being received now; false while the connection is being made again. */
    boolean active();

    /** Ends the subscription; a second call does nothing. */
    @Override
    void close();
}
