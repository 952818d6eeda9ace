package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.UniqueViolationException;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What fails or is given up halfway leaves neither half of its effects nor anything on the wire for the next statement. */
@Timeout(60)
class SessionIntegrityIT {

    private PgConnection connection;

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
        connection.execute("create temp table whole (id int primary key)");
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    @Test
    void sqlThatCannotBeSentLeavesNoTraceOnTheWire() {
        assertThatThrownBy(() -> connection.execute("select '\0'")).isInstanceOf(IllegalArgumentException.class);
        assertThat(connection.ready()).isTrue();
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into whole values (1)");
            assertThatThrownBy(() -> tx.execute("select '\0'")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> tx.copyIn("copy whole from stdin\0", InputStream.nullInputStream()))
                    .isInstanceOf(IllegalArgumentException.class);
            tx.commit();
        }
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void encoderThatFailsWithAnErrorLeavesNoTraceOnTheWire() {
        connection.fetch("select $1::int[]", List.of(1));
        var failing = new AbstractList<Integer>() {
            @Override
            public Integer get(int index) {
                throw new StackOverflowError("a deeply nested value");
            }

            @Override
            public int size() {
                return 3;
            }
        };
        assertThatThrownBy(() -> connection.fetch("select $1::int[]", failing)).isInstanceOf(StackOverflowError.class);
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void batchWhoseSourceFailsHalfwayHasNoEffect() {
        var sets = new AbstractList<Object[]>() {
            @Override
            public Object[] get(int index) {
                if (index == 4_000) {
                    throw new IllegalStateException("the source is gone");
                }
                return new Object[] {index};
            }

            @Override
            public int size() {
                return 5_000;
            }
        };
        assertThatThrownBy(() -> connection.executeBatch("insert into whole values ($1)", sets))
                .hasMessage("the source is gone");
        assertThat(count()).isZero();
        assertThat(connection.executeBatch("insert into whole values ($1)", List.<Object[]>of(new Object[] {1})))
                .containsExactly(1);
    }

    @Test
    void errorInALongPipelineInATransactionIsThatOfAllThatFollows() {
        var failed = new ArrayList<CompletableFuture<Long>>();
        try (PgTransaction tx = connection.begin()) {
            tx.pipeline(pipeline -> {
                pipeline.execute("insert into whole values ($1)", 1);
                for (int i = 0; i < 5_000; i++) {
                    failed.add(pipeline.execute("insert into whole values ($1)", 1));
                }
                return null;
            });
            tx.rollback();
        }
        assertThat(failed)
                .allSatisfy(
                        future -> assertThatThrownBy(future::join).hasCauseInstanceOf(UniqueViolationException.class));
        assertThat(connection.dead()).isFalse();
        assertThat(count()).isZero();
    }

    @Test
    void pipelineMayHaveMoreStatementsThanTheCache() {
        try (PgConnection small =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()).toBuilder()
                        .statementCacheSize(2)
                        .build())) {
            var results = new ArrayList<CompletableFuture<Rows>>();
            small.pipeline(pipeline -> {
                for (int i = 0; i < 10; i++) {
                    results.add(pipeline.fetch("select $1::int + " + i, 100));
                }
                return null;
            });
            for (int i = 0; i < 10; i++) {
                assertThat(results.get(i).join().get(0).getInt(0)).isEqualTo(100 + i);
            }
            small.fetch("select 1");
            assertThat(small.fetchOne("select count(*) from pg_prepared_statements")
                            .getInt(0))
                    .isLessThanOrEqualTo(2);
        }
    }

    @Test
    void pipelineNeverRunsTwiceWhatWasCommitted() {
        connection.execute("create temp table log (id int)");
        connection.pipeline(pipeline -> {
            pipeline.execute("insert into log values ($1)", 1);
            pipeline.execute("commit");
            pipeline.execute("select 1 / $1", 0);
            return null;
        });
        assertThat(connection.fetchOne("select count(*) from log").getInt(0)).isEqualTo(1);
        String stale = "select * from log";
        connection.fetch(stale);
        connection.execute("alter table log add note text");
        CompletableFuture<?> failed = connection.pipeline(pipeline -> {
            pipeline.execute("insert into log values ($1)", 2);
            pipeline.execute("/* that /* is */ it */ commit");
            return pipeline.fetch(stale);
        });
        assertThat(failed)
                .as("others may have followed it, so it is not run at a later time")
                .isCompletedExceptionally();
        assertThat(connection.fetchOne("select count(*) from log where id = 2").getInt(0))
                .isEqualTo(1);
    }

    @Test
    void pipelineThatIsRunAgainForAStaleStatementHasOneEffect() {
        connection.execute("create temp table log (id int)");
        String stale = "select * from log";
        connection.fetch(stale);
        connection.execute("alter table log add note text");
        CompletableFuture<Rows> seen = connection.pipeline(pipeline -> {
            pipeline.execute("insert into log (id) values ($1)", 1);
            CompletableFuture<Rows> rows = pipeline.fetch(stale);
            pipeline.execute("/* the last */ insert into log (id) values ($1)", 2);
            return rows;
        });
        assertThat(seen.join()).hasSize(1);
        assertThat(connection.fetchOne("select count(*) from log").getInt(0)).isEqualTo(2);
    }

    /** The server counts how often a session has taken a lock. */
    @Test
    void pipelineNeverRunsTwiceWhatOutlivesARollback() {
        CompletableFuture<Rows> failed = connection.pipeline(pipeline -> {
            pipeline.fetch("select pg_advisory_lock($1)", 4711L);
            return pipeline.fetch("select 1 / $1", 0);
        });
        assertThat(failed).isCompletedExceptionally();
        assertThat(connection.fetchOne("select pg_advisory_unlock(4711)").getBoolean(0))
                .isTrue();
        assertThat(connection.fetchOne("select pg_advisory_unlock(4711)").getBoolean(0))
                .as("it was taken once")
                .isFalse();
    }

    @Test
    void pipelineEndsWithItsHandle() {
        try (PgPool pool = PgPool.open(
                PgConnectOptions.parse(PostgresServer.shared().uri()),
                PgPoolOptions.builder().maxConnections(1).minIdle(1).build())) {
            var leaked = new AtomicReference<CompletableFuture<Long>>();
            PgConnection handle = pool.checkoutConnection();
            assertThatThrownBy(() -> handle.pipeline(pipeline -> {
                        leaked.set(pipeline.execute("create table must_never_exist ()"));
                        handle.close();
                        return null;
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            assertThat(leaked.get()).isCompletedExceptionally();
            PgTransaction tx = pool.checkoutInTransaction();
            assertThatThrownBy(() -> tx.pipeline(pipeline -> {
                        tx.commit();
                        leaked.set(pipeline.execute("create table must_never_exist ()"));
                        return null;
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was committed");
            tx.close();
            assertThat(tx.active()).isFalse();
            assertThat(pool.fetchOne("select to_regclass('must_never_exist') is null")
                            .getBoolean(0))
                    .isTrue();
        }
    }

    @Test
    void rollbackEndsAnOpenStreamAndIsOne() {
        PgTransaction tx = connection.begin();
        tx.execute("insert into whole values (1)");
        RowStream rows = tx.stream("select generate_series(1, 100000)");
        rows.iterator().next();
        tx.rollback();
        rows.close();
        connection.execute("insert into whole values (2)");
        tx.close();
        assertThat(connection.inTransaction()).isFalse();
        assertThat(connection.fetchOne("select id from whole").getInt(0)).isEqualTo(2);
    }

    @Test
    void connectionClosedFromWithinItsStatementNeverHasTwoUsers() {
        try (PgPool pool = PgPool.open(
                PgConnectOptions.parse(PostgresServer.shared().uri()),
                PgPoolOptions.builder().maxConnections(1).minIdle(1).build())) {
            PgConnection handle = pool.checkoutConnection();
            handle.execute("create temp table target (a text)");
            var source = new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new IOException("not used");
                }

                @Override
                public int read(byte[] into) {
                    handle.close();
                    return new ByteArrayInputStream(new byte[] {'x', '\n'}).read(into, 0, into.length);
                }
            };
            assertThatThrownBy(() -> handle.copyIn("copy target from stdin", source))
                    .isInstanceOf(io.github.pgpure.PgConnectionException.class)
                    .hasMessageContaining("closed while a statement was running");
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        }
    }

    @Test
    void savepointsMayEndInAnyOrder() {
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into whole values (1)");
            PgTransaction outer = tx.savepoint();
            outer.execute("insert into whole values (2)");
            PgTransaction inner = outer.savepoint();
            inner.execute("insert into whole values (3)");
            outer.rollback();
            inner.close();
            PgTransaction first = tx.savepoint();
            PgTransaction second = tx.savepoint();
            first.commit();
            second.close();
            assertThat(tx.active()).isTrue();
            tx.commit();
        }
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void interruptDoesNotKeepASavepointFromBeingUndone() {
        try (PgTransaction tx = connection.begin()) {
            PgTransaction savepoint = tx.savepoint();
            savepoint.execute("insert into whole values (1)");
            Thread.currentThread().interrupt();
            try {
                savepoint.close();
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            tx.commit();
        }
        assertThat(count()).isZero();
    }

    @Test
    void nothingRunsByItselfThatWasMeantForALostTransaction() {
        PreparedStatement insert = connection.prepare("insert_whole", "insert into whole values ($1)");
        try (PgTransaction tx = connection.begin()) {
            insert.execute(1);
            assertThatThrownBy(() -> tx.fetch(Query.of("select pg_sleep(30)").timeout(Duration.ofSeconds(1))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThatThrownBy(() -> insert.execute(2))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was rolled back");
            assertThatThrownBy(() -> connection.execute("insert into whole values (3)"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was rolled back");
        }
        assertThat(count()).isZero();
        assertThat(insert.execute(4)).isEqualTo(1);
    }

    @Test
    void deadlineOfATransactionEndsWithIt() {
        try (PgTransaction tx = connection.begin(TransactionOptions.defaults().timeout(Duration.ofSeconds(2)))) {
            tx.execute("insert into whole values (1)");
            tx.execute("commit");
            assertThatThrownBy(() -> tx.execute("select 1")).isInstanceOf(IllegalStateException.class);
        }
        connection.execute("select pg_sleep(2.2)");
    }

    @Test
    void changedResultIsNoticedByStreamsBatchesAndPipelines() {
        String sql = "insert into whole values ($1) returning *";
        String select = "select * from whole";
        connection.fetch(sql, 1);
        connection.fetch(select);
        connection.execute("alter table whole add a int default 7");
        try (RowStream rows = connection.stream(select)) {
            assertThat(rows.iterator().next().getInt("a")).isEqualTo(7);
        }
        assertThat(connection.executeBatch(sql, List.of(new Object[] {2}, new Object[] {3})))
                .containsExactly(1, 1);
        connection.execute("alter table whole add b int default 8");
        Rows piped = connection
                .pipeline(pipeline -> {
                    pipeline.execute(sql, 4);
                    return pipeline.fetch(select);
                })
                .join();
        assertThat(piped)
                .hasSize(4)
                .allSatisfy(row -> assertThat(row.getInt("b")).isEqualTo(8));
    }

    @Test
    void tooManyParametersAreRefusedBeforeAnythingIsSent() {
        Object[] values = new Object[65_536];
        java.util.Arrays.fill(values, 1);
        String sql = "select 1 where 1 in (" + String.join(",", Collections.nCopies(values.length, "$1")) + ")";
        assertThatThrownBy(() -> connection.fetch(sql, values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65535");
        var named = new StringBuilder("select 1 where 1 in (:p0");
        for (int i = 1; i < values.length; i++) {
            named.append(", :p").append(i);
        }
        assertThatThrownBy(() -> connection.fetch(Query.of(named + ")").bind("p0", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65535");
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }

    @Test
    void preparedStatementsDoNotOutliveTheirHandle() {
        try (PgPool pool = PgPool.open(
                PgConnectOptions.parse(PostgresServer.shared().uri()),
                PgPoolOptions.builder().maxConnections(1).minIdle(1).build())) {
            for (int i = 0; i < 3; i++) {
                try (PgConnection handle = pool.checkoutConnection()) {
                    assertThat(handle.prepare("mine", "select " + i).fetchOne().getInt(0))
                            .isEqualTo(i);
                }
            }
        }
    }

    @Test
    void whatACommitHasMadeLastIsNotCalledRolledBack() {
        var failure = catchThrowableOfType(
                PgServerException.class,
                () -> connection.execute("begin; insert into whole values (1); commit; select 1 / 0"));
        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void pipelineDoesNotTakeARollbackForACommit() {
        try (PgTransaction tx = connection.begin()) {
            tx.execute("insert into whole values (1)");
            assertThatThrownBy(() -> tx.execute("select 1 / 0")).isInstanceOf(PgServerException.class);
            CompletableFuture<?> committed = tx.pipeline(Pipeline::commit);
            assertThatThrownBy(committed::join).hasCauseInstanceOf(PgServerException.class);
            assertThatThrownBy(() -> tx.execute("select 1")).hasMessageContaining("was rolled back");
        }
        assertThat(count()).isZero();
    }

    private int count() {
        return connection.fetchOne("select count(*) from whole").getInt(0);
    }
}
