package io.github.pgpure.pool;

import io.github.pgpure.connection.Session;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the connections at regular intervals, on the timer's thread: closes those that are lost, too old or idle for too long,
 * has the others pinged, and reports those that are held for too long. A connection is taken aside for as long as it is looked at.
 */
final class Housekeeping {

    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration PING_TIMEOUT = Duration.ofSeconds(5);
    private static final long LONG_PING_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** The same for a ping that is sent since something seems to be wrong. */
    private static final long LONG_DOUBTED_PING_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long LONG_DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long SHORTEST_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int LOOKS_PER_LIMIT = 10;

    /** A wave of losses is one reason, not many. */
    private static final long SUSPECT_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long CHECK_HOSTS_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final PoolCore pool;
    private long hostsCheckedAtNanos = System.nanoTime();
    private final AtomicLong suspectedAtNanos = new AtomicLong(System.nanoTime() - SUSPECT_EVERY_NANOS);
    private final AtomicBoolean suspectLater = new AtomicBoolean();

    /** By the address that connections lead to. */
    private final Map<SocketAddress, LinkCheck> linkChecks = new ConcurrentHashMap<>();

    /** Not where there is a pooler that shares its server connections: its answer says nothing about those. */
    private final boolean checkLinks;

    private final SlowStatements slowStatements;

    /** For the timer's thread. */
    private long doubtedAtNanos = System.nanoTime() - SUSPECT_EVERY_NANOS;

    private final long idleTimeoutNanos;
    private final long keepaliveNanos;
    private final long leakThresholdNanos;

    Housekeeping(PoolCore pool) {
        this.pool = pool;
        this.checkLinks = !pool.connectOptions.transactionPooling();
        this.slowStatements = new SlowStatements(pool.queue, pool.keeper, this::doubt);
        this.idleTimeoutNanos = PoolCore.nanos(pool.options.idleTimeout());
        this.keepaliveNanos = PoolCore.nanos(pool.options.keepaliveInterval());
        this.leakThresholdNanos = PoolCore.nanos(pool.options.leakDetectionThreshold());
    }

    void start() {
        long[] limits = {
            idleTimeoutNanos, keepaliveNanos, leakThresholdNanos, PoolCore.nanos(pool.options.maxLifetime())
        };
        long shortestLimit = Long.MAX_VALUE;
        for (long nanos : limits) {
            shortestLimit = nanos > 0 ? Math.min(shortestLimit, nanos) : shortestLimit;
        }
        long period = Math.max(SHORTEST_PERIOD_NANOS, Math.min(LONGEST_PERIOD_NANOS, shortestLimit / LOOKS_PER_LIMIT));
        pool.keeper.every(period, () -> look(false));
    }

    /**
     * Has all idle connections pinged, at once and side by side: one was lost, and where a link has died without a word each of the
     * others would else cost somebody a deadline. Cheap; any thread.
     */
    void suspectAll() {
        long now = System.nanoTime();
        long last = suspectedAtNanos.get();
        long pause = last + SUSPECT_EVERY_NANOS - now;
        if (pause <= 0) {
            if (suspectedAtNanos.compareAndSet(last, now)) {
                pool.keeper.after(0, this::checkAll);
            }
        } else if (suspectLater.compareAndSet(false, true)) {
            pool.keeper.after(pause, this::suspectNow, suspectLater);
        }
    }

    private void suspectNow() {
        suspectLater.set(false);
        suspectAll();
    }

    /** A connection was checked out, by one caller. Cheap. */
    void checkedOut() {
        if (checkLinks) {
            slowStatements.begin();
        }
    }

    /** A statement takes long: asks the connection that has been idle longest, so that a dead link is known before the first deadline. */
    private void doubt() {
        long now = System.nanoTime();
        List<PoolEntry> idle = pool.queue.idleMembers();
        if (!idle.isEmpty() && now - doubtedAtNanos >= SUSPECT_EVERY_NANOS) {
            doubtedAtNanos = now;
            PoolEntry entry = idle.get(idle.size() - 1);
            if (pool.queue.takeIdle(entry)) {
                lookAtSafely(entry, false, true, LONG_DOUBTED_PING_NANOS);
            }
        }
    }

    /** A connection came back with a cancelled statement that has not ended: where it does not soon, all links may be dead. */
    void drains(PoolEntry entry) {
        if (checkLinks) {
            linkCheck(entry.session.address()).beginIfOthersDied();
        }
        pool.keeper.after(LONG_DRAIN_NANOS, () -> {
            if (entry.session.isDraining()) {
                suspectAll();
            }
        });
    }

    private void checkAll() {
        look(true);
        if (checkLinks) {
            Set<SocketAddress> addresses = pool.queue.members().stream()
                    .map(entry -> entry.session.address())
                    .collect(Collectors.toSet());
            linkChecks.keySet().retainAll(addresses); // a name may get new ones every day
            addresses.forEach(address -> linkCheck(address).begin());
        }
    }

