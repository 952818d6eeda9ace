package io.github.pgpure.pool;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.connection.Session;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.VirtualThreads;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a connection through the pool: opened, checked out, taken back, closed; thread-safe. {@link PgPool} is what applications
 * see of it.
 */
final class PoolCore {

    private static final Logger log = LoggerFactory.getLogger(PoolCore.class);
    private static final Duration ROLLBACK_TIMEOUT = Duration.ofSeconds(5);
    private static final double LIFETIME_JITTER = 0.1;

    final PgConnectOptions connectOptions;
    final PgPoolOptions options;
    final TypeRegistry types;
    final ConverterFactories converterFactories;
    final Hosts hosts;
    final ConnectionQueue<PoolEntry> queue;
    final Keeper keeper;

    final PoolListener events;

    /** Null where callers are not to share connections. */
    final @Nullable Lanes lanes;

    private final Opener opener;
    private final Housekeeping housekeeping;
    private final WaitWatch waitWatch;
    private final Map<Session, PoolEntry> bySession = new ConcurrentHashMap<>();
    private final AtomicInteger generation = new AtomicInteger();
    private final long acquireTimeoutNanos;
    private final boolean traceCheckouts;

    private final LongAdder acquireNanos = new LongAdder();
    private final LongAdder acquireTimeouts = new LongAdder();

    private final AcquireFailures failures;
    private final PoolClosing closing;

    PoolCore(PgConnectOptions connectOptions, PgPoolOptions options, PoolListener events) {
        this(connectOptions, options, events, new TypeRegistry());
    }

    private PoolCore(PgConnectOptions connectOptions, PgPoolOptions options, PoolListener events, TypeRegistry types) {
        this(connectOptions, options, events, types, new ConverterFactories(types));
    }

    private PoolCore(
            PgConnectOptions connectOptions,
            PgPoolOptions options,
            PoolListener events,
            TypeRegistry types,
            ConverterFactories converterFactories) {
        this.connectOptions = connectOptions;
        this.types = types;
        this.converterFactories = converterFactories;
        this.hosts = new Hosts(connectOptions, types);
        this.options = options;
        this.events = events;
        this.acquireTimeoutNanos = nanos(options.acquireTimeout());
        this.traceCheckouts = !options.leakDetectionThreshold().isZero();
        this.queue = new ConnectionQueue<>(options.maxConnections(), options.minIdle());
        this.failures = new AcquireFailures(options, queue);
        this.keeper = new Keeper(options.name());
        this.opener = new Opener(options.name(), queue, keeper, this::connect, this);
        this.housekeeping = new Housekeeping(this);
        this.waitWatch = new WaitWatch(queue, keeper);
        this.closing = new PoolClosing(this, waitWatch, failures);
        boolean keepsStatements = connectOptions.statementCacheSize() > 0 && !connectOptions.transactionPooling();
        this.lanes = options.sharedLanes() && keepsStatements ? new Lanes(this) : null;
    }

    /** Opens the first connection on the calling thread, unless that is not wanted, and has the others opened in the background. */
    void start() {
        if (options.failFast()) {
            try {
                opener.openFirst();
            } catch (Throwable t) {
                close();
                throw t;
            }
        }
        housekeeping.start();
        opener.check(false);
    }

    /** One for read-only transactions, on other hosts; it shares the types and converters. Not started. */
    PoolCore forReads() {
        return new PoolCore(
                connectOptions.toBuilder()
                        .targetSessionAttrs(TargetSessionAttrs.PREFER_STANDBY)
                        .build(),
                options.toBuilder().name(options.name() + "-reads").build(),
                events,
                types,
                converterFactories);
    }

    private NewSession connect() {
        NewSession opened = hosts.open(generation.get());
        try {
            converterFactories.ask(opened.session());
        } catch (Throwable t) {
            opened.session().close();
            throw t;
        }
        return opened;
    }

