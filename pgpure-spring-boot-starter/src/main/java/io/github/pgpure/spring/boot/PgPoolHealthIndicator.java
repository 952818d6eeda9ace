package io.github.pgpure.spring.boot;

import io.github.pgpure.Query;
import io.github.pgpure.Row;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolStats;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Asks the server a short question through the pool; thread-safe.
 *
 * <p>Details: {@code serverVersion}, {@code database}, {@code role} (primary or standby) and the state of the {@code pool}, which is
 * there also when the question failed.
 */
public class PgPoolHealthIndicator extends AbstractHealthIndicator {

    /** Waiting for a connection included: a health check that takes longer than its caller waits helps nobody. */
    static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final Query QUESTION = Query.of("select current_setting('server_version') as server_version,"
                    + " current_database() as database, pg_is_in_recovery() as standby")
            .timeout(TIMEOUT);

    private final PgPool pool;

    /** @param pool the pool to check */
    public PgPoolHealthIndicator(PgPool pool) {
        super("PostgreSQL health check failed");
        this.pool = pool;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        builder.withDetail("pool", poolDetails());
        Row row = pool.fetchOne(QUESTION);
        builder.up()
                .withDetail("serverVersion", String.valueOf(row.getString("server_version")))
                .withDetail("database", String.valueOf(row.getString("database")))
                .withDetail("role", row.getBoolean("standby") ? "standby" : "primary");
    }

    private Map<String, Object> poolDetails() {
        PoolStats stats = pool.stats();
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("name", pool.options().name());
        details.put("active", stats.activeConnections());
        details.put("idle", stats.idleConnections());
        details.put("pending", stats.waitingTasks());
        details.put("max", stats.maxConnections());
        return details;
    }
}
