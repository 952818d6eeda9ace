package io.github.pgpure.pool;

import io.github.pgpure.LoadBalanceHosts;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgHost;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.connection.Session;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.transport.Deadline;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a pool: which of them to try first, and which of them have been found not to be what is wanted; thread-safe. One that
 * did not answer lately is tried last, so that a host that has lost its power does not hold up everybody for the connect timeout.
 */
final class Hosts {

    private final PgConnectOptions options;
    private final TypeRegistry types;
    private final TargetSessionAttrs wanted;
    private final List<HostState> states;

    /** Whether a host that fits is known, with {@code prefer-standby}: connections to the last resort are then to be replaced. */
    private volatile boolean betterKnown;

    Hosts(PgConnectOptions options, TypeRegistry types) {
        this.options = options;
        this.types = types;
        this.wanted = options.targetSessionAttrs();
        var all = new ArrayList<HostState>();
        for (PgHost host : options.hosts()) {
            all.add(new HostState(host, only(options, host)));
        }
        this.states = List.copyOf(all);
    }

    private static PgConnectOptions only(PgConnectOptions options, PgHost host) {
        return options.toBuilder()
                .hosts(List.of(host))
                .targetSessionAttrs(TargetSessionAttrs.ANY)
                .build();
    }

    /** Whether a server that takes no writes is the wrong one. */
    boolean wantWrites() {
        return wanted == TargetSessionAttrs.PRIMARY || wanted == TargetSessionAttrs.READ_WRITE;
    }

    /** Whether there is a choice of hosts, or a wish that one may cease to meet. */
    boolean areWatched() {
        return states.size() > 1 || wanted != TargetSessionAttrs.ANY;
    }

    List<HostState> states() {
        return states;
    }

    /**
     * Opens a session with the first acceptable host; with {@code prefer-standby} one that is not a standby is the last resort.
     *
     * @throws PgException when there is none; in the case of several hosts it names the failure of each
     */
    Session open() {
        return open(0).session();
    }

    /**
     * The same for a connection of the pool.
     *
     * @param poolGeneration the pool's generation
     */
    NewSession open(int poolGeneration) {
        List<PgException> failures = new ArrayList<>();
        NewSession lastResort = null;
        try {
            for (HostState state : inOrder()) {
                int hostGeneration = state.generation(); // before the login
                Session session = tryOne(state, failures);
                if (session == null) {
                    continue;
                }
                var found = new NewSession(session, poolGeneration, state, hostGeneration);
                if (isWanted(session)) {
                    return found;
                }
                if (wanted == TargetSessionAttrs.PREFER_STANDBY && lastResort == null) {
                    lastResort = found;
                } else {
                    session.close();
                    failures.add(unwanted(state));
                }
            }
            if (lastResort != null) {
                NewSession found = lastResort;
                lastResort = null;
                return found;
            }
        } finally {
            if (lastResort != null) {
                lastResort.session().close();
            }
        }
        throw summary(failures);
    }

    private @Nullable Session tryOne(HostState state, List<PgException> failures) {
        state.attemptBegins();
        Session session = null;
        try {
            session = Session.open(state.options, types);
            boolean fits = isWanted(session);
            attemptEnds(state, fits ? HostState.Condition.FITS : HostState.Condition.UNWANTED);
            return session;
        } catch (PgException e) {
            attemptEnds(state, HostState.Condition.FAILED);
            if (session != null) {
                session.close();
            }
            if (Thread.currentThread().isInterrupted() || ConnectFailures.isTerminal(e)) {
                throw e;
            }
            failures.add(e);
            return null;
        } catch (Throwable t) {
            attemptEnds(state, HostState.Condition.FAILED);
            throw t;
        }
    }

    private void attemptEnds(HostState state, HostState.Condition found) {
        state.attemptEnds(found);
        betterKnown = wanted == TargetSessionAttrs.PREFER_STANDBY && anyFits();
    }

    /** Whether connections to this host are a last resort that is not needed any more. Cheap, since every return of a connection asks. */
    boolean isOutdone(HostState state) {
        return betterKnown && state.condition() == HostState.Condition.UNWANTED;
    }

    /** Whether the session's server is what is wanted, as of its last answer. For the session's owner. */
    boolean isWanted(Session session) {
        return switch (wanted) {
            case ANY -> true;
            case PREFER_STANDBY -> session.matches(TargetSessionAttrs.STANDBY, Deadline.in(options.connectTimeout()));
            default -> session.matches(wanted, Deadline.in(options.connectTimeout()));
        };
    }

    /**
     * Whether the session may stay: its server is what is wanted, or is the last resort and there is nothing better. For the session's
     * owner.
     */
    boolean mayStay(Session session) {
        return isWanted(session) || wanted == TargetSessionAttrs.PREFER_STANDBY && !anyFits();
    }

    private boolean anyFits() {
        return states.stream().anyMatch(state -> state.condition() == HostState.Condition.FITS);
    }

    /** Asks all hosts what they are; where one fits now, the connections to those that do not are {@linkplain #isOutdone outdone}; blocks. */
    void recheck() {
        for (HostState state : states) {
            Session session = tryOne(state, new ArrayList<>());
            if (session != null) {
                session.close();
            }
        }
    }

    /** Whether {@link #recheck()} could find anything better than what is known. */
    boolean needRecheck() {
        return wanted == TargetSessionAttrs.PREFER_STANDBY && states.size() > 1 && !anyFits();
    }

    // With equal conditions the order is the one that was given, or drawn anew.
    private List<HostState> inOrder() {
        if (states.size() == 1) {
            return states;
        }
        long now = System.nanoTime();
        List<HostState> ordered = new ArrayList<>(states);
        if (options.loadBalanceHosts() == LoadBalanceHosts.RANDOM) {
            Collections.shuffle(ordered, ThreadLocalRandom.current());
        }
        ordered.sort(Comparator.comparing(state -> state.rank(now)));
        return ordered;
    }

    private PgConnectionException unwanted(HostState state) {
        return new PgConnectionException(
                "the server at " + state.host + " is not what target_session_attrs=" + wanted.keyword() + " asks for",
                Outcome.NOT_SENT,
                null);
    }

    private static PgException summary(List<PgException> failures) {
        PgException first = Objects.requireNonNull(failures.get(0));
        if (failures.size() == 1) {
            return first;
        }
        var text = new StringBuilder("none of the hosts could be connected to");
        failures.forEach(failure -> text.append("; ").append(failure.getMessage()));
        var summary = new PgConnectionException(text.toString(), Outcome.NOT_SENT, first);
        failures.subList(1, failures.size()).forEach(summary::addSuppressed);
        return summary;
    }
}
