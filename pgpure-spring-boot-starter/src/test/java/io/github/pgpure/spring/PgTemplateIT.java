package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.AcquireTimeoutException;
import io.github.pgpure.MissingRowException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.EmptyResultDataAccessException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.transaction.support.TransactionTemplate;

class PgTemplateIT {

    private static final String DATABASE = "pgpure_template";
    private static final PostgresServer server = PostgresServer.shared();

    private static PgPool pool;
    private static PgTemplate pg;
    private static TransactionTemplate transaction;

    @BeforeAll
    static void openPool() {
        server.createDatabase(DATABASE);
        pool = open(3);
        pg = new PgTemplate(pool);
        transaction = new TransactionTemplate(new PgTransactionManager(pool));
        pg.execute("create table item (id bigint primary key, name text not null, price numeric check (price > 0))");
    }

    @AfterAll
    static void closePool() {
        pool.close();
        server.dropDatabase(DATABASE);
    }

    @BeforeEach
    void fill() {
        pg.execute("delete from item");
        pg.execute("insert into item values (1, 'one', 1), (2, 'two', 2)");
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(pool.stats().activeConnections()).isZero();
    }

    @Test
    void everyOperationRunsInTheCurrentTransaction() {
        transaction.executeWithoutResult(status -> {
            int pid = pg.currentTransaction().orElseThrow().connection().backendPid();
            String sql = "select pg_backend_pid() as pid";
            assertThat(pg.fetch(sql).get(0).getInt("pid")).isEqualTo(pid);
            assertThat(pg.fetchOne(sql).getInt("pid")).isEqualTo(pid);
            assertThat(pg.fetchOneOrNone(sql).orElseThrow().getInt("pid")).isEqualTo(pid);
            try (RowStream rows = pg.stream(sql)) {
                assertThat(rows.iterator().next().getInt("pid")).isEqualTo(pid);
            }
            pg.execute("insert into item values ($1, $2, $3)", 3L, "three", 3);
            pg.executeBatch(
                    "insert into item values ($1, $2, $3)",
                    List.of(new Object[] {4L, "four", 4}, new Object[] {5L, "five", 5}));
            pg.copyIn("copy item from stdin", new ByteArrayInputStream("6\tsix\t6\n".getBytes(StandardCharsets.UTF_8)));
            var copied = new ByteArrayOutputStream();
            assertThat(pg.copyOut("copy item to stdout", copied)).isEqualTo(6);
            assertThat(copied.toString(StandardCharsets.UTF_8)).contains("6\tsix\t6");
            List<Object[]> typed = new ArrayList<>();
            assertThat(pg.copyOut("item", List.of("id"), Row::toArray, typed::add))
                    .isEqualTo(6);
            assertThat(typed).contains(new Object[] {6L});
            assertThat(server.query("select count(*) from pg_stat_activity where datname = '" + DATABASE
                            + "' and state = 'idle in transaction'"))
                    .isEqualTo("1");
            status.setRollbackOnly();
        });

        assertThat(count()).isEqualTo(2);
    }

    @Test
    void outsideOfATransactionEachStatementStandsAlone() {
        assertThat(pg.currentTransaction()).isEmpty();

        pg.execute("insert into item values (3, 'three', 3)");

        assertThat(count()).isEqualTo(3);
    }

