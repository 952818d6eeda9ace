package io.github.pgpure.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells dead links from a server that is slow, for one host; thread-safe.
 *
 * <p>A connection that does not answer may be half-open (a firewall has forgotten it, the other end has lost its power), or its server may be
 * busy, or stopped for a while. So the server is asked on a new connection: when it answers there, and those that were asked before still
 * say nothing, their links are dead and are closed at once. When it does not answer there either, closing would gain nothing, and they
 * keep the whole time of a ping.
 */
final class LinkCheck {

    private static final Logger log = LoggerFactory.getLogger(LinkCheck.class);

    /** On a healthy link a ping is answered by then, and the server is not asked again. */
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);

    /** How long a session without work may take to answer once its server has answered a new connection. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** A server that forks slowly also schedules slowly. */
    private static final int PROBES_OF_PATIENCE = 4;

    /** A statement may take some time to notice that it was cancelled. */
    private static final long DRAIN_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final String DEAD = "its link is dead: its server answers on a new connection, and not on this one";

    private final PoolCore pool;
    private final HostState host;
    private final AtomicBoolean running = new AtomicBoolean();

    LinkCheck(PoolCore pool, HostState host) {
        this.pool = pool;
        this.host = host;
    }

    /** Begins to look after the connections that are being asked for a sign of life, until all of them have given one or are closed. */
    void begin() {
        if (running.compareAndSet(false, true)) {
            lookAgain(FIRST_NANOS);
        }
    }

    private void lookAgain(long delayNanos) {
        pool.keeper.after(delayNanos, () -> pool.keeper.run(this::look));
    }

    private void look() {
        List<PoolEntry> silent = silent();
        if (silent.isEmpty()) {
            running.set(false);
            if (!silent().isEmpty()) {
                begin(); // it has fallen silent at the last moment
            }
            return;
        }
        List<Suspect> suspects = silent.stream()
                .map(entry -> new Suspect(entry, entry.unansweredPing()))
                .toList();
        long start = System.nanoTime();
        if (silent.get(0).session.serverAnswers(PROBE_TIMEOUT)) {
            long patience = Math.max(PATIENCE_NANOS, PROBES_OF_PATIENCE * (System.nanoTime() - start));
            pool.keeper.after(patience, () -> pool.keeper.run(() -> closeIfStillSilent(suspects)));
        } else {
            lookAgain(PATIENCE_NANOS);
        }
    }

    /**
     * Asks the server once more before anything is closed: where this process or this machine is what was held up, the answers may have
     * arrived and not been read yet, and by then they are.
     */
    private void closeIfStillSilent(List<Suspect> suspects) {
        if (!silent().isEmpty() && suspects.get(0).entry().session.serverAnswers(PROBE_TIMEOUT)) {
            closeSilent(suspects);
        }
        look();
    }

    private List<PoolEntry> silent() {
        var silent = new ArrayList<PoolEntry>();
        for (PoolEntry entry : pool.queue.members()) {
            if (entry.host == host && (entry.unansweredPing() != null || entry.session.isDrainSilent(0))) {
                silent.add(entry);
            }
        }
        return silent;
    }

    private void closeSilent(List<Suspect> suspects) {
        int dead = 0;
        for (Suspect suspect : suspects) {
            if (suspect.ping() != null && suspect.ping().settle()) {
                suspect.entry().session.abort(DEAD);
                dead++;
            }
        }
        // Where others have turned out to be dead, silence means more.
        long patience = dead > 0 ? PATIENCE_NANOS : DRAIN_PATIENCE_NANOS;
        for (Suspect suspect : suspects) {
            if (suspect.entry().session.abortSilentDrain(patience, DEAD)) {
                dead++;
            }
        }
        if (dead > 0) {
            log.warn(
                    "pool '{}': {} connections to {} were closed: the server answers on a new connection, and not on these,"
                            + " so something between has forgotten them (a firewall, NAT, a load balancer?)",
                    pool.options.name(),
                    dead,
                    host);
        }
    }

    private record Suspect(PoolEntry entry, @Nullable Ping ping) {}
}
