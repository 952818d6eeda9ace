package io.github.pgpure.pool;

import io.github.pgpure.Notification;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listener on one channel; its callbacks run on the thread of the {@link ChannelListener}. */
final class ChannelSubscription implements Subscription {

    private static final Logger log = LoggerFactory.getLogger(ChannelSubscription.class);

    /** Completed when the server listens for the first time, or never will. */
    final CompletableFuture<Void> started = new CompletableFuture<>();

    private final ChannelListener owner;
    private final String channel;
    private final Consumer<Notification> listener;
    private final Runnable onGap;
    private volatile boolean active;
    private volatile boolean closed;

    ChannelSubscription(ChannelListener owner, String channel, Consumer<Notification> listener, Runnable onGap) {
        this.owner = owner;
        this.channel = channel;
        this.listener = listener;
        this.onGap = onGap;
    }

    @Override
    public String channel() {
        return channel;
    }

    @Override
    public boolean active() {
        return active && !closed;
    }

    @Override
    public void close() {
        closed = true;
        owner.remove(this);
    }

    boolean hasStarted() {
        return started.isDone();
    }

    /** The server listens; when it did so before, something may have been missed. */
    void activate() {
        if (active) {
            return;
        }
        active = true;
        if (!started.complete(null) && !closed) {
            call(onGap);
        }
    }

    /** The connection is lost. */
    void deactivate() {
        active = false;
    }

    void deliver(Notification notification) {
        if (!closed) {
            call(() -> listener.accept(notification));
        }
    }

    // An application's mistake must not end the notifications of everybody else.
    private void call(Runnable callback) {
        try {
            callback.run();
        } catch (Throwable t) {
            log.error("a listener on channel '{}' failed; it goes on listening", channel, t);
        }
    }
}
