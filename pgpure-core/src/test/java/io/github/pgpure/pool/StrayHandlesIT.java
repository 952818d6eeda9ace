package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.connection.PreparedStatement;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ThreadKind;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Handles that are used after their connection went back to the pool never touch it again. */
class StrayHandlesIT {

    private PgPool pool;

    @BeforeEach
    void open() {
        pool = PgPool.open(
                PgConnectOptions.parse(PostgresServer.shared().uri()),
                PgPoolOptions.builder().maxConnections(1).build());
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void streamLeftOpenIsCutOff() {
        PgConnection connection = pool.checkoutConnection();
        RowStream stream = connection.stream("select generate_series(1, 10000000)");
        Iterator<Row> rows = stream.iterator();
        rows.next();
        connection.close();
        try (PgConnection next = pool.checkoutConnection();
                RowStream nextStream = next.stream("select generate_series(1, 100000) + 0.5")) {
            Iterator<Row> nextRows = nextStream.iterator();
            nextRows.next();
            assertThatThrownBy(() -> {
                        while (rows.hasNext()) {
                            rows.next();
                        }
                    })
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cut off");
            stream.close();
            int count = 1;
            while (nextRows.hasNext()) {
                nextRows.next();
                count++;
            }
            assertThat(count).isEqualTo(100_000);
        }
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void everyHandleSaysThatItIsClosed() {
        PgConnection connection = pool.checkoutConnection();
        PreparedStatement statement = connection.prepare("stray", "select 1");
        PgTransaction transaction = connection.begin();
        connection.close();
        assertThatThrownBy(() -> connection.fetch("select 1")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> transaction.fetch("select 1")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(transaction::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> statement.fetch()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> connection.pipeline(pipeline -> pipeline.fetch("select 1")))
                .isInstanceOf(IllegalStateException.class);
        connection.cancel();
        connection.close();
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void strayCancelDoesNotHitTheNextHolder() {
        PgConnection connection = pool.checkoutConnection();
        connection.fetch("select 1");
        connection.close();
        try (PgConnection next = pool.checkoutConnection()) {
            CompletableFuture<Boolean> slept = CompletableFuture.supplyAsync(
                    () -> next.fetchOne("select pg_sleep(0.3) is not null").getBoolean(0));
            for (int i = 0; i < 100 && !slept.isDone(); i++) {
                connection.cancel();
            }
            assertThat(slept.join()).isTrue();
        }
    }

    @Test
    void connectionClosedByAnotherThreadInTheMiddleOfAStatement() throws Exception {
        PgConnection connection = pool.checkoutConnection();
        var failure = new CompletableFuture<Throwable>();
        ThreadKind.PLATFORM.start(() -> {
            try {
                connection.fetch("select pg_sleep(64)");
            } catch (Throwable e) {
                failure.complete(e);
            }
        });
        Awaitility.await().until(() -> !connection.ready());
        connection.close();
        assertThat(failure.get(10, TimeUnit.SECONDS))
                .hasMessageContaining("handle was closed while a statement was running");
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }
}
