package io.github.pgpure.spring;

import io.github.pgpure.PgConnectOptions;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an operation that is observed: the statement, without its parameters' values, and where it runs.
 *
 * <p>For the thread that runs the operation.
 */
public class PgObservationContext extends SenderContext<PgObservationContext> {

    private final PgConnectOptions connectOptions;
    private final String sql;
    private final int batchSize;
    private @Nullable SqlSummary summary;

    /**
     * @param connectOptions where it runs
     * @param sql the statement as it was given; may have literals in it
     * @param batchSize the number of parameter sets of a batch, 0 for a statement of its own
     */
    public PgObservationContext(PgConnectOptions connectOptions, String sql, int batchSize) {
        // PostgreSQL's protocol has no headers: nothing is propagated.
        super((carrier, key, value) -> {}, Kind.CLIENT);
        this.connectOptions = connectOptions;
        this.sql = sql;
        this.batchSize = batchSize;
        setRemoteServiceName("postgresql");
        setRemoteServiceAddress(connectOptions.hosts().get(0).toString());
    }

    /** Where it runs. */
    public PgConnectOptions connectOptions() {
        return connectOptions;
    }

    /** The statement as it was given; may have literals in it, so that {@link #queryText()} is what to record. */
    public String sql() {
        return sql;
    }

    /** The number of parameter sets of a batch, 0 for a statement of its own. */
    public int batchSize() {
        return batchSize;
    }

    /** The command in capitals, {@code SELECT} for example. */
    public String operationName() {
        return summary().operation();
    }

    /** The command and the first table, {@code SELECT item} for example. */
    public String querySummary() {
        return summary().summary();
    }

    /** The statement with every literal replaced by {@code ?}. */
    public String queryText() {
        return summary().text();
    }

    private SqlSummary summary() {
        if (summary == null) {
            summary = SqlSummary.of(sql);
        }
        return summary;
    }
}
