package io.github.pgpure.spring;

import io.github.pgpure.PgException;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.micrometer.observation.Observation;
import java.util.Iterator;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/** A row stream whose errors are Spring's, and whose observation ends with it. */
final class TranslatingRowStream implements RowStream {

    private final RowStream rows;
    private final String task;
    private final Observation observation;
    private final Iterator<Row> iterator;
    private final @Nullable PgTransactionHolder holder;
    private boolean closed;

    TranslatingRowStream(RowStream rows, String sql, Observation observation, @Nullable PgTransactionHolder holder) {
        this.rows = rows;
        this.observation = observation;
        this.task = "[" + sql + "]";
        this.holder = holder;
        if (holder != null) {
            holder.streamOpened(this);
        }
        this.iterator = new TranslatingIterator();
    }

    @Override
    public Iterator<Row> iterator() {
        return iterator;
    }

    @Override
    public Stream<Row> stream() {
        int characteristics = Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(iterator, characteristics), false)
                .onClose(this::close);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (holder != null) {
            holder.streamClosed(this);
        }
        try {
            translated(() -> {
                rows.close();
                return true;
            });
        } finally {
            observation.stop();
        }
    }

    private <T> T translated(Supplier<T> step) {
        try {
            return step.get();
        } catch (PgException e) {
            DataAccessException translated = PgExceptionTranslator.translate(task, e);
            observation.error(translated);
            throw translated;
        }
    }

    private final class TranslatingIterator implements Iterator<Row> {

        @Override
        public boolean hasNext() {
            return translated(() -> rows.iterator().hasNext());
        }

        @Override
        public Row next() {
            return translated(() -> rows.iterator().next());
        }
    }
}