    @Test
    void anotherThreadDoesNotJoin() throws Exception {
        transaction.executeWithoutResult(status -> {
            pg.execute("delete from item");
            for (ThreadKind kind : ThreadKind.available().toList()) {
                try {
                    kind.run(() -> {
                        assertThat(pg.currentTransaction()).isEmpty();
                        assertThat(count()).isEqualTo(2);
                    });
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
            status.setRollbackOnly();
        });
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("insert into item values (1, 'again', 1)", DuplicateKeyException.class),
                Arguments.of("insert into item values (9, null, 1)", DataIntegrityViolationException.class),
                Arguments.of("insert into item values (9, 'x', -1)", DataIntegrityViolationException.class),
                Arguments.of("select 1/0", DataIntegrityViolationException.class),
                Arguments.of("selec 1", InvalidDataAccessResourceUsageException.class),
                Arguments.of("select * from nothing_here", InvalidDataAccessResourceUsageException.class),
                Arguments.of("select nothing_here from item", InvalidDataAccessResourceUsageException.class));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void errorsAreSpringsWithTheStatementAndTheCause(String sql, Class<? extends DataAccessException> expected) {
        assertThatThrownBy(() -> pg.execute(sql))
                .isExactlyInstanceOf(expected)
                .hasMessageContaining(sql)
                .hasCauseInstanceOf(io.github.pgpure.PgServerException.class);
        assertThatThrownBy(() -> pg.fetch(sql)).isExactlyInstanceOf(expected);
        assertThatThrownBy(() -> pg.fetchOne(sql)).isExactlyInstanceOf(expected);
        assertThatThrownBy(() -> {
                    try (RowStream rows = pg.stream(sql)) {
                        rows.forEach(row -> {});
                    }
                })
                .isExactlyInstanceOf(expected);
    }

    @Test
    void errorsNeverShowAParametersValue() {
        assertThatThrownBy(() -> pg.execute("insert into item values ($1, $2, $3)", 1L, "very-secret", 1))
                .isInstanceOf(DuplicateKeyException.class)
                .satisfies(error -> assertThat(error.toString()).doesNotContain("very-secret"));
    }

    @Test
    void noRowIsAnEmptyResult() {
        assertThatThrownBy(() -> pg.fetchOne("select 1 where false"))
                .isInstanceOf(EmptyResultDataAccessException.class)
                .hasCauseInstanceOf(MissingRowException.class);
        assertThat(pg.fetchOneOrNone("select 1 where false")).isEmpty();
    }

    @Test
    void aDeadlineIsAQueryTimeout() {
        assertThatThrownBy(() -> pg.execute(Query.of("select pg_sleep(30)").timeout(Duration.ofMillis(200))))
                .isInstanceOf(QueryTimeoutException.class)
                .hasCauseInstanceOf(io.github.pgpure.QueryTimeoutException.class);
    }

    @Test
    void aLockedRowIsACannotAcquireLock() {
        transaction.executeWithoutResult(status -> {
            pg.fetch("select * from item where id = 1 for update");
            assertThatThrownBy(() -> pool.fetch("select * from item where id = 1 for update nowait"))
                    .isInstanceOf(io.github.pgpure.LockNotAvailableException.class);
            var other = new TransactionTemplate(new PgTransactionManager(pool));
            other.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
            assertThatThrownBy(() -> other.executeWithoutResult(
                            s -> pg.fetch("select * from item where id = 1 for update nowait")))
                    .isInstanceOf(CannotAcquireLockException.class);
        });
    }

    @Test
    void anExhaustedPoolIsAResourceFailure() {
        try (PgPool small = PgPool.open(
                        PgConnectOptions.parse(server.uri(DATABASE)),
                        PgPoolOptions.builder()
                                .maxConnections(1)
                                .acquireTimeout(Duration.ofMillis(200))
                                .build());
                PgConnection held = small.checkoutConnection()) {
            assertThat(held.ready()).isTrue();
            assertThatThrownBy(() -> new PgTemplate(small).fetch("select 1"))
                    .isInstanceOf(DataAccessResourceFailureException.class)
                    .hasCauseInstanceOf(AcquireTimeoutException.class);
        }
    }

    @Test
    void aStreamTranslatesErrorsThatComeLate() {
        // The first rows arrive before the division by zero is reached.
        try (RowStream rows = pg.stream("select 1 / (100000 - i) from generate_series(1, 100001) as s(i)")) {
            Iterator<Row> iterator = rows.iterator();
            assertThatThrownBy(() -> iterator.forEachRemaining(row -> {}))
                    .isInstanceOf(DataIntegrityViolationException.class)
                    .hasMessageContaining("generate_series");
        }
        assertThat(count()).isEqualTo(2);
    }

    @Test
    void aStreamWhoseConnectionDiesIsAResourceFailure() {
        try (RowStream rows = pg.stream("select pg_backend_pid(), repeat('x', 1000) from generate_series(1, 200000)")) {
            Iterator<Row> iterator = rows.iterator();
            server.query("select pg_terminate_backend(" + iterator.next().getInt(0) + ", 5000)");
            assertThatThrownBy(() -> iterator.forEachRemaining(row -> {}))
                    .isInstanceOf(DataAccessResourceFailureException.class)
                    .satisfies(e -> assertThat(e.getCause())
                            .isInstanceOfAny(PgConnectionException.class, io.github.pgpure.PgServerException.class));
        }
    }

    @Test
    void closingAStreamOfRowsGivesTheConnectionBack() {
        List<Integer> seen = new ArrayList<>();
        try (RowStream rows = pg.stream("select i from generate_series(1, 1000000) as s(i)");
                Stream<Row> stream = rows.stream()) {
            stream.limit(3).forEach(row -> seen.add(row.getInt(0)));
            assertThat(pool.stats().activeConnections()).isOne();
        }

        assertThat(seen).containsExactly(1, 2, 3);
        assertThat(pool.stats().activeConnections()).isZero();
    }

    private static long count() {
        return pg.fetchOne("select count(*) from item").getLong(0);
    }

    private static PgPool open(int maxConnections) {
        return PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder()
                        .maxConnections(maxConnections)
                        .acquireTimeout(Duration.ofSeconds(20))
                        .build());
    }
}