    /** Makes a connection of a session, to be {@linkplain #add added} next. */
    PoolEntry entry(NewSession opened, long now) {
        var entry = new PoolEntry(this, opened, now, jittered(nanos(options.maxLifetime())));
        entry.session.watchWaits(waitWatch);
        bySession.put(entry.session, entry);
        return entry;
    }

    /** Adds a connection for which there is room in the queue. */
    void add(PoolEntry entry, long now) {
        if (!queue.opened(entry, now)) {
            forget(entry.session);
        }
    }

    /** Closes a session that the queue does not have. */
    void forget(Session session) {
        bySession.remove(session);
        session.close();
    }

    /** Connections that were opened together must not all leave together. */
    static long jittered(long lifetimeNanos) {
        return (long) (lifetimeNanos * (1 - ThreadLocalRandom.current().nextDouble() * LIFETIME_JITTER));
    }

    /**
     * Takes a connection for the calling thread.
     *
     * @param deadline the operation's own; the acquire timeout applies as well
     */
    PoolEntry acquire(Deadline deadline) {
        long now = System.nanoTime();
        PoolEntry entry = acquireShared(deadline, now, now);
        try {
            entry.session.crowded(queue.waiting() > 0);
            housekeeping.checkedOut();
            if (traceCheckouts) {
                entry.traceCheckout();
            }
        } catch (Throwable t) {
            giveBack(entry, t);
            throw t;
        }
        return entry;
    }

    /** The nanoseconds for which a caller who began to wait at {@code start} may still wait for a connection. */
    long patience(Deadline deadline, long start) {
        return Math.min(acquireTimeoutNanos - (System.nanoTime() - start), deadline.remainingNanos());
    }

    /**
     * Takes a connection as {@link #acquire} does, but one that is held for as long as callers share it, however long that is.
     *
     * @param start when this caller began to wait, also where it was for a connection that others had
     * @param now the present {@link System#nanoTime()}
     */
    PoolEntry acquireShared(Deadline deadline, long start, long now) {
        PoolEntry entry = queue.poll(now);
        if (entry == null || !isAccepted(entry, now, 0)) {
            entry = acquireSlowly(entry, deadline, start);
        }
        if (queue.wantsMore()) {
            try {
                opener.check(true);
            } catch (Throwable t) {
                giveBack(entry, t);
                throw t;
            }
        }
        return entry;
    }

    /** Whether a connection that the calling thread has just been given can be used; what fails here costs nobody the connection. */
    private boolean isAccepted(PoolEntry entry, long now, long waitedNanos) {
        try {
            if (!entry.isAlive(now)) {
                return false;
            }
            entry.accepted();
            events.acquired(entry.session.backendPid(), waitedNanos);
            return true;
        } catch (Throwable t) {
            giveBack(entry, t);
            throw t;
        }
    }

    /** Takes back a connection that its taker will not get to see, because of a failure. */
    private void giveBack(PoolEntry entry, Throwable failure) {
        try {
            release(entry);
        } catch (Throwable t) {
            SafeLog.suppress(t, failure);
        }
    }

    /** The same without waiting; null when none is idle. */
    @Nullable
    PoolEntry tryAcquireShared() {
        long now = System.nanoTime();
        PoolEntry entry = queue.poll(now);
        if (entry == null) {
            return null;
        }
        if (!isAccepted(entry, now, 0)) {
            queue.refuse(entry);
            discard(entry, CloseReason.LOST);
            return null;
        }
        return entry;
    }

    private PoolEntry acquireSlowly(@Nullable PoolEntry dead, Deadline deadline, long start) {
        long until = System.nanoTime() + Math.max(0, patience(deadline, start));
        PoolEntry found = dead;
        boolean served = false;
        events.waiting();
        while (true) {
            if (found != null) {
                queue.refuse(found);
                discard(found, CloseReason.LOST);
            }
            Waiter<PoolEntry> waiter = queue.enter(served, System.nanoTime());
            if (!waiter.isDone()) {
                haveOneComeFree(waiter);
            }
            switch (queue.await(waiter, until, VirtualThreads.isCurrent() ? waitWatch : null)) {
                case SERVED -> {
                    served = true;
                    found = Objects.requireNonNull(waiter.slot());
                    long now = System.nanoTime();
                    found.heldAtNanos = now;
                    if (isAccepted(found, now, now - start)) {
                        acquireNanos.add(now - start);
                        return found;
                    }
                }
                case FAILED -> throw reported(failures.failed(Objects.requireNonNull(waiter.failure())));
                case INTERRUPTED -> throw reported(failures.interrupted(start));
                case TIMED_OUT -> throw acquireTimedOut(deadline, start);
            }
        }
    }

