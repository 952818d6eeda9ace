package io.github.pgpure.spring;

import io.github.pgpure.PgException;
import io.github.pgpure.PgOperations;
import io.github.pgpure.Query;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.pool.PgPool;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
 * connection of the pool that goes back after it. A {@link RowStream} keeps its connection until it is closed.
 *
 * <p>Errors are {@link DataAccessException}s with the {@link PgException} as their cause, see {@link PgExceptionTranslator}. Only the
 * getters of a {@link Row}, which convert when called, throw {@link io.github.pgpure.ConversionException} itself. What is asked of a
 * transaction that a deadline has rolled back already is an {@link InvalidDataAccessApiUsageException}.
 */
public class PgTemplate implements PgOperations {

    private final PgPool pool;

    /** @param pool where statements run outside a transaction */
    public PgTemplate(PgPool pool) {
        this.pool = pool;
    }

    /** The pool where statements run outside a transaction. */
    public PgPool pool() {
        return pool;
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
        return run(query.sql(), operations -> new TranslatingRowStream(operations.stream(query), query.sql()));
    }

    @Override
    public long[] executeBatch(String sql, List<@Nullable Object[]> parameterSets) {
        return run(sql, operations -> operations.executeBatch(sql, parameterSets));
    }

    @Override
    public long copyIn(String copySql, InputStream data) {
        return run(copySql, operations -> operations.copyIn(copySql, data));
    }

    @Override
    public long copyOut(String copySql, OutputStream sink) {
        return run(copySql, operations -> operations.copyOut(copySql, sink));
    }

    private <T> T run(String sql, Function<PgOperations, T> work) {
        PgTransaction transaction = PgTransactionManager.boundTransaction(pool);
        try {
            return work.apply(transaction != null ? transaction : pool);
        } catch (PgException e) {
            throw PgExceptionTranslator.translate("[" + sql + "]", e);
        } catch (IllegalStateException e) {
            // The transaction was rolled back by a deadline or a cancel, or a stream of it is still open.
            throw new InvalidDataAccessApiUsageException("[" + sql + "]: " + e.getMessage(), e);
        }
    }
}
