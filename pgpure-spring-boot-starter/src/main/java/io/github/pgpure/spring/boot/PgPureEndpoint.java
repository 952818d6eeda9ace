package io.github.pgpure.spring.boot;

import io.github.pgpure.PgHost;
import io.github.pgpure.pool.ConnectionUse;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolStats;
import io.github.pgpure.spring.PgObservationContext;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * {@code /actuator/pgpure}: the state of every pool and who holds its connections; thread-safe.
 *
 * <p>Writing to {@code /actuator/pgpure/{pool}} with {@code {"action": "soft-evict"}} has its connections replaced; {@code suspend} and
 * {@code resume} make callers wait and go on. Writing to {@code /actuator/pgpure/{pool}/{backendPid}} with {@code {"operation": 7}}
 * cancels that statement, if it still runs. Statements are shown without values and literals. No call needs the database.
 */
@Endpoint(id = "pgpure")
public class PgPureEndpoint {

    private final Map<String, PgPool> pools;

    /** @param pools the pools by bean name */
    public PgPureEndpoint(Map<String, PgPool> pools) {
        this.pools = Map.copyOf(pools);
    }

    /** All pools by bean name. */
    @ReadOperation
    public PoolsDescriptor pools() {
        Map<String, PoolDescriptor> descriptors = new LinkedHashMap<>();
        pools.forEach((name, pool) -> descriptors.put(name, PoolDescriptor.of(pool)));
        return new PoolsDescriptor(descriptors);
    }

    /** One pool; null, and so 404, when there is none of that bean name. */
    @ReadOperation
    public @Nullable PoolDescriptor pool(@Selector String pool) {
        PgPool found = pools.get(pool);
        return found == null ? null : PoolDescriptor.of(found);
    }

    /**
     * Does something to one pool.
     *
     * @param pool its bean name
     * @param action what to do
     * @return the pool after it
     * @throws InvalidEndpointRequestException when there is none of that bean name
     */
    @WriteOperation
    public PoolDescriptor change(@Selector String pool, Action action) {
        PgPool found = existing(pool);
        switch (action) {
            case SOFT_EVICT -> found.softEvict();
            case SUSPEND -> found.suspend();
            case RESUME -> found.resume();
        }
        return PoolDescriptor.of(found);
    }

    /**
     * Cancels a statement; its caller gets an error, and its transaction is rolled back. A later statement is never touched.
     *
     * @param pool the pool's bean name
     * @param backendPid the connection, as it was shown
     * @param operation the number of the statement, as it was shown
     * @throws InvalidEndpointRequestException when there is no pool of that bean name
     */
    @WriteOperation
    public CancelDescriptor cancel(@Selector String pool, @Selector int backendPid, long operation) {
        return new CancelDescriptor(existing(pool).cancel(backendPid, operation));
    }

    private PgPool existing(String pool) {
        PgPool found = pools.get(pool);
        if (found == null) {
            // Without a result a write would be answered as a success.
            throw new InvalidEndpointRequestException(
                    "There is no such pool; there are " + pools.keySet(), "no such pool");
        }
        return found;
    }

    /** @param cancelled false when the statement did not run, or not any more */
    public record CancelDescriptor(boolean cancelled) {}

    /** What can be done to a pool. */
    public enum Action {
        /** Has every connection that is open now replaced as soon as nobody uses it. */
        SOFT_EVICT,
        /** Makes callers wait. */
        SUSPEND,
        /** Lets them go on. */
        RESUME
    }

    /** @param pools the pools by bean name */
    public record PoolsDescriptor(Map<String, PoolDescriptor> pools) {}

    /**
     * @param name the pool's name
     * @param hosts the servers it may connect to
     * @param database the database
     * @param username the role
     * @param sslMode whether and how strictly TLS is used
     * @param closed whether it is closed
     * @param stats its counters, callers that wait among them
     * @param readStats those of the connections for read-only transactions; null where these are not kept apart
     * @param statementCacheSize how many prepared statements each connection keeps at most
     * @param connections all that are open, those in use first and of them the one held longest
     */
    public record PoolDescriptor(
            String name,
            List<String> hosts,
            String database,
            String username,
            String sslMode,
            boolean closed,
            PoolStats stats,
            @Nullable PoolStats readStats,
            int statementCacheSize,
            List<ConnectionDescriptor> connections) {

        static PoolDescriptor of(PgPool pool) {
            var connect = pool.connectOptions();
            return new PoolDescriptor(
                    pool.options().name(),
                    connect.hosts().stream().map(PgHost::toString).toList(),
                    connect.database(),
                    connect.username(),
                    connect.sslMode().keyword(),
                    pool.isClosed(),
                    pool.stats(),
                    pool.readStats().orElse(null),
                    connect.statementCacheSize(),
                    pool.connections().stream()
                            .map(use -> ConnectionDescriptor.of(pool, use))
                            .toList());
        }
    }

    /**
     * @param backendPid the process id of its backend
     * @param host the server it is to
     * @param age how long it has been open
     * @param state what it is doing
     * @param holder the thread that took it; null when it is idle
     * @param held for how long it has had it
     * @param operation the number of the statement that runs, to cancel it by; 0 when none runs
     * @param preparedStatements how many statements it keeps prepared
     * @param sql the statement that runs, or ran last, without literals; null when there was none
     */
    public record ConnectionDescriptor(
            int backendPid,
            String host,
            Duration age,
            State state,
            @Nullable String holder,
            Duration held,
            long operation,
            int preparedStatements,
            @Nullable String sql) {

        static ConnectionDescriptor of(PgPool pool, ConnectionUse use) {
            String sql = use.sql();
            return new ConnectionDescriptor(
                    use.backendPid(),
                    use.host().toString(),
                    use.age(),
                    !use.inUse() ? State.IDLE : use.running() ? State.RUNNING : State.HELD,
                    use.holder(),
                    use.held(),
                    use.operation(),
                    use.preparedStatements(),
                    sql == null ? null : new PgObservationContext(pool.connectOptions(), sql, 0).queryText());
        }
    }

    /** What a connection is doing. */
    public enum State {
        /** Nobody has it. */
        IDLE,
        /** It is checked out, and no statement runs on it. */
        HELD,
        /** A statement runs on it. */
        RUNNING
    }
}
