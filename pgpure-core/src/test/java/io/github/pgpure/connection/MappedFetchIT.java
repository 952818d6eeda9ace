package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.Row;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rows that are mapped while they arrive. */
class MappedFetchIT {

    private static final Query ROWS = Query.of("select i, 'row ' || i t from generate_series(1, $1::int) i", 5_000);

    record Item(int i, String t) {}

    private final PgConnection connection =
            PgConnection.open(PostgresServer.shared().uri());

    @AfterEach
    void close() {
        connection.close();
    }

    @Test
    void everyRowBecomesAnObjectInOrder() {
        List<Item> items = connection.fetch(ROWS, row -> row.as(Item.class));
        assertThat(items).hasSize(5_000);
        for (int i = 0; i < items.size(); i++) {
            assertThat(items.get(i)).isEqualTo(new Item(i + 1, "row " + (i + 1)));
        }
        try (PgPool pool = PgPool.open(PostgresServer.shared().uri())) {
            assertThat(pool.fetch(ROWS, row -> row.as(Item.class))).isEqualTo(items);
            assertThat(pool.<List<Integer>>inTransaction(
                            transaction -> transaction.fetch(ROWS.maxRows(3), row -> row.getInt(0))))
                    .containsExactly(1, 2, 3);
        }
    }

    @Test
    void whatTheMapperThrowsEndsTheCallAndNothingElse() {
        var failure = new IllegalArgumentException("no");
        assertThatThrownBy(() -> connection.fetch(ROWS, row -> {
                    if (row.getInt(0) == 17) {
                        throw failure;
                    }
                    return row.getInt(0);
                }))
                .isSameAs(failure);
        assertThat(connection.fetch(ROWS, row -> row.getInt(0))).hasSize(5_000);
    }

    @Test
    void aRowIsOnlyThereWhileItIsMapped() {
        List<Row> kept = connection.fetch(ROWS, row -> row);
        assertThatThrownBy(() -> kept.get(0).getInt(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("only there while it is mapped");
    }

    @Test
    void theMapperCannotUseTheConnection() {
        assertThatThrownBy(() -> connection.fetch(ROWS, row -> connection.fetchOne("select 1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("busy");
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void anErrorAfterSomeRowsIsThrown() {
        var seen = new ArrayList<Integer>();
        assertThatThrownBy(() -> connection.fetch(
                        Query.of("select 1 / (100 - i) from generate_series(1, 200) i"),
                        row -> seen.add(row.getInt(0))))
                .isInstanceOf(PgServerException.class);
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    /** All rows come with one read from the socket, long before they are mapped. */
    @Test
    void interruptIsSeenBeforeTheNextRowIsMapped() {
        var mapped = new AtomicInteger();
        assertThatThrownBy(() -> connection.fetch(Query.of("select generate_series(1, 200)"), row -> {
                    if (mapped.incrementAndGet() == 3) {
                        Thread.currentThread().interrupt();
                    }
                    return row.getInt(0);
                }))
                .isInstanceOf(QueryCancelledException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(mapped).hasValue(3);
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void deadlineEndsAMapperThatIsSlow() {
        var mapped = new AtomicInteger();
        assertThatThrownBy(() -> connection.fetch(
                        Query.of("select generate_series(1, 200)").timeout(Duration.ofSeconds(2)), row -> {
                            if (mapped.incrementAndGet() == 100) {
                                // Set later than the fetch's own one, it also passes later.
                                Deadline later = Deadline.in(Duration.ofMillis(2_200));
                                while (!later.hasPassed()) {
                                    LockSupport.parkNanos(later.remainingNanos());
                                }
                            }
                            return row.getInt(0);
                        }))
                .isInstanceOf(QueryTimeoutException.class);
        assertThat(mapped).hasValueBetween(100, 116);
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }
}