    /** What a caller gets who has waited in vain since {@code start}. */
    PgException acquireTimedOut(Deadline deadline, long start) {
        acquireTimeouts.increment();
        return reported(failures.timedOut(deadline, start, opener.lastFailure()));
    }

    private void haveOneComeFree(Waiter<PoolEntry> waiter) {
        try {
            opener.check(true);
            if (lanes != null) {
                lanes.makeWay();
            }
        } catch (Throwable t) {
            leave(waiter, t);
            throw t;
        }
    }

    /** Ends a wait because of a failure; whoever was served meanwhile gives back what he was given. */
    private void leave(Waiter<PoolEntry> waiter, Throwable failure) {
        if (queue.leave(waiter)) {
            return;
        }
        if (waiter.takeCall()) {
            queue.claim(waiter, System.nanoTime());
        }
        PoolEntry given = waiter.slot();
        if (given != null) {
            giveBack(given, failure);
        }
    }

    private PgException reported(PgException failure) {
        events.acquireFailed(failure);
        return failure;
    }

    /** Takes back a connection, whatever has become of it. */
    void release(Session session) {
        PoolEntry entry = bySession.get(session);
        if (entry == null) { // the pool was closed meanwhile, and gave it up
            session.close();
            return;
        }
        release(entry);
    }

    void release(PoolEntry entry) {
        Session session = entry.session;
        long now = System.nanoTime();
        long usedNanos = now - entry.acquiredAtNanos();
        int backendPid = session.backendPid();
        if (session.isDead()) {
            discard(entry, CloseReason.LOST);
        } else if (session.isDraining()) {
            if (queue.setAside(entry, now)) {
                session.whenDrained(() -> settle(entry));
                housekeeping.drains(entry);
            }
        } else if (session.transactionStatus() != TransactionStatus.IDLE) {
            boolean aside = queue.setAside(entry, now);
            try {
                warnOfOpenTransaction(entry);
            } finally {
                if (aside) {
                    settle(entry);
                }
            }
        } else if (session.takeRefusedAsReadOnly() && hosts.wantWrites()) {
            if (queue.setAside(entry, now)) {
                if (session.reportsRole()) {
                    askWhetherItMayStay(entry);
                } else if (!runAside(entry, () -> askWhetherItMayStay(entry))) {
                    discardUnfinished(entry, CloseReason.LOST);
                }
            }
        } else if (converterFactories.areDue()) {
            if (queue.setAside(entry, now) && !runAside(entry, () -> askConverterFactories(entry))) {
                settle(entry);
            }
        } else {
            CloseReason reason = unfit(entry, now);
            if (reason != null) {
                discard(entry, reason);
            } else if (entry.isResetWanted()) {
                if (queue.setAside(entry, now)) {
                    backToIdle(entry);
                }
            } else {
                entry.used(now);
                if (!queue.release(entry, now)) {
                    discard(entry, CloseReason.POOL_CLOSED);
                }
            }
        }
        events.released(backendPid, usedNanos);
    }

    /** Makes a connection that is aside available again, or closes it. Does not block. */
    private void settle(PoolEntry entry) {
        Session session = entry.session;
        if (session.isDead()) {
            discard(entry, CloseReason.LOST);
        } else if (isClosed()) {
            discard(entry, CloseReason.POOL_CLOSED);
        } else if (session.isDraining()) {
            session.whenDrained(() -> settle(entry)); // asking a converter's maker has left it so
        } else if (session.transactionStatus() != TransactionStatus.IDLE) {
            if (!runAside(entry, () -> rollBack(entry))) {
                discardUnfinished(entry, CloseReason.ROLLBACK_FAILED);
            }
        } else {
            backToIdle(entry);
        }
    }

