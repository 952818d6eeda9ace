package io.github.pgpure.connection;

import io.github.pgpure.Credentials;
import io.github.pgpure.LoadBalanceHosts;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgAuthenticationException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgHost;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.SslCertMode;
import io.github.pgpure.SslMode;
import io.github.pgpure.SslNegotiation;
import io.github.pgpure.SslPolicy;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.TlsVersion;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.transport.AddressResolver;
import io.github.pgpure.transport.Deadline;
import io.github.pgpure.transport.TlsOptions;
import io.github.pgpure.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Opens sessions: tries the hosts in order, all addresses of each, with and without TLS as {@link SslMode} says, until one is acceptable.
 */
final class Connector {

    private static final AddressResolver RESOLVER = new AddressResolver(Workers.executor());

    private final PgConnectOptions options;
    private final TypeRegistry types;
    private final AddressResolver resolver;
    private final ConnectCache cache;

    Connector(PgConnectOptions options, TypeRegistry types) {
        this(options, types, RESOLVER);
    }

    Connector(PgConnectOptions options, TypeRegistry types, AddressResolver resolver) {
        this.options = options;
        this.types = types;
        this.resolver = resolver;
        this.cache = ConnectCache.of(options);
    }

    /**
     * Opens a session.
     *
     * @throws PgConnectionException when no host can be reached or none is acceptable
     * @throws PgServerException when the server refuses the login
     */
    Session open() {
        List<PgException> failures = new ArrayList<>();
        if (options.targetSessionAttrs() == TargetSessionAttrs.PREFER_STANDBY) {
            Session standby = tryAll(TargetSessionAttrs.STANDBY, failures);
            if (standby != null) {
                return standby;
            }
            failures.clear();
            Session any = tryAll(TargetSessionAttrs.ANY, failures);
            if (any != null) {
                return any;
            }
        } else {
            Session session = tryAll(options.targetSessionAttrs(), failures);
            if (session != null) {
                return session;
            }
        }
        throw summary(failures);
    }

    private @Nullable Session tryAll(TargetSessionAttrs wanted, List<PgException> failures) {
        for (PgHost host : inOrder(options.hosts())) {
            try {
                return open(host, wanted);
            } catch (PgAuthenticationException e) {
                // As with libpq: who has been reached and does not get in, does not try the next door.
                throw e;
            } catch (PgConnectionException e) {
                failures.add(e);
            } catch (PgServerException e) {
                if (isFinal(e)) {
                    throw e;
                }
                failures.add(e);
            }
        }
        return null;
    }

