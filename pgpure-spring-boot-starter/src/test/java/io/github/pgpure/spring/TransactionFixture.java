package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A pool with a table of names and, for each test, a transaction manager that leaves nothing on its thread or in the pool. */
abstract class TransactionFixture {

    private static final String DATABASE = "pgpure_transactions";
    private static final PostgresServer server = PostgresServer.shared();

    static PgTemplate pg;

    private static PgPool pool;

    PgTransactionManager manager;
    TransactionTemplate template;

    @BeforeAll
    static void openPool() {
        server.createDatabase(DATABASE);
        pool = open(4);
        pg = new PgTemplate(pool);
        pg.execute("create table entry (name text primary key)");
    }

    @AfterAll
    static void closePool() {
        pool.close();
        server.dropDatabase(DATABASE);
    }

    @BeforeEach
    void prepare() {
        pg.execute("delete from entry");
        manager = new PgTransactionManager(pool);
        template = new TransactionTemplate(manager);
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
        assertThat(pool.stats().activeConnections()).isZero();
    }

    static PgPool open(int maxConnections) {
        return PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder()
                        .maxConnections(maxConnections)
                        .acquireTimeout(Duration.ofSeconds(20))
                        .build());
    }

    static void record(List<Integer> completions) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                completions.add(status);
            }
        });
    }

    /** Returns when the backend is gone, so that nothing after it depends on luck. */
    static void terminate(int pid) {
        server.query("select pg_terminate_backend(" + pid + ", 5000)");
    }

    static void insert(String name) {
        pg.execute("insert into entry values ($1)", name);
    }

    static List<String> names() {
        return pg.fetch("select name from entry order by name").map(row -> String.valueOf(row.getString(0)));
    }
}
