package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.PgTransaction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one user of a connection leaves behind for the next one: by default what it has set, with a reset nothing. */
@Timeout(60)
class PoolResetIT {

    private static final String LEFT_BEHIND =
            "select current_setting('work_mem') <> $1 or coalesce(current_setting('my.own', true), '') > ''"
                    + " or to_regclass('pg_temp.left_behind') is not null"
                    + " or exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())"
                    + " or exists (select from pg_listening_channels()) or current_user <> session_user"
                    + " or exists (select from pg_cursors where is_holdable)";

    private PoolFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
    }

    @AfterEach
    void tearDown() {
        fixture.close();
    }

    @Test
    void withoutResetWhatWasSetStays() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        try (PgConnection connection = pool.checkoutConnection()) {
            connection.execute("set my.own = 'left'");
        }
        assertThat(pool.fetchOne("select current_setting('my.own')").getString(0))
                .isEqualTo("left");
    }

    @Test
    void resetUndoesWhatWasSetAndKeepsPreparedStatements() {
        PgPool pool = fixture.open(fixture.options(1, 1).resetOnReturn(true));
        String workMem = fixture.server.query("show work_mem");
        int pid;
        long prepared;
        try (PgConnection connection = pool.checkoutConnection()) {
            pid = connection.backendPid();
            assertThat(connection.fetchOne(LEFT_BEHIND, workMem).getBoolean(0)).isFalse();
            connection.execute("set work_mem = '77MB'");
            connection.fetchOne("select set_config('my.own', 'left', false)");
            connection.execute("create temp table left_behind (id int)");
            connection.fetchOne("select pg_advisory_lock(4711)");
            connection.execute("listen left_behind");
            connection.execute("declare left_behind cursor with hold for select 1");
            connection.execute("set role pg_monitor");
            assertThat(connection.fetchOne(LEFT_BEHIND, workMem).getBoolean(0)).isTrue();
            prepared = preparedStatements(connection);
        }
        try (PgConnection connection = pool.checkoutConnection()) {
            assertThat(connection.backendPid()).isEqualTo(pid);
            assertThat(connection.fetchOne(LEFT_BEHIND, workMem).getBoolean(0)).isFalse();
            assertThat(preparedStatements(connection)).isGreaterThanOrEqualTo(prepared);
        }
        assertThat(pool.stats().closed()).isZero();
    }

    private static long preparedStatements(PgConnection connection) {
        return connection
                .fetchOne("select count(*) from pg_prepared_statements")
                .getLong(0);
    }

    @Test
    void resetFollowsTheRollbackOfWhatWasLeftOpen() {
        PgPool pool = fixture.open(fixture.options(1, 1).resetOnReturn(true));
        try (PgTransaction transaction = pool.checkoutInTransaction()) {
            transaction.fetchOne("select set_config('my.own', 'left', false)");
            transaction.commit();
        }
        try (PgConnection connection = pool.checkoutConnection()) {
            assertThat(connection
                            .fetchOne("select current_setting('my.own', true)")
                            .getString(0))
                    .isNullOrEmpty();
            connection.fetchOne("select set_config('my.own', 'again', false)");
            connection.execute("begin");
        }
        assertThat(pool.fetchOne("select current_setting('my.own', true)").getString(0))
                .isNullOrEmpty();
    }

    @Test
    void singleStatementsAreNotFollowedByAReset() {
        PgPool pool = fixture.open(fixture.options(1, 1).resetOnReturn(true));
        pool.fetchOne("select set_config('my.own', 'left', false)");
        assertThat(pool.fetchOne("select current_setting('my.own')").getString(0))
                .isEqualTo("left");
    }

    @Test
    void connectionThatCannotBeResetIsReplaced() {
        PgPool pool = fixture.open(fixture.options(1, 1).resetOnReturn(true));
        PgConnection connection = pool.checkoutConnection();
        fixture.terminate(connection.backendPid());
        connection.close();
        await().until(() -> pool.stats().closed() == 1 && pool.idleConnections() == 1);
        try {
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        } catch (PgException e) {
            throw new AssertionError("a dead connection was handed out", e);
        }
    }
}
