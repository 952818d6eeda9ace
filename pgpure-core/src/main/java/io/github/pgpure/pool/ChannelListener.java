package io.github.pgpure.pool;

import io.github.pgpure.Notification;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.Session;
import io.github.pgpure.transport.Deadline;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the notifications for all subscriptions of a pool, on one connection and one thread of its own; thread-safe. Both exist
 * only while there are subscriptions. A lost connection is made again, with growing pauses.
 */
final class ChannelListener {

    private static final Logger log = LoggerFactory.getLogger(ChannelListener.class);

    /** Identifiers are cut to this many bytes by the server, so a longer name would never match. */
    private static final int LONGEST_CHANNEL = 63;

    private static final Duration PING_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration DEFAULT_PING_INTERVAL = Duration.ofSeconds(30);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    // A wrong password does not get right by itself, and too many of them may lock the account.
    private static final long TERMINAL_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long THREAD_ENDS_MILLIS = 2_000;

    private final PgPoolOptions options;
    private final Supplier<Session> connect;
    private final ThreadFactory threads;
    private final Duration pingInterval;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final Map<String, List<ChannelSubscription>> subscriptions = new HashMap<>();
    private @Nullable Thread thread;
    private boolean closed;

    /** The present session, for waking it up. */
    private volatile @Nullable Session session;

    private volatile @Nullable Throwable lastFailure;

    /**
     * @param connect opens a session; interruptible
     */
    ChannelListener(PgPoolOptions options, Supplier<Session> connect) {
        this(options, connect, Thread::new);
    }

    /** @param threads makes the thread that receives */
    ChannelListener(PgPoolOptions options, Supplier<Session> connect, ThreadFactory threads) {
        this.threads = threads;
        this.options = options;
        this.connect = connect;
        this.pingInterval = options.keepaliveInterval().isZero() ? DEFAULT_PING_INTERVAL : options.keepaliveInterval();
    }