    /** Makes a connection that is aside and in order available again, after a reset where one is due, unless it has had its time. */
    void backToIdle(PoolEntry entry) {
        long now = System.nanoTime();
        CloseReason reason = unfit(entry, now);
        if (reason != null) {
            discard(entry, reason);
        } else if (entry.isResetWanted()) {
            if (!runAside(entry, () -> reset(entry))) {
                discardUnfinished(entry, CloseReason.RESET_FAILED);
            }
        } else if (!queue.offer(entry, now)) {
            discard(entry, CloseReason.POOL_CLOSED);
        }
    }

    /**
     * Has a worker do what blocks with a connection that is aside, which is closed where that fails.
     *
     * @return false when there is no worker, and the connection is aside as it was
     */
    boolean runAside(PoolEntry entry, Runnable work) {
        return keeper.run(() -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                discard(entry, CloseReason.LOST);
                throw e;
            }
        });
    }

    /** Closes a connection that is aside and cannot be used again without what no worker was there for. */
    private void discardUnfinished(PoolEntry entry, CloseReason reason) {
        discard(entry, isClosed() ? CloseReason.POOL_CLOSED : reason);
    }

    private void askConverterFactories(PoolEntry entry) {
        converterFactories.ask(entry.session);
        settle(entry);
    }

    /**
     * A write was refused as read-only: by a transaction that was begun read-only, which is all right, or by a server that takes no
     * writes any more.
     */
    void askWhetherItMayStay(PoolEntry entry) {
        boolean mayStay;
        try {
            mayStay = !hosts.areWatched() || hosts.mayStay(entry.session);
        } catch (PgException e) {
            log.debug("backend {} could not be asked what its server is", entry.session.backendPid(), e);
            discard(entry, CloseReason.LOST);
            return;
        }
        if (mayStay) {
            backToIdle(entry);
        } else {
            if (entry.retireHost()) {
                log.warn(
                        "pool '{}': {} is not what target_session_attrs={} asks for any more; its connections are replaced",
                        options.name(),
                        entry.host,
                        connectOptions.targetSessionAttrs().keyword());
                closeRetired();
            }
            discard(entry, CloseReason.HOST_RETIRED);
        }
    }

    /** Closes the idle ones among the connections that are to be replaced since their host is; the others are when they are returned. */
    void closeRetired() {
        for (PoolEntry entry : queue.idleMembers()) {
            if (entry.isRetired() && queue.takeIdle(entry)) {
                discard(entry, CloseReason.HOST_RETIRED);
            }
        }
    }

    private void reset(PoolEntry entry) {
        if (entry.session.reset(ROLLBACK_TIMEOUT)) {
            entry.hasBeenReset();
            entry.answered(System.nanoTime());
            backToIdle(entry);
        } else {
            discard(entry, CloseReason.RESET_FAILED);
        }
    }

    private void rollBack(PoolEntry entry) {
        if (entry.session.rollback(ROLLBACK_TIMEOUT)) {
            entry.answered(System.nanoTime());
            backToIdle(entry);
        } else {
            discard(entry, CloseReason.ROLLBACK_FAILED);
        }
    }

    /** Closes a connection that is checked out by the calling thread or aside, and has it replaced where that is wanted. */
    void discard(PoolEntry entry, CloseReason reason) {
        entry.session.close();
        bySession.remove(entry.session);
        try {
            if (queue.remove(entry, System.nanoTime())) {
                log.debug(
                        "pool '{}' closed the connection to backend {}: {}",
                        options.name(),
                        entry.session.backendPid(),
                        reason);
                events.closed(entry.session.backendPid(), reason);
                if (reason == CloseReason.LOST || reason == CloseReason.PING_FAILED) {
                    housekeeping.suspectAll();
                }
            }
        } finally {
            opener.check(false);
        }
    }

    /** Why a connection that is in order must not be used again, null when it may. */
    @Nullable
    CloseReason unfit(PoolEntry entry, long now) {
        if (entry.generation != generation.get()) {
            return CloseReason.EVICTED;
        }
        if (entry.isRetired() || hosts.isOutdone(entry.host)) {
            return CloseReason.HOST_RETIRED;
        }
        if (queue.isOversized()) {
            return CloseReason.RESIZED;
        }
        return entry.hasExpired(now) ? CloseReason.LIFETIME : null;
    }

    void resize(int maxConnections, int minIdle) {
        queue.resize(maxConnections, minIdle);
        List<PoolEntry> idle = queue.idleMembers();
        // Those unused for longest come last, and go first.
        for (int i = idle.size() - 1; i >= 0 && queue.isOversized(); i--) {
            if (queue.takeIdle(idle.get(i))) {
                discard(idle.get(i), CloseReason.RESIZED);
            }
        }
        opener.check(false);
    }

    /** Has missing connections opened; what happens anyway after every change that makes one missing. */
    void topUp() {
        opener.check(false);
    }

    void resume() {
        queue.resume(System.nanoTime());
        opener.check(false);
    }

    /** Has all connections that are open now replaced: the idle ones at once, the others when they are returned. */
    void softEvict() {
        generation.incrementAndGet();
        for (PoolEntry entry : queue.idleMembers()) {
            if (queue.takeIdle(entry)) {
                discard(entry, CloseReason.EVICTED);
            }
        }
    }

    /** All its connections, in no order. */
    Stream<ConnectionUse> connections(long now) {
        Map<PoolEntry, Holding<PoolEntry>> held = new IdentityHashMap<>();
        queue.holdings(now).forEach(holding -> held.put(holding.slot(), holding));
        return queue.members().stream().map(entry -> ConnectionUse.of(entry, held.get(entry), now));
    }

    /** Cancels an operation on a connection that is checked out, if it runs; false when it does not. */
    boolean cancel(int backendPid, long operation) {
        return queue.holdings(System.nanoTime()).stream()
                .map(holding -> holding.slot().session)
                .anyMatch(session -> session.backendPid() == backendPid && session.cancelIfRunning(operation));
    }

    boolean isClosed() {
        return closing.hasBegun();
    }

    /** Closes the pool; whoever calls this while it goes on waits for its end. */
    void close() {
        closing.run();
    }

    PoolStats stats() {
        QueueCounts counts = queue.counts();
        return new PoolStats(
                queue.max(),
                queue.minIdle(),
                counts.total(),
                counts.idle(),
                counts.active(),
                counts.opening(),
                waiting(counts.waiting()),
                counts.acquired(),
                acquireTimeouts.sum(),
                acquireNanos.sum(),
                counts.usageNanos(),
                counts.released(),
                opener.openedCount(),
                opener.openNanos(),
                opener.failedCount(),
                counts.removed(),
                lanes == null ? 0 : lanes.served());
    }

    /** How many callers wait for a connection, of their own or to be shared. */
    int waiting() {
        return waiting(queue.waiting());
    }

    private int waiting(int inQueue) {
        return lanes == null ? inQueue : inQueue + lanes.waiting();
    }

    /** The pool and its state in words. */
    String describe() {
        return PoolReport.state(options.name(), queue);
    }

    private void warnOfOpenTransaction(PoolEntry entry) {
        log.warn(
                "pool '{}': thread '{}' returned the connection to backend {} in an open transaction, which is now rolled back."
                        + " Commit or roll back before close(), or use inTransaction. Last statement: {}",
                options.name(),
                PoolReport.name(Thread.currentThread()),
                entry.session.backendPid(),
                PoolReport.shorten(entry.session.lastSql()));
    }

    static long nanos(Duration duration) {
        // Some 146 years are as good as for ever, and keep the arithmetic on nanoTime from overflowing.
        return duration.compareTo(Duration.ofNanos(Long.MAX_VALUE / 2)) > 0 ? Long.MAX_VALUE / 2 : duration.toNanos();
    }
}
