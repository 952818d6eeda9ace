package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgHost;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.ReadRouting;
import io.github.pgpure.Row;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.test.FaultTable;
import io.github.pgpure.test.ReplicatedServers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Read-only transactions on a standby that lags behind. */
@Tag("fault")
@Timeout(120)
class PoolReadRoutingIT {

    private static final TransactionOptions READ_ONLY =
            TransactionOptions.defaults().readOnly(true);

    @Test
    void readsSeeTheWritesBeforeThemOnAStandbyOrElseOnThePrimary() throws Exception {
        assumeTrue(FaultTable.canRun(
                11,
                "a standby that lags behind",
                ReplicatedServers.available(),
                "a local PostgreSQL with pg_basebackup"));
        try (ReplicatedServers servers = new ReplicatedServers()) {
            ReplicatedServers.query(servers.primaryPort(), "create table t (id bigint primary key)");
            try (PgPool careless = open(servers, Duration.ZERO);
                    PgPool pool = open(servers, Duration.ofMillis(300));
                    PgPool patient = open(servers, Duration.ofSeconds(30))) {
                // Without lag the standby is used, and each read sees the write before it.
                await().until(() -> read(pool).port() == servers.standbyPort());
                for (int i = 1; i <= 50; i++) {
                    pool.execute("insert into t values ($1)", (long) i);
                    assertThat(read(patient)).isEqualTo(new Seen(servers.standbyPort(), i));
                }

                ReplicatedServers.query(servers.standbyPort(), "select pg_wal_replay_pause()");
                await().until(() -> ReplicatedServers.query(
                                servers.standbyPort(), "select pg_get_wal_replay_pause_state()")
                        .equals("paused"));
                // One that was written by a statement, one in a transaction.
                pool.execute("insert into t values (51)");
                pool.useTransaction(tx -> tx.execute("insert into t values (52)"));
                assertThat(read(careless)).isEqualTo(new Seen(servers.standbyPort(), 50));
                long start = System.nanoTime();
                assertThat(read(pool)).isEqualTo(new Seen(servers.primaryPort(), 52));
                long fellBack = (System.nanoTime() - start) / 1_000_000;
                assertThat(fellBack).isBetween(290L, 3_000L);

                CompletableFuture<Seen> waiting = CompletableFuture.supplyAsync(() -> read(patient));
                await().during(Duration.ofMillis(200)).until(() -> !waiting.isDone());
                ReplicatedServers.query(servers.standbyPort(), "select pg_wal_replay_resume()");
                assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(new Seen(servers.standbyPort(), 52));
                FaultTable.record(
                        11,
                        "replay on the standby is paused, reads are to see the writes before them within 300 ms",
                        "read on the primary after %d ms; one with more time waited for the standby; none missed a write",
                        fellBack);
            }
        }
    }

    private record Seen(int port, long rows) {}

    private static Seen read(PgPool pool) {
        Row row = pool.inTransaction(
                READ_ONLY, tx -> tx.fetchOne("select current_setting('port')::int4, (select count(*) from t)"));
        return new Seen(row.getInt(0), row.getLong(1));
    }

    private static PgPool open(ReplicatedServers servers, Duration readYourWritesTimeout) {
        return PgPool.open(
                PgConnectOptions.builder()
                        .hosts(List.of(
                                new PgHost("127.0.0.1", servers.primaryPort()),
                                new PgHost("127.0.0.1", servers.standbyPort())))
                        .username(ReplicatedServers.USERNAME)
                        .database("postgres")
                        .targetSessionAttrs(TargetSessionAttrs.PRIMARY)
                        .build(),
                PgPoolOptions.builder()
                        .maxConnections(2)
                        .readRouting(ReadRouting.PREFER_STANDBY)
                        .readYourWritesTimeout(readYourWritesTimeout)
                        .build());
    }
}
