package io.github.pgpure.spring;

import io.github.pgpure.CopyOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.PgOperations;
import io.github.pgpure.Query;
import io.github.pgpure.Row;
import io.github.pgpure.RowMapper;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.pool.PgPool;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * What a Spring application injects to talk to PostgreSQL; thread-safe.
 *
 * <pre>{@code
 * @Transactional
 * public void rename(long id, String name) {
 *     pg.execute("update item set name = $1 where id = $2", name, id);
 * }
 * }</pre>
 *
 * <p>Inside a transaction of {@link PgTransactionManager} for the same pool, statements run in that transaction; outside, each on a
 * connection of the pool that goes back after it. A {@link RowStream} keeps its connection until it is closed; one that belongs to a
 * transaction is closed by its end at the latest.
 *
 * <p>Errors are {@link DataAccessException}s with the {@link PgException} as their cause, see {@link PgExceptionTranslator}. Only the
 * getters of a {@link Row}, which convert when called, throw {@link io.github.pgpure.ConversionException} itself. What is asked of a
 * transaction that a deadline has rolled back already is an {@link InvalidDataAccessApiUsageException}.
 */
public class PgTemplate implements PgOperations {

    private static final PgObservationConvention DEFAULT_CONVENTION = new DefaultPgObservationConvention();

    private static final Log logger = LogFactory.getLog(PgTemplate.class);

    private final PgPool pool;
    private long slowNanos;
    private ObservationRegistry observationRegistry = ObservationRegistry.NOOP;
    private @Nullable PgObservationConvention observationConvention;

    /** @param pool where statements run outside a transaction */
    public PgTemplate(PgPool pool) {
        this.pool = pool;
    }

    /**
     * Where operations are observed; by default nowhere. To be called before the template is used.
     *
     * @param registry takes the observations
     * @param convention names and tags them; null for {@link DefaultPgObservationConvention}
     */
    public void setObservation(ObservationRegistry registry, @Nullable PgObservationConvention convention) {
        this.observationRegistry = registry;
        this.observationConvention = convention;
    }

    /** The pool where statements run outside a transaction. */
    public PgPool pool() {
        return pool;
    }

    /**
     * From which duration on an operation is logged as a warning, with its statement but without values and literals; waiting for a
     * connection is included. To be called before the template is used.
     *
     * @param threshold the duration; {@link Duration#ZERO}, the default, for no log
     */
    public void setSlowQueryThreshold(Duration threshold) {
        this.slowNanos = threshold.toNanos();
    }

    /**
     * The transaction, or its innermost savepoint, that the template joins on the calling thread; empty outside of one.
     *
     * <p>It offers what a session has and a pool has not, pipelines for example, and throws pgpure's own exceptions. Spring ends it.
     */
    public Optional<PgTransaction> currentTransaction() {
        return PgTransactionManager.currentTransaction(pool);
    }

    /**
     * Begins a statement of the fluent kind: {@code pg.sql("select …").param("id", 1).query(Item.class).optional()}.
     *
     * @param sql the statement, with {@code :name} or {@code $1} parameters
     */
    public PgStatement sql(String sql) {
        return new PgStatement(this, Query.of(sql));
    }

    @Override
    public long execute(Query query) {
        return run(query.sql(), operations -> operations.execute(query));
    }

    @Override
    public Rows fetch(Query query) {
        return run(query.sql(), operations -> operations.fetch(query));
    }

    /**
     * {@inheritDoc}
     *
     * @throws org.springframework.dao.EmptyResultDataAccessException when there is none
     */
    @Override
    public Row fetchOne(Query query) {
        return run(query.sql(), operations -> operations.fetchOne(query));
    }

    @Override
    public Optional<Row> fetchOneOrNone(Query query) {
        return run(query.sql(), operations -> operations.fetchOneOrNone(query));
    }

    @Override
    public RowStream stream(Query query) {
        Observation observation = observation(query.sql(), 0).start(); // until the stream is closed
        try (Observation.Scope scope = observation.openScope()) {
            RowStream rows = call(query.sql(), operations -> operations.stream(query));
            return new TranslatingRowStream(rows, query.sql(), observation, PgTransactionManager.boundHolder(pool));
        } catch (RuntimeException | Error e) {
            observation.error(e).stop();
            throw e;
        }
    }

    @Override
    public long[] executeBatch(String sql, List<@Nullable Object[]> parameterSets) {
        return observed(
                observation(sql, parameterSets.size()), sql, operations -> operations.executeBatch(sql, parameterSets));
    }

    @Override
    public long copyIn(String copySql, InputStream data, CopyOptions options) {
        return run(copySql, operations -> operations.copyIn(copySql, data, options));
    }

    @Override
    public long copyIn(String table, List<String> columns, Iterable<@Nullable Object[]> rows, CopyOptions options) {
        return run("copy " + table, operations -> operations.copyIn(table, columns, rows, options));
    }

    @Override
    public <T extends Record> long copyIn(
            String table, List<String> columns, Class<T> type, Iterable<? extends T> rows, CopyOptions options) {
        return run("copy " + table, operations -> operations.copyIn(table, columns, type, rows, options));
    }

    @Override
    public long copyOut(String copySql, OutputStream sink, CopyOptions options) {
        return run(copySql, operations -> operations.copyOut(copySql, sink, options));
    }

    @Override
    public <T extends @Nullable Object> long copyOut(
            String table, List<String> columns, RowMapper<T> mapper, Consumer<? super T> sink, CopyOptions options) {
        return run("copy " + table, operations -> operations.copyOut(table, columns, mapper, sink, options));
    }

    private <T> T run(String sql, Function<PgOperations, T> work) {
        return observationRegistry.isNoop() ? call(sql, work) : observed(observation(sql, 0), sql, work);
    }

    private <T> T observed(Observation observation, String sql, Function<PgOperations, T> work) {
        observation.start();
        try (Observation.Scope scope = observation.openScope()) {
            return call(sql, work);
        } catch (RuntimeException | Error e) {
            observation.error(e);
            throw e;
        } finally {
            observation.stop();
        }
    }

    private Observation observation(String sql, int batchSize) {
        if (observationRegistry.isNoop()) {
            return Observation.NOOP;
        }
        return Observation.createNotStarted(
                observationConvention,
                DEFAULT_CONVENTION,
                () -> new PgObservationContext(pool.connectOptions(), sql, batchSize),
                observationRegistry);
    }

    private <T> T call(String sql, Function<PgOperations, T> work) {
        if (slowNanos == 0) {
            return translated(sql, work);
        }
        long startNanos = System.nanoTime();
        try {
            return translated(sql, work);
        } finally {
            long tookNanos = System.nanoTime() - startNanos;
            if (tookNanos >= slowNanos) {
                logger.warn("Slow statement, " + TimeUnit.NANOSECONDS.toMillis(tookNanos) + " ms: "
                        + SqlSummary.of(sql).text());
            }
        }
    }

    private <T> T translated(String sql, Function<PgOperations, T> work) {
        try {
            PgTransaction transaction = PgTransactionManager.boundTransaction(pool); // may set a savepoint again
            return work.apply(transaction != null ? transaction : pool);
        } catch (PgException e) {
            throw PgExceptionTranslator.translate("[" + sql + "]", e);
        } catch (IllegalStateException e) {
            // The transaction was rolled back by a deadline or a cancel, or a stream of it is still open.
            throw new InvalidDataAccessApiUsageException("[" + sql + "]: " + e.getMessage(), e);
        }
    }
}
