package io.github.pgpure.pool;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells dead links from a server that is slow, for one address; thread-safe. What one address of a host answers says nothing about its others.
 *
 * <p>A connection that does not answer may be half-open (a firewall has forgotten it, the other end has lost its power), or its server may be
 * busy, or stopped for a while. So the server is asked on new connections: when it answers there, again and again, and those that were asked
 * before still say nothing, their links are dead and are closed. When it does not answer there either, closing would gain nothing, and they
 * keep the whole time of a ping.
 *
 * <p>How long "still" is depends on how slow everything else turns out to be ({@link #patience}): on a machine with much more work than
 * processors one backend may get none while others do, and this process, too, may be late.
 */
final class LinkCheck {

    private static final Logger log = LoggerFactory.getLogger(LinkCheck.class);

    /** On a healthy link a ping is answered by then, and the server is not asked again. */
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Duration PROBE_TIMEOUT = Duration.ofMillis(500);

    /** How long sessions without work may take to answer where all of several that were asked say nothing. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** The same where it is only one, or others have answered: that one backend gets no processor for a while is not so rare. */
    private static final long LONG_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How many times as long as the slowest sign of life a silence has to be. */
    private static final int TIMES_THE_SLOWEST = 8;

    /** For how long the death of a link speaks against others that are silent, and a slow answer for them. */
    private static final long MEMORY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final String DEAD = "its link is dead: its server answers on a new connection, and not on this one";

    private final PoolCore pool;
    private final SocketAddress address;
    private final AtomicBoolean running = new AtomicBoolean();
    private final long createdAtNanos = System.nanoTime();

    // Before all pings that it is told of.
    private volatile long heardAtNanos = createdAtNanos - MEMORY_NANOS;

    private volatile Answer slowestAnswer = new Answer(createdAtNanos, 0);

    /** When links were last found dead; null when none ever was. */
    private volatile @Nullable Long foundDeadAtNanos;

    // For the one that looks.
    private long slowestNanos;
    private boolean serverHasAnswered;
    private long serverAskedAtNanos;

    private record Answer(long atNanos, long tookNanos) {}

    private record Suspect(PoolEntry entry, @Nullable Ping ping) {}

    LinkCheck(PoolCore pool, SocketAddress address) {
        this.pool = pool;
        this.address = address;
    }

    /** Begins to look after the connections that are being asked for a sign of life, until all of them have given one or are closed. */
    void begin() {
        if (running.compareAndSet(false, true)) {
            slowestNanos = 0;
            serverHasAnswered = false;
            lookAgain(FIRST_NANOS);
        }
    }

    /** A cancelled statement is without an answer: after others were found dead that is all there is to wait for. */
    void beginIfOthersDied() {
        if (haveOthersDied(System.nanoTime())) {
            begin();
        }
    }

    /** A connection has answered a ping. Any thread. */
    void heard(Ping ping) {
        long now = System.nanoTime();
        long took = ping.elapsedNanos();
        heardAtNanos = now;
        Answer slowest = slowestAnswer;
        if (took > slowest.tookNanos() || now - slowest.atNanos() > MEMORY_NANOS) {
            slowestAnswer = new Answer(now, took);
        }
    }

    private void lookAgain(long delayNanos) {
        long due = System.nanoTime() + delayNanos;
        Runnable look = () -> {
            if (!pool.keeper.run(() -> look(due))) {
                lookAgain(PATIENCE_NANOS); // which does nothing once the keeper has been stopped
            }
        };
        pool.keeper.after(delayNanos, look, running);
    }

    private void look(long dueAtNanos) {
        long next = PATIENCE_NANOS;
        try {
            next = lookOnce(dueAtNanos);
        } finally {
            if (next > 0) { // also after a failure: nobody else would ever begin again
                lookAgain(next);
            }
        }
    }

    /**
     * Looks at all that are silent.
     *
     * @return when to look again, 0 for not at all
     */
    private long lookOnce(long dueAtNanos) {
        List<Suspect> suspects = suspects();
        if (suspects.isEmpty()) {
            running.set(false);
            if (!suspects().isEmpty()) {
                begin(); // it has fallen silent at the last moment
            }
            return 0;
        }
        long asked = System.nanoTime();
        if (!suspects.get(0).entry().session.serverAnswers(PROBE_TIMEOUT)) {
            serverHasAnswered = false;
            return PATIENCE_NANOS;
        }
        long now = System.nanoTime();
        // Where this process or this machine is what is held up, this is late, and so is whoever reads the answers.
        slowestNanos = Math.max(slowestNanos, Math.max(asked - dueAtNanos, now - asked));
        long next = closeSilent(suspects, now);
        serverHasAnswered = true;
        serverAskedAtNanos = asked;
        return next;
    }

    private List<Suspect> suspects() {
        var suspects = new ArrayList<Suspect>();
        for (PoolEntry entry : pool.queue.members()) {
            if (entry.session.address().equals(address)) {
                Ping ping = entry.unansweredPing();
                if (ping != null || entry.session.isDrainSilent()) {
                    suspects.add(new Suspect(entry, ping));
                }
            }
        }
        return suspects;
    }

    /**
     * Closes those that have been silent for too long, by two answers of the server to others.
     *
     * @return when to look again
     */
    private long closeSilent(List<Suspect> suspects, long now) {
        long patience = patience(suspects, now);
        long next = PATIENCE_NANOS;
        int dead = 0;
        for (Suspect suspect : suspects) {
            Ping ping = suspect.ping();
            if (ping == null) {
                continue;
            }
            if (ping.elapsedNanos() < patience) {
                next = Math.min(next, patience - ping.elapsedNanos());
            } else if (!serverHasAnswered || ping.startedAtNanos() - serverAskedAtNanos > 0) {
                next = SHORTEST_PAUSE_NANOS;
            } else if (ping.settle()) {
                suspect.entry().session.abort(DEAD);
                dead++;
            }
        }
        if (dead > 0) {
            foundDeadAtNanos = now;
        }
        if (haveOthersDied(now)) {
            next = Math.min(next, FIRST_NANOS);
        }
        dead += serverHasAnswered ? closeSilentDrains(suspects, now) : 0;
        if (dead > 0) {
            log.warn(
                    "pool '{}': {} connections to {} ({}) were closed: the server answers on a new connection, and not on these,"
                            + " so something between has forgotten them (a firewall, NAT, a load balancer?)",
                    pool.options.name(),
                    dead,
                    suspects.get(0).entry().host,
                    address);
        }
        return Math.max(next, SHORTEST_PAUSE_NANOS);
    }

    private int closeSilentDrains(List<Suspect> suspects, long now) {
        // Where others have turned out to be dead, silence means more.
        long patience = Math.max(haveOthersDied(now) ? FIRST_NANOS : LONG_PATIENCE_NANOS, slowness(now));
        int dead = 0;
        for (Suspect suspect : suspects) {
            if (suspect.entry().session.abortSilentDrain(patience, DEAD)) {
                dead++;
            }
        }
        return dead;
    }

    private boolean haveOthersDied(long now) {
        Long found = foundDeadAtNanos;
        return found != null && now - found < MEMORY_NANOS;
    }

    /** How long a ping may be without an answer, by what is known now. */
    private long patience(List<Suspect> suspects, long now) {
        int asked = 0;
        boolean anyHeard = false;
        for (Suspect suspect : suspects) {
            Ping ping = suspect.ping();
            if (ping != null && ping.elapsedNanos() >= FIRST_NANOS) { // that one without an answer before says nothing
                asked++;
                anyHeard |= heardAtNanos - ping.startedAtNanos() > 0;
            }
        }
        return Math.max(asked > 1 && !anyHeard ? PATIENCE_NANOS : LONG_PATIENCE_NANOS, slowness(now));
    }

    private long slowness(long now) {
        Answer answer = slowestAnswer;
        long answered = now - answer.atNanos() < MEMORY_NANOS ? answer.tookNanos() : 0;
        return TIMES_THE_SLOWEST * Math.max(slowestNanos, answered);
    }
}
