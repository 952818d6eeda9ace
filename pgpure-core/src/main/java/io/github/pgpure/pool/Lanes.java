package io.github.pgpure.pool;

import io.github.pgpure.Query;
import io.github.pgpure.Rows;
import io.github.pgpure.connection.GatheredTransaction;
import io.github.pgpure.connection.Lane;
import io.github.pgpure.connection.LaneCall;
import io.github.pgpure.transport.Deadline;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has callers who would queue for a connection share those there are, where their statements are short and only read, or are a transaction
 * that is known as a whole; thread-safe.
 *
 * <p>There are as many places as the pool may have connections. A caller takes the first on whose connection little is under way, else the next place in turn; whoever
 * finds that empty queues for a connection as everybody does, and all who come meanwhile go along. A shared connection is given back when nobody uses it, when
 * others wait who need one of their own and it has been held for a while, and when it is due to be replaced.
 */
final class Lanes {

    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    /** How long a shared connection is held while others wait for one. */
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** After so many ticks without a caller a connection is given back. */
    private static final int TICKS_PER_LOOK = 3;

    private static final int MAX_LANES = 256;

    private static final int EACH_ITS_OWN = Integer.MIN_VALUE;

    private final PoolCore core;
    private final StatementCosts costs = new StatementCosts();
    private final AtomicReferenceArray<@Nullable SharedConnection> places = new AtomicReferenceArray<>(MAX_LANES);
    private final AtomicInteger turn = new AtomicInteger();
    private final Set<SharedConnection> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger boarding = new AtomicInteger();
    private final AtomicBoolean ticking = new AtomicBoolean();
    private final LongAdder served = new LongAdder();

    /** For whoever calls {@link #tick}. */
    private int ticks;

    /** A number for each of the short periods in which a statement is measured once, where there is a connection for it. */
    private volatile int period;

    /** Places from here on have never been used. */
    private final AtomicInteger used = new AtomicInteger();

    Lanes(PoolCore core) {
        this.core = core;
    }

    /** The number of statements that were run on shared connections. */
    long served() {
        return served.sum();
    }

    /** How many callers wait for a connection that they are going to share, the first of each not counted. */
    int waiting() {
        return boarding.get();
    }

    /** Takes note of what a statement has cost that its caller had to queue for. */
    void measured(String sql, long nanos, long bytes) {
        costs.measured(sql, nanos, bytes);
    }

    /** Takes note of what a transaction has cost that its caller had to queue for. */
    void measured(GatheredTransaction transaction, long nanos) {
        if (transaction.isShort()) {
            costs.measured(transaction, nanos);
        }
    }

    /**
     * Runs a statement on a shared connection.
     *
     * @return null when it has to have a connection of its own
     */
    @Nullable
    Rows fetch(Query query, Deadline deadline) {
        LaneCall call = run(costs.get(query.sql()), lane -> lane.fetch(query, deadline), deadline);
        if (call == null) {
            return null;
        }
        served.increment();
        return call.rows();
    }

    /**
     * Runs a transaction on a shared connection.
     *
     * @return false when it has to have a connection of its own
     */
    boolean run(GatheredTransaction transaction, Deadline deadline) {
        boolean done = transaction.isShort()
                && run(costs.get(transaction.text()), lane -> lane.run(transaction, deadline), deadline) != null;
        if (done) {
            served.add(transaction.size());
        }
        return done;
    }

    private interface Work {
        LaneCall on(Lane lane);
    }

    private @Nullable LaneCall run(@Nullable StatementCost cost, Work work, Deadline deadline) {
        if (cost == null || !cost.isShareable()) {
            return null;
        }
        long waitsSince = 0;
        int size = Math.min(core.queue.max(), MAX_LANES);
        int first = placeFor(cost);
        if (first == EACH_ITS_OWN) {
            return null;
        }
        for (int attempt = 0; attempt < size + 2; attempt++) {
            int place = Math.floorMod(first + attempt, size);
            SharedConnection shared = places.get(place);
            Lane lane;
            if (shared == null || shared.isOver()) {
                PoolEntry idle = core.tryAcquireShared();
                if (idle == null && isAnyOpen() && core.queue.isFull()) {
                    continue; // waiting for a connection while others are shared would only have those given back
                }
                var fresh = new SharedConnection(core, open);
                if (!places.compareAndSet(place, shared, fresh)) {
                    if (idle != null) {
                        core.release(idle);
                    }
                    attempt--; // somebody else was faster: there is one to join now
                    continue;
                }
                shared = fresh;
                waitsSince = waitsSince != 0 ? waitsSince : System.nanoTime();
                lane = open(place, fresh, idle, deadline, waitsSince);
            } else {
                lane = shared.lane();
                if (lane == null && isAnyOpen() && attempt < size) {
                    continue;
                }
                if (lane == null) {
                    waitsSince = waitsSince != 0 ? waitsSince : System.nanoTime();
                    lane = board(shared, deadline, waitsSince);
                    if (lane == null && !Thread.currentThread().isInterrupted()) {
                        attempt--; // who was to open it has given up, and there is time left for another one
                        continue;
                    }
                }
            }
            if (lane == null) {
                if (Thread.currentThread().isInterrupted()) {
                    return null; // to be told so by the queue
                }
                continue;
            }
            if (lane.inside() >= cost.mostInLine()) {
                continue;
            }
            if (core.queue.waiting() > 0 && shared.heldNanos(System.nanoTime()) > TURN_NANOS) {
                lane.seal();
                continue;
            }
            long sentAt = waitsSince == 0 ? 0 : System.nanoTime();
            LaneCall call = work.on(lane);
            if (waitsSince != 0) {
                waitsSince += System.nanoTime() - sentAt; // that was no wait for a connection
            }
            switch (call.fate()) {
                case ANSWERED -> {
                    return call;
                }
                case REFUSED -> {}
                case UNSUITABLE -> {
                    return null;
                }
                case SLOW -> {
                    cost.wasSlow(System.nanoTime());
                    return null;
                }
            }
        }
        return null;
    }