    private <T> List<T> inOrder(List<T> all) {
        if (options.loadBalanceHosts() == LoadBalanceHosts.DISABLE || all.size() == 1) {
            return all;
        }
        List<T> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, ThreadLocalRandom.current());
        return shuffled;
    }

    /**
     * A wrong password or a missing database is the same everywhere; a server that starts, stops or is full is not. An interrupt ends them all: also a
     * server says 57014, when its own authentication_timeout has passed.
     */
    private static boolean isFinal(PgServerException e) {
        return e instanceof QueryCancelledException && Thread.currentThread().isInterrupted()
                || e.sqlState().startsWith("28")
                || e.sqlState().startsWith("3D")
                || e.sqlState().startsWith("42");
    }

    private Session open(PgHost host, TargetSessionAttrs wanted) {
        Deadline deadline = Deadline.in(options.connectTimeout());
        List<SocketAddress> addresses = inOrder(addresses(host, deadline));
        Credentials credentials;
        try {
            credentials = CredentialsRequest.credentials(options, host, deadline);
        } catch (InterruptedException e) {
            throw interrupted(host);
        }
        PgException failure = null;
        for (int i = 0; i < addresses.size(); i++) {
            var attempt = new Attempt(host, addresses.get(i), addresses.size() - i, credentials, deadline);
            PgException current;
            try {
                Session session = open(attempt);
                if (wanted == TargetSessionAttrs.ANY || matches(session, wanted, deadline)) {
                    return session;
                }
                session.close();
                current = new PgConnectionException(
                        "the server at " + host + " is not what target_session_attrs=" + wanted.keyword() + " asks for",
                        Outcome.NOT_SENT,
                        null);
            } catch (IOException e) {
                current = unreachable(host, e);
            } catch (PgAuthenticationException e) {
                throw new PgAuthenticationException("could not log in to " + host + ": " + e.getMessage(), e);
            } catch (PgProtocolException e) {
                throw new PgProtocolException("could not log in to " + host + ": " + e.getMessage(), e);
            } catch (PgServerException e) {
                if (isFinal(e)) {
                    throw e;
                }
                current = e;
            }
            if (failure != null) {
                current.addSuppressed(failure);
            }
            failure = current;
        }
        throw failure != null ? failure : unreachable(host, new IOException("the host has no address"));
    }

    /** Asks the session what its server is; it is closed when that fails. */
    private static boolean matches(Session session, TargetSessionAttrs wanted, Deadline deadline) throws IOException {
        boolean answered = false;
        try {
            boolean matches = session.matches(wanted, deadline);
            answered = true;
            return matches;
        } catch (QueryTimeoutException e) {
            throw new SocketTimeoutException("no answer within " + deadline);
        } finally {
            if (!answered) {
                session.close();
            }
        }
    }

    /**
     * One attempt at one address of a host.
     *
     * @param addresses how many addresses there are to be tried, this one included
     * @param deadline limits all of it
     */
    private record Attempt(
            PgHost host, SocketAddress address, int addresses, Credentials credentials, Deadline deadline) {

        /**
         * Limits the time until the server has said something: an address where packets vanish, or where nobody answers a connection, must leave
         * the others some time. A server that answers, however slowly it goes on, has all there is.
         */
        Deadline firstAnswer() {
            return deadline.share(addresses);
        }
    }

    private Session open(Attempt attempt) throws IOException {
        SslMode mode = attempt.host().isUnixSocket() ? SslMode.DISABLE : options.sslMode();
        return switch (mode) {
            case DISABLE -> login(attempt, plain(attempt));
            case ALLOW -> eitherWay(attempt, plain(attempt), encrypted(attempt));
            case PREFER -> {
                try {
                    yield eitherWay(attempt, encrypted(attempt), plain(attempt));
                } catch (Endpoint.TlsRefused e) {
                    yield login(attempt, plain(attempt));
                }
            }
            case REQUIRE, VERIFY_CA, VERIFY_FULL -> login(attempt, encrypted(attempt));
        };
    }

    private Endpoint plain(Attempt attempt) {
        return new Endpoint(attempt.address(), null, false, options.keepAlive(), options.requirePeer());
    }

    private Endpoint encrypted(Attempt attempt) {
        PgHost host = attempt.host();
        try {
            var tls = new TlsOptions(
                    cache.sslContext(options),
                    host.name(),
                    host.port(),
                    options.sslMode() == SslMode.VERIFY_FULL,
                    Endpoint.APPLICATION_PROTOCOL,
                    versions(options.sslPolicy()),
                    options.sslPolicy().sni(),
                    options.sslPolicy().certMode() == SslCertMode.REQUIRE);
            boolean direct = options.sslNegotiation() == SslNegotiation.DIRECT;
            return new Endpoint(attempt.address(), tls, direct, options.keepAlive(), options.requirePeer());
        } catch (IOException e) {
            throw new PgConnectionException(
                    "could not connect to " + host + ": " + e.getMessage(), Outcome.NOT_SENT, e);
        }
    }

    /** Empty for those of the context. */
    private static List<String> versions(SslPolicy policy) {
        if (policy.minVersion() == SslPolicy.DEFAULT.minVersion()
                && policy.maxVersion() == SslPolicy.DEFAULT.maxVersion()) {
            return List.of();
        }
        return Arrays.stream(TlsVersion.values())
                .filter(version ->
                        version.compareTo(policy.minVersion()) >= 0 && version.compareTo(policy.maxVersion()) <= 0)
                .map(TlsVersion::keyword)
                .toList();
    }

    /** As libpq does: where the server's rules refuse a login one way, try the other. */
    private Session eitherWay(Attempt attempt, Endpoint first, Endpoint second) throws IOException {
        try {
            return login(attempt, first);
        } catch (PgServerException refused) {
            if (!refused.sqlState().equals("28000")) {
                throw refused;
            }
            try {
                return login(attempt, second);
            } catch (IOException | PgException e) {
                if (e instanceof QueryCancelledException
                        && Thread.currentThread().isInterrupted()) {
                    e.addSuppressed(refused);
                    throw e;
                }
                refused.addSuppressed(e);
                throw refused;
            }
        }
    }

    private Session login(Attempt attempt, Endpoint endpoint) throws IOException {
        PgHost host = attempt.host();
        Deadline deadline = attempt.deadline();
        Deadline firstAnswer = attempt.firstAnswer();
        Transport transport;
        try {
            transport = endpoint.open(firstAnswer, deadline);
        } catch (InterruptedException e) {
            throw interrupted(host);
        }
        Session session = new Session(options, types, host, endpoint, transport);
        try {
            // Where there is encryption, the server has answered.
            session.login(
                    attempt.credentials(),
                    cache.scramKeys(),
                    endpoint.tls() == null ? firstAnswer : deadline,
                    deadline);
            return session;
        } catch (WaitEnded e) {
            if (e.reason() == WaitEnded.Reason.INTERRUPTED) {
                throw interrupted(host);
            }
            throw new SocketTimeoutException("no answer within " + (deadline.hasPassed() ? deadline : firstAnswer));
        } finally {
            if (session.isNotLoggedIn()) {
                transport.close();
            }
        }
    }

    private List<SocketAddress> addresses(PgHost host, Deadline deadline) {
        if (host.isUnixSocket()) {
            return List.of(UnixDomainSocketAddress.of(host.socketFile()));
        }
        try {
            List<SocketAddress> addresses = new ArrayList<>();
            String name = host.address() != null ? host.address() : host.name();
            for (InetAddress address : resolver.resolve(name, deadline)) {
                addresses.add(new InetSocketAddress(address, host.port()));
            }
            return addresses;
        } catch (IOException e) {
            throw unreachable(host, e);
        } catch (InterruptedException e) {
            throw interrupted(host);
        }
    }

    private static PgException interrupted(PgHost host) {
        Thread.currentThread().interrupt();
        return QueryCancelledException.requested("interrupted while connecting to " + host, Outcome.NOT_SENT);
    }

    private static PgConnectionException unreachable(PgHost host, IOException cause) {
        String advice;
        if (cause instanceof SSLException) {
            advice = "the TLS handshake failed: check sslmode, sslrootcert, the certificates and the SSLContext";
        } else if (cause instanceof Endpoint.TlsRefused) {
            advice = "turn ssl on at the server, or allow plain connections with sslmode=prefer or disable";
        } else {
            advice = "check that a PostgreSQL server is running there and accepts connections";
        }
        String reason = cause.getMessage() != null
                ? cause.getMessage()
                : cause.getClass().getSimpleName();
        return new PgConnectionException(
                "could not connect to " + host + ": " + reason + "; " + advice, Outcome.NOT_SENT, cause);
    }

    private static PgException summary(List<PgException> failures) {
        PgException first = failures.get(0);
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
