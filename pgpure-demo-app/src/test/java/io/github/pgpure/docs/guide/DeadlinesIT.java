package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Query;
import io.github.pgpure.QueryCancelledException;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.pool.PgPool;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of docs/cancellation.md. */
@Timeout(60)
class DeadlinesIT {

    private static final ExecutorService EXECUTOR = Executors.newCachedThreadPool();

    private static GuideDatabase database;
    private static PgPool pool;

    @BeforeAll
    static void open() {
        database = new GuideDatabase("guide_deadlines_it", "create table note (text text)");
        pool = database.pool();
    }

    @AfterAll
    static void close() {
        EXECUTOR.shutdownNow();
        database.close();
    }

    @AfterEach
    void nobodyWorksOnIt() {
        await().until(() -> database.running("%pg_sleep(60)%") == 0);
    }

    @Test
    void ofAStatement() {
        assertThatThrownBy(() -> {
                    // tag::statement[]
                    pool.fetch(Query.of("select pg_sleep(60)").timeout(Duration.ofMillis(200)));
                    // end::statement[]
                })
                .isInstanceOf(QueryTimeoutException.class);
    }

    @Test
    void ofATransaction() {
        assertThatThrownBy(() -> {
                    // tag::transaction[]
                    TransactionOptions atMost = TransactionOptions.defaults().timeout(Duration.ofMillis(300));
                    pool.useTransaction(atMost, transaction -> {
                        transaction.execute("insert into note values ('rolled back')");
                        transaction.execute("select pg_sleep(60)");
                    });
                    // end::transaction[]
                })
                .isInstanceOf(QueryTimeoutException.class);
        assertThat(pool.fetch("select from note")).isEmpty();
    }

    @Test
    void ofEverything() {
        String uri = database.uri();
        // tag::default[]
        PgConnectOptions options = PgConnectOptions.parse(uri).toBuilder()
                .queryTimeout(Duration.ofSeconds(10))
                .build();
        // end::default[]
        assertThat(options.queryTimeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void interrupt() throws Exception {
        // tag::interrupt[]
        Future<Long> report = EXECUTOR.submit(() -> pool.execute("select pg_sleep(60)"));
        try {
            report.get(200, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            report.cancel(true); // interrupts the thread
        }
        // end::interrupt[]
        assertThat(report).isCancelled();
    }

    @Test
    void fromAnotherThread() throws Exception {
        try (PgConnection connection = pool.checkoutConnection()) {
            Future<?> other = EXECUTOR.submit(() -> {
                await().until(() -> database.running("%pg_sleep(60)%") == 1);
                // tag::cancel[]
                connection.cancel(); // the one method of a connection that any thread may call
                // end::cancel[]
            });
            assertThatThrownBy(() -> connection.execute("select pg_sleep(60)"))
                    .isInstanceOf(QueryCancelledException.class);
            other.get();
            // tag::goes-on[]
            assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
            // end::goes-on[]
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