    /** Subscribes, and waits until the server listens; called from a callback it does not wait. */
    Subscription listen(String channel, Consumer<Notification> listener, Runnable onGap) {
        int length = channel.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > LONGEST_CHANNEL || channel.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a channel's name has 1 to " + LONGEST_CHANNEL + " bytes, not " + length
                    + ", none of them 0: " + channel);
        }
        var subscription = new ChannelSubscription(this, channel, listener, onGap);
        boolean wait;
        lock.lock();
        try {
            if (closed) {
                throw closedError();
            }
            subscriptions.computeIfAbsent(channel, name -> new ArrayList<>()).add(subscription);
            wait = Thread.currentThread() != thread;
            if (thread == null) {
                thread = started();
            }
        } catch (Throwable t) { // no memory, or no thread
            forget(subscription);
            throw t;
        } finally {
            lock.unlock();
        }
        wakeUp();
        if (wait) {
            awaitStarted(subscription);
        }
        return subscription;
    }

    private Thread started() {
        Thread starting = threads.newThread(this::run);
        starting.setName(options.name() + "-listener");
        starting.setDaemon(true);
        starting.start();
        return starting;
    }

    private void awaitStarted(ChannelSubscription subscription) {
        try {
            subscription.started.get(PoolCore.nanos(options.acquireTimeout()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            remove(subscription);
            throw failed(subscription, "failed", e.getCause());
        } catch (TimeoutException e) {
            remove(subscription);
            throw failed(subscription, "was not confirmed within " + options.acquireTimeout(), lastFailure);
        } catch (InterruptedException e) {
            remove(subscription);
            Thread.currentThread().interrupt();
            throw QueryCancelledException.requested(
                    "interrupted while waiting for LISTEN on channel '" + subscription.channel() + "'",
                    Outcome.UNKNOWN);
        }
    }

    private static PgException failed(ChannelSubscription subscription, String how, @Nullable Throwable cause) {
        return new PgConnectionException(
                "LISTEN on channel '" + subscription.channel() + "' " + how
                        + (cause == null ? "" : ": " + cause.getMessage()),
                Outcome.NOT_SENT,
                cause);
    }

    void remove(ChannelSubscription subscription) {
        lock.lock();
        try {
            forget(subscription);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        wakeUp();
    }

    /** Under the lock. */
    private void forget(ChannelSubscription subscription) {
        List<ChannelSubscription> list = subscriptions.get(subscription.channel());
        if (list != null && list.remove(subscription) && list.isEmpty()) {
            subscriptions.remove(subscription.channel());
        }
    }

    /** Ends all subscriptions, and waits a moment for the thread unless called by it. */
    void close() {
        List<ChannelSubscription> waiting;
        Thread running;
        lock.lock();
        try {
            closed = true;
            waiting = all();
            subscriptions.clear();
            running = thread;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        waiting.forEach(subscription -> {
            subscription.deactivate();
            subscription.started.completeExceptionally(closedError());
        });
        if (running == null || running == Thread.currentThread()) {
            return;
        }
        running.interrupt(); // it may be connecting
        wakeUp();
        try {
            running.join(THREAD_ENDS_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Session left = session;
        if (left != null) { // a callback does not return
            left.abort("the pool was closed");
        }
    }

    private void run() {
        try {
            receiveWhileSubscribed();
        } finally {
            ended();
        }
    }

    /** Also where its thread has died of something: whoever subscribes next has another one started. */
    private void ended() {
        lock.lock();
        try {
            if (thread == Thread.currentThread()) {
                thread = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void receiveWhileSubscribed() {
        int failures = 0;
        while (hasWork()) {
            try (Receiver receiver = new Receiver(connect.get())) {
                while (receiver.followSubscriptions()) {
                    failures = 0;
                    lastFailure = null;
                    receiver.receive();
                }
            } catch (Throwable t) {
                failures++;
                if (!connectionFailed(t, failures)) {
                    return;
                }
            }
        }
    }

    /** False when the thread is to end: there is nothing to listen to. */
    private boolean hasWork() {
        forgetInterrupt();
        lock.lock();
        try {
            if (subscriptions.isEmpty()) {
                thread = null;
                return false;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Pauses; false when the pool was closed meanwhile. */
    private boolean connectionFailed(Throwable failure, int failures) {
        lastFailure = failure;
        List<ChannelSubscription> fresh = new ArrayList<>();
        boolean terminal = ConnectFailures.isTerminal(failure);
        long fullPause = terminal
                ? TERMINAL_PAUSE_NANOS
                : Math.min(FIRST_PAUSE_NANOS << Math.min(failures - 1, 10), LONGEST_PAUSE_NANOS);
        long pause = (long) (fullPause * ThreadLocalRandom.current().nextDouble(0.5, 1));
        lock.lock();
        try {
            if (closed) {
                thread = null;
                return false;
            }
            for (ChannelSubscription subscription : all()) {
                subscription.deactivate();
                if (terminal && !subscription.hasStarted()) {
                    fresh.add(subscription);
                }
            }
        } finally {
            lock.unlock();
        }
        fresh.forEach(subscription -> {
            remove(subscription);
            subscription.started.completeExceptionally(failure);
        });
        try {
            logFailure(failure, failures);
        } catch (Throwable t) {
            SafeLog.suppress(t, failure);
        }
        pause(pause);
        return true;
    }

    private void logFailure(Throwable failure, int failures) {
        if (failures == 1) {
            log.warn(
                    "pool '{}' lost the connection that listens for notifications, and makes it again: {}",
                    options.name(),
                    failure.toString());
        } else {
            log.debug("pool '{}' cannot listen for notifications yet", options.name(), failure);
        }
    }

    private void pause(long nanos) {
        forgetInterrupt();
        lock.lock();
        try {
            long left = nanos;
            while (left > 0 && !subscriptions.isEmpty()) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            log.trace("interrupted: the pool is being closed", e);
        } finally {
            lock.unlock();
        }
    }

    private void dispatch(Notification notification) {
        List<ChannelSubscription> receivers;
        lock.lock();
        try {
            receivers = List.copyOf(subscriptions.getOrDefault(notification.channel(), List.of()));
        } finally {
            lock.unlock();
        }
        receivers.forEach(subscription -> {
            subscription.deliver(notification);
            forgetInterrupt();
        });
    }

    private List<ChannelSubscription> all() {
        return subscriptions.values().stream().flatMap(List::stream).toList();
    }

    private void wakeUp() {
        Session present = session;
        if (present != null) {
            present.wakeup();
        }
    }

    private PgConnectionException closedError() {
        return new PgConnectionException(
                "the pool '" + options.name() + "' is closed: open another one", Outcome.NOT_SENT, null);
    }

    /** One connection, for the listener's thread. */
    private final class Receiver implements AutoCloseable {

        private final Session own;
        private final PgConnection connection;
        private final Set<String> listening = new HashSet<>();
        private boolean received = true;

        Receiver(Session own) {
            this.own = own;
            this.connection = own.connection(closed -> {});
            session = own;
        }

        /** Listens to what is subscribed to, and to nothing else; false when there is nothing to listen to. */
        boolean followSubscriptions() {
            forgetInterrupt();
            Map<String, List<ChannelSubscription>> wanted = new HashMap<>();
            lock.lock();
            try {
                subscriptions.forEach((channel, list) -> wanted.put(channel, List.copyOf(list)));
            } finally {
                lock.unlock();
            }
            for (String channel : Set.copyOf(listening)) {
                if (!wanted.containsKey(channel)) {
                    connection.execute("UNLISTEN " + quote(channel));
                    listening.remove(channel);
                }
            }
            wanted.forEach((channel, list) -> {
                if (listening.contains(channel) || listenTo(channel, list)) {
                    list.forEach(subscription -> {
                        subscription.activate();
                        forgetInterrupt(); // which would end what comes next
                    });
                }
            });
            return !wanted.isEmpty();
        }

        private boolean listenTo(String channel, List<ChannelSubscription> list) {
            try {
                connection.execute("LISTEN " + quote(channel));
                return listening.add(channel);
            } catch (PgServerException e) {
                boolean allNew = list.stream().noneMatch(ChannelSubscription::hasStarted);
                if (own.isDead() || !allNew) {
                    throw e;
                }
                list.forEach(subscription -> {
                    remove(subscription);
                    subscription.started.completeExceptionally(e);
                });
                return false;
            }
        }

        /** Waits for notifications, or for a change of the subscriptions. */
        void receive() {
            if (!received && !own.ping(PING_TIMEOUT)) {
                throw new PgConnectionException(
                        "the server at " + own.host() + " did not answer within " + PING_TIMEOUT,
                        Outcome.NOT_SENT,
                        null);
            }
            received = false;
            Deadline deadline = Deadline.in(pingInterval);
            own.awaitNotifications(deadline, this::received);
            // Woken up rather than timed out: no reason to ask for a sign of life.
            received |= !deadline.hasPassed();
        }

        private void received(Notification notification) {
            received = true;
            dispatch(notification);
        }

        @Override
        public void close() {
            session = null;
            own.close();
        }
    }

    /**
     * A callback may have left the flag set, and every wait would end at once for ever. What is asked afterwards is whether there is
     * anything left to listen to, which is how the thread learns that the pool was closed.
     */
    private static void forgetInterrupt() {
        if (Thread.interrupted()) {
            log.trace("the interrupt flag was set");
        }
    }

    private static String quote(String channel) {
        return '"' + channel.replace("\"", "\"\"") + '"';
    }
}
