package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Credentials;
import io.github.pgpure.LoadBalanceHosts;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.ReadRouting;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolListener;
import io.github.pgpure.pool.PoolStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of docs/operations.md and docs/security.md. */
@Timeout(60)
class OperationsIT {

    private static GuideDatabase database;

    @BeforeAll
    static void open() {
        database = new GuideDatabase("guide_operations_it", "create table item (id bigint, name text)");
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @Test
    void sizing() {
        PgConnectOptions options = database.options();
        // tag::size[]
        PgPoolOptions size = PgPoolOptions.builder()
                .maxConnections(12)
                .minIdle(4)
                .acquireTimeout(Duration.ofSeconds(5))
                .leakDetectionThreshold(Duration.ofSeconds(30))
                .build();
        // end::size[]
        try (PgPool pool = PgPool.open(options, size)) {
            // tag::resize[]
            pool.resize(20, 4);
            // end::resize[]
            assertThat(pool.maxConnections()).isEqualTo(20);
            // tag::stats[]
            PoolStats stats = pool.stats();
            Duration meanWait = Duration.ofNanos(stats.acquireNanos() / Math.max(1, stats.acquired()));
            pool.connectionsInUse().forEach(use -> System.out.println(use.holder() + " since " + use.held()));
            // end::stats[]
            assertThat(meanWait).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void severalHosts() {
        String uri = database.uri();
        // tag::hosts[]
        PgConnectOptions primary = PgConnectOptions.parse(
                "postgresql://app@db1:5432,db2:5432/shop?target_session_attrs=primary&connect_timeout=3");
        // end::hosts[]
        assertThat(primary.hosts()).hasSize(2);
        assertThat(primary.targetSessionAttrs()).isEqualTo(TargetSessionAttrs.PRIMARY);

        PgConnectOptions options = PgConnectOptions.parse(uri);
        // tag::routing[]
        PgPoolOptions routed =
                PgPoolOptions.builder().readRouting(ReadRouting.PREFER_STANDBY).build();
        // end::routing[]
        assertThat(options.loadBalanceHosts()).isEqualTo(LoadBalanceHosts.DISABLE);
        try (PgPool pool = PgPool.open(options, routed)) {
            // tag::read-only[]
            long items = pool.inTransaction(
                    TransactionOptions.defaults().readOnly(true),
                    transaction ->
                            transaction.fetchOne("select count(*) from item").getLong(0));
            // end::read-only[]
            assertThat(items).isNotNegative();
        }
    }

    @Test
    void behindPgBouncer() {
        PgConnectOptions options = database.options();
        // tag::pgbouncer[]
        PgConnectOptions throughPgBouncer =
                options.toBuilder().transactionPooling(true).build();
        // end::pgbouncer[]
        try (PgPool pool = PgPool.open(throughPgBouncer)) {
            assertThat(pool.fetch("select $1::int", 1)).hasSize(1);
            assertThat(pool.fetch("select from pg_prepared_statements")).isEmpty();
        }
    }

    @Test
    void events() {
        List<String> log = new CopyOnWriteArrayList<>();
        // tag::listener[]
        PoolListener listener = new PoolListener() {
            @Override
            public void openFailed(Throwable failure) {
                log.add("cannot connect: " + failure.getMessage());
            }

            @Override
            public void leakSuspected(int backendPid, String holder, long heldNanos, Throwable checkedOutAt) {
                log.add(holder + " holds backend " + backendPid);
            }
        };
        try (PgPool pool = PgPool.open(database.options(), PgPoolOptions.defaults(), listener)) {
            pool.execute("select 1");
        }
        // end::listener[]
        assertThat(log).isEmpty();
    }

    @Test
    void maintenance() {
        try (PgPool pool = PgPool.open(database.options())) {
            // tag::maintenance[]
            pool.suspend(); // callers wait now
            pool.softEvict(); // connections are replaced as they come back
            pool.resume();
            // end::maintenance[]
            assertThat(pool.fetch("select 1")).hasSize(1);
        }
    }

    /** A vault stands for whatever keeps the password. */
    private record Vault(String user, String secret) {
        String currentPassword() {
            return secret;
        }
    }

    @Test
    void credentials() {
        PgConnectOptions base = database.options();
        Vault vault = new Vault(base.username(), base.password());
        // tag::credentials[]
        PgConnectOptions options = base.toBuilder()
                .credentials(host -> Credentials.ofPassword(vault.user(), vault.currentPassword()))
                .build();
        // end::credentials[]
        try (PgPool pool = PgPool.open(options)) {
            assertThat(pool.fetch("select 1")).hasSize(1);
        }
    }

    @Test
    void valuesAreParameters() {
        String name = "Robert'); drop table item; --";
        PgPool pool = database.pool();
        // tag::parameters[]
        pool.execute("insert into item (id, name) values ($1, $2)", 1, name);
        // end::parameters[]
        List<String> wanted = new ArrayList<>(List.of("name", "id"));
        // tag::identifiers[]
        // Names cannot be parameters: choose from those you know.
        String column = wanted.get(0).equals("name") ? "name" : "id";
        pool.fetch("select * from item order by " + column);
        // … or have the server quote them.
        String sql = pool.fetchOne("select format('select * from item order by %I', $1::text)", wanted.get(0))
                .getString(0);
        // end::identifiers[]
        assertThat(pool.fetch(sql))
                .hasSize(1)
                .allSatisfy(row -> assertThat(row.getString("name")).isEqualTo(name));
    }
}
