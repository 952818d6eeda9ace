package io.github.pgpure.spring;

import io.github.pgpure.PgException;
import io.github.pgpure.Query;
import io.github.pgpure.Row;
import io.github.pgpure.RowMapper;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.EmptyResultDataAccessException;
import org.springframework.dao.IncorrectResultSizeDataAccessException;

/**
 * A query whose rows become objects; immutable and thread-safe. Each method runs it once.
 *
 * @param <T> the type of the objects
 */
public final class PgMappedQuery<T extends @Nullable Object> {

    private final PgTemplate template;
    private final Query query;
    private final RowMapper<T> mapper;

    PgMappedQuery(PgTemplate template, Query query, RowMapper<T> mapper) {
        this.template = template;
        this.query = query;
        this.mapper = mapper;
    }

    /** All rows, in order; empty when there are none. */
    public List<T> list() {
        Rows rows = template.fetch(query);
        try {
            return rows.map(mapper);
        } catch (PgException e) {
            throw PgExceptionTranslator.translate("[" + query.sql() + "]", e);
        }
    }

    /** All different objects, in the order of their first row. */
    public Set<T> set() {
        return new LinkedHashSet<>(list());
    }

    /**
     * The one row.
     *
     * @throws EmptyResultDataAccessException when there is none
     * @throws IncorrectResultSizeDataAccessException when there are several
     */
    public T single() {
        List<T> rows = atMostOne();
        if (rows.isEmpty()) {
            throw new EmptyResultDataAccessException("[" + query.sql() + "]: no row, expected one", 1);
        }
        return rows.get(0);
    }

    /**
     * The one row, or nothing when there is none, or when the mapper makes null of it.
     *
     * @throws IncorrectResultSizeDataAccessException when there are several
     */
    public Optional<T> optional() {
        List<T> rows = atMostOne();
        return rows.isEmpty() ? Optional.empty() : Optional.ofNullable(rows.get(0));
    }

    /**
     * The rows one by one, in bounded memory. The stream holds its connection until it is closed: use it in a {@code try} with
     * resources, best inside a transaction.
     */
    public Stream<T> stream() {
        RowStream rows = template.stream(query);
        return rows.stream().map(this::map);
    }

    private T map(Row row) {
        try {
            return mapper.map(row);
        } catch (PgException e) {
            throw PgExceptionTranslator.translate("[" + query.sql() + "]", e);
        }
    }

    private List<T> atMostOne() {
        List<T> rows = list();
        if (rows.size() > 1) {
            throw new IncorrectResultSizeDataAccessException(
                    "[" + query.sql() + "]: " + rows.size() + " rows, expected one", 1, rows.size());
        }
        return rows;
    }
}
