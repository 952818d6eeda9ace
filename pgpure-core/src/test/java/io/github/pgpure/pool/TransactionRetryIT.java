package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.IsolationLevel;
import io.github.pgpure.SerializationFailureException;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.test.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Work that could not be serialized is run again, where that was asked for. */
class TransactionRetryIT {

    private static final TransactionOptions SERIALIZABLE =
            TransactionOptions.defaults().isolation(IsolationLevel.SERIALIZABLE);

    private PgPool pool;

    @BeforeEach
    void open() {
        pool = PgPool.open(PostgresServer.shared().uri());
        pool.execute(
                "drop table if exists counter; create table counter (n int not null); insert into counter values (0)");
    }

    @AfterEach
    void close() {
        pool.execute("drop table counter");
        pool.close();
    }

    @Test
    void everyIncrementOfManyCallersCounts() throws Exception {
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var attempts = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            var thread = new Thread(() -> {
                try {
                    for (int i = 0; i < 25; i++) {
                        pool.useTransaction(SERIALIZABLE.retries(1_000), tx -> {
                            attempts.incrementAndGet();
                            int n = tx.fetchOne("select n from counter").getInt(0);
                            tx.execute("update counter set n = $1", n + 1);
                        });
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(pool.fetchOne("select n from counter").getInt(0)).isEqualTo(100);
        assertThat(attempts.get()).isGreaterThanOrEqualTo(100);
    }

    @Test
    void withoutRetriesTheFailureIsTheCallers() {
        var attempts = new AtomicInteger();
        assertThatThrownBy(() -> pool.inTransaction(SERIALIZABLE, tx -> {
                    attempts.incrementAndGet();
                    return conflict(tx);
                }))
                .isInstanceOf(SerializationFailureException.class);
        assertThat(attempts.get()).isEqualTo(1);
        assertThatThrownBy(() -> pool.inTransaction(SERIALIZABLE.retries(2), tx -> {
                    attempts.incrementAndGet();
                    return conflict(tx);
                }))
                .isInstanceOf(SerializationFailureException.class);
        assertThat(attempts.get()).isEqualTo(4);
    }

    @Test
    void otherFailuresAreNotRetried() {
        var attempts = new AtomicInteger();
        assertThatThrownBy(() -> pool.useTransaction(SERIALIZABLE.retries(5), tx -> {
                    attempts.incrementAndGet();
                    throw new IllegalStateException("the work itself");
                }))
                .hasMessage("the work itself");
        assertThat(attempts.get()).isEqualTo(1);
    }

    private long conflict(io.github.pgpure.connection.PgTransaction tx) {
        tx.fetchOne("select n from counter");
        pool.execute("update counter set n = n + $1", 1);
        return tx.execute("update counter set n = n + $1", 1);
    }
}