    private LinkCheck linkCheck(SocketAddress address) {
        return linkChecks.computeIfAbsent(address, its -> new LinkCheck(pool, its));
    }

    private void look(boolean pingAll) {
        List<PoolEntry> idle = pool.queue.idleMembers();
        int spare = idle.size() - pool.queue.minIdle();
        // The ones used last come first: putting each back at the end keeps their order.
        for (int i = 0; i < idle.size(); i++) {
            PoolEntry entry = idle.get(i);
            if (pool.queue.takeIdle(entry)) {
                // Those at the end have been idle longest.
                lookAtSafely(entry, idle.size() - i <= spare, pingAll, pingAll ? 0 : LONG_PING_NANOS);
            }
        }
        pool.topUp();
        recheckHosts();
        if (leakThresholdNanos > 0) {
            reportLeaks();
        }
    }

    /** Where the connections are only the second-best choice, looks for the best one from time to time. */
    private void recheckHosts() {
        long now = System.nanoTime();
        if (pool.hosts.needRecheck() && now - hostsCheckedAtNanos >= CHECK_HOSTS_EVERY_NANOS) {
            hostsCheckedAtNanos = now;
            pool.keeper.run(() -> {
                pool.hosts.recheck();
                pool.closeRetired();
            });
        }
    }

    /** Whatever goes wrong, an entry that was taken aside does not stay there, and the others are looked at. */
    private void lookAtSafely(PoolEntry entry, boolean spare, boolean pingIt, long longPingNanos) {
        try {
            lookAt(entry, spare, pingIt, longPingNanos);
        } catch (RuntimeException | Error e) {
            pool.discard(entry, CloseReason.LOST);
            log.error(
                    "pool '{}': the connection to backend {} could not be looked after and is closed",
                    pool.options.name(),
                    entry.session.backendPid(),
                    e);
        }
    }

    /** @param longPingNanos after which time without an answer to suspect the others; 0 where they are being asked already */
    private void lookAt(PoolEntry entry, boolean spare, boolean pingIt, long longPingNanos) {
        long now = System.nanoTime();
        CloseReason unfit = pool.unfit(entry, now);
        if (unfit != null) {
            pool.discard(entry, unfit);
        } else if (spare && idleTimeoutNanos > 0 && now - entry.lastUsedAtNanos >= idleTimeoutNanos) {
            pool.discard(entry, CloseReason.IDLE);
        } else if (!entry.session.checkAlive()) {
            pool.discard(entry, CloseReason.LOST);
        } else if (pingIt || isDueForPing(entry, now)) {
            Ping ping = entry.pings();
            if (longPingNanos > 0) {
                pool.keeper.after(longPingNanos, () -> suspectOthers(ping));
            }
            if (!pool.runAside(entry, () -> ping(entry, ping))) {
                ping.settle(); // there was none
                pool.backToIdle(entry);
            }
        } else {
            pool.backToIdle(entry);
        }
    }

    private boolean isDueForPing(PoolEntry entry, long now) {
        return keepaliveNanos > 0 && entry.silentNanos(now) >= keepaliveNanos * (0.9 + 0.1 * jitter());
    }

    private void suspectOthers(Ping ping) {
        if (!ping.isSettled()) {
            suspectAll();
        }
    }

    private void ping(PoolEntry entry, Ping ping) {
        ping.starts();
        boolean answered = entry.session.ping(PING_TIMEOUT);
        if (ping.settle() && answered) {
            entry.answered(System.nanoTime());
            if (checkLinks) {
                linkCheck(entry.session.address()).heard(ping);
            }
            pool.askWhetherItMayStay(entry);
        } else {
            log.warn(
                    "pool '{}': the connection to backend {} at {} is closed, {} after it was pinged: {}",
                    pool.options.name(),
                    entry.session.backendPid(),
                    entry.session.host(),
                    PoolReport.millis(ping.elapsedNanos()),
                    entry.session.causeOfDeath());
            pool.discard(entry, CloseReason.PING_FAILED);
        }
    }

    private void reportLeaks() {
        for (var holding : pool.queue.holdings(System.nanoTime())) {
            if (holding.heldNanos() < leakThresholdNanos) {
                return;
            }
            Thread holder = holding.holder();
            Throwable trace = holder == null ? null : holding.slot().leakToReport();
            if (holder != null && trace != null) {
                report(holding, PoolReport.name(holder), trace);
            }
        }
    }

    private void report(Holding<PoolEntry> holding, String holder, Throwable trace) {
        Session session = holding.slot().session;
        log.warn(
                "pool '{}': thread '{}' has held the connection to backend {} for {}; is it ever closed? Last statement: {}",
                pool.options.name(),
                holder,
                session.backendPid(),
                PoolReport.millis(holding.heldNanos()),
                PoolReport.shorten(session.lastSql()),
                trace);
        pool.events.leakSuspected(session.backendPid(), holder, holding.heldNanos(), trace);
    }

    private static double jitter() {
        return ThreadLocalRandom.current().nextDouble();
    }
}