    /**
     * Where to begin to look: at the first shared connection that has room for one more such statement, so that no more of them are shared than
     * is good; where there is none, at the next place in turn.
     *
     * @return {@link #EACH_ITS_OWN} when all of those who share could have a connection of their own now, and this caller too, and when the
     *     statement is to be measured again
     */
    private int placeFor(StatementCost cost) {
        int end = used.get();
        int found = -1;
        int callers = 1;
        int shares = 0;
        for (int i = 0; i < end; i++) {
            SharedConnection shared = places.get(i);
            Lane lane = shared == null ? null : shared.lane();
            if (lane != null && !lane.isSealed()) {
                int inside = lane.inside();
                found = found < 0 && cost.joins(inside, lane.nanosPerCall()) ? i : found;
                callers += inside;
                shares++;
            }
        }
        int idle = core.queue.idle();
        if (shares > 0 && idle > 0 && (callers <= idle + shares || cost.isDue(period))) {
            return EACH_ITS_OWN;
        }
        return found >= 0 ? found : turn.getAndIncrement();
    }

    /** Whether connections are shared now that one more caller can join: then there are more callers than connections. */
    boolean isAnyOpen() {
        if (open.isEmpty()) {
            return false;
        }
        for (SharedConnection shared : open) {
            if (!shared.isOver()) {
                return true;
            }
        }
        return false; // those that are left only bring to an end what they have
    }

    private @Nullable Lane open(
            int place, SharedConnection shared, @Nullable PoolEntry idle, Deadline deadline, long waitsSince) {
        used.accumulateAndGet(place + 1, Math::max);
        Lane lane = null;
        try {
            lane = shared.open(idle, deadline, waitsSince);
        } finally {
            if (lane == null) {
                places.compareAndSet(place, shared, null);
            }
        }
        try {
            tickLater();
        } catch (Throwable t) {
            if (lane != null) {
                lane.seal(); // without a timer nobody may wait there
            }
            throw t;
        }
        return lane;
    }

    private @Nullable Lane board(SharedConnection shared, Deadline deadline, long waitsSince) {
        boarding.incrementAndGet();
        try {
            Lane lane = shared.await(core.patience(deadline, waitsSince));
            if (lane == null && core.patience(deadline, waitsSince) <= 0) {
                core.events.waiting();
                throw core.acquireTimedOut(deadline, waitsSince);
            }
            return lane;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            boarding.decrementAndGet();
        }
    }

    /** Has those shared connections given back that nobody uses at the moment: somebody waits for one of his own. */
    void makeWay() {
        forEach(Lane::leaveIfEmpty);
    }

    /** Has all shared connections given back as soon as their callers have their answers. */
    void close() {
        forEach(Lane::seal);
    }

    private void forEach(Consumer<Lane> action) {
        int end = used.get();
        for (int i = 0; i < end; i++) {
            SharedConnection shared = places.get(i);
            Lane lane = shared == null ? null : shared.lane();
            if (lane != null) {
                action.accept(lane);
            }
        }
    }

    private void tickLater() {
        if (ticking.compareAndSet(false, true)) {
            core.keeper.after(Lane.TICK.toNanos(), this::onTimer, ticking);
        }
    }

    private void onTimer() {
        ticking.set(false);
        try {
            tick();
        } finally {
            if (!open.isEmpty()) {
                tickLater();
            }
        }
    }

    /** Looks after all that is shared. At intervals of a tick, by the timer, and when that has ended by whoever closes the pool. */
    void tick() {
        long now = System.nanoTime();
        boolean look = ++ticks % TICKS_PER_LOOK == 0;
        period = ticks / TICKS_PER_LOOK;
        for (SharedConnection shared : open) {
            try {
                shared.tick(now); // also one that nobody can join any more has calls to bring to their end
                if (look) {
                    shared.look(now);
                }
            } catch (RuntimeException | Error e) {
                LOG.error("pool '{}': a shared connection could not be looked after", core.options.name(), e);
            }
        }
        for (int i = 0; i < used.get(); i++) {
            SharedConnection shared = places.get(i);
            if (shared != null && shared.isOver()) {
                places.compareAndSet(i, shared, null); // whose connection must not be kept from being collected
            }
        }
    }
}
