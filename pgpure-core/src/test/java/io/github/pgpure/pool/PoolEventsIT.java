package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.Credentials;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.ReadOnlyTransactionException;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ScriptedServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a listener is told: each reason for which connections are closed, and leaks. */
@Timeout(60)
class PoolEventsIT {

    private PoolFixture fixture;
    private final ConcurrentLinkedQueue<CloseReason> closed = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> leaks = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Throwable> openFailures = new ConcurrentLinkedQueue<>();

    private final PoolListener listener = new PoolListener() {
        @Override
        public void closed(int backendPid, CloseReason reason) {
            closed.add(reason);
        }

        @Override
        public void openFailed(Throwable failure) {
            openFailures.add(failure);
        }

        @Override
        public void leakSuspected(int backendPid, String holder, long heldNanos, Throwable checkedOutAt) {
            assertThat(heldNanos).isGreaterThanOrEqualTo(50_000_000);
            leaks.add(holder + " " + backendPid + " " + checkedOutAt.getStackTrace().length);
        }
    };

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
    }

    @AfterEach
    void tearDown() {
        fixture.close();
    }

    private PgPool open(PgPoolOptions.Builder options) {
        return open(fixture.connectOptions().build(), options);
    }

    private PgPool open(PgConnectOptions connect, PgPoolOptions.Builder options) {
        PgPool pool = PgPool.open(connect, options.build(), listener);
        await().until(() -> pool.idleConnections() >= pool.options().minIdle());
        return pool;
    }

    @Test
    void everyReasonToCloseIsTold() {
        try (PgPool pool = open(fixture.options(1, 3))) {
            List<PgConnection> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                held.add(pool.checkoutConnection());
            }
            held.forEach(PgConnection::close);
            pool.resize(2, 1);
            assertThat(closed).containsExactly(CloseReason.RESIZED);
            try (PgConnection inUse = pool.checkoutConnection()) {
                pool.softEvict();
                assertThat(closed).containsExactly(CloseReason.RESIZED, CloseReason.EVICTED);
            }
            await().until(() -> closed.size() == 3 && pool.idleConnections() == 1);
        }
        assertThat(closed)
                .containsExactly(
                        CloseReason.RESIZED, CloseReason.EVICTED, CloseReason.EVICTED, CloseReason.POOL_CLOSED);
    }

    @Test
    void ageAndIdlenessAreTold() {
        try (PgPool pool = open(fixture.options(1, 2).idleTimeout(Duration.ofMillis(200)))) {
            try (PgConnection one = pool.checkoutConnection();
                    PgConnection other = pool.checkoutConnection()) {
                assertThat(one.backendPid()).isNotEqualTo(other.backendPid());
            }
            await().until(() -> closed.contains(CloseReason.IDLE));
        }
        try (PgPool pool = open(fixture.options(1, 1).maxLifetime(Duration.ofMillis(200)))) {
            await().until(() -> closed.contains(CloseReason.LIFETIME));
        }
    }

    @Test
    void lossIsTold() {
        try (PgPool pool = open(fixture.options(2, 2))) {
            fixture.terminateAll();
            assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
            await().until(() -> closed.size() == 2 && pool.idleConnections() == 2);
            assertThat(closed).containsOnly(CloseReason.LOST);
        }
    }

    @Test
    void pingWithoutAnAnswerIsTold() {
        try (FaultProxy link = new FaultProxy(fixture.server.host(), fixture.server.port());
                PgPool pool = open(
                        fixture.connectOptions()
                                .host("127.0.0.1")
                                .port(link.port())
                                .build(),
                        fixture.options(3, 3).keepaliveInterval(Duration.ofMillis(200)))) {
            link.swallow();
            await().until(() -> closed.size() == 3 && pool.idleConnections() == 3);
            assertThat(closed).containsOnly(CloseReason.PING_FAILED);
        }
    }

    @Test
    void pingThatIsAnsweredWithAResetIsToldAsSuch() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(client -> {
                    client.welcome();
                    client.skipTo('S');
                    client.rst();
                });
                PgPool pool = open(
                        server.options().build(), fixture.options(1, 1).keepaliveInterval(Duration.ofMillis(100)))) {
            await().until(() -> closed.contains(CloseReason.PING_FAILED));
            assertThat(fixture.warnings())
                    .anyMatch(text -> text.contains("after it was pinged") && text.contains("Connection reset"))
                    .noneMatch(text -> text.contains("did not answer"));
        }
    }

    @Test
    void rollbackAndResetThatFailAreTold() {
        try (PgPool pool = open(fixture.options(1, 1))) {
            PgConnection connection = pool.checkoutConnection();
            connection.execute("begin");
            fixture.terminate(connection.backendPid());
            connection.close();
            await().until(() -> closed.size() == 1);
            assertThat(closed).containsExactly(CloseReason.ROLLBACK_FAILED);
        }
        closed.clear();
        try (PgPool pool = open(fixture.options(1, 1).resetOnReturn(true))) {
            PgConnection connection = pool.checkoutConnection();
            fixture.terminate(connection.backendPid());
            connection.close();
            await().until(() -> closed.size() == 1);
            assertThat(closed).containsExactly(CloseReason.RESET_FAILED);
        }
    }

    @Test
    void hostThatIsNotWantedAnyMoreIsTold() {
        try (PostgresServer server = PostgresServer.start();
                PoolFixture own = new PoolFixture(server);
                PgPool pool = open(
                        own.connectOptions()
                                .targetSessionAttrs(TargetSessionAttrs.READ_WRITE)
                                .build(),
                        own.options(3, 3))) {
            server.execute("create table t (id int)");
            try (PgConnection inUse = pool.checkoutConnection()) {
                server.execute("alter system set default_transaction_read_only = on", "select pg_reload_conf()");
                await().until(() ->
                        server.query("show default_transaction_read_only").equals("on"));
                assertThatThrownBy(() -> pool.execute("insert into t values (1)"))
                        .isInstanceOf(ReadOnlyTransactionException.class);
                await().until(() -> closed.size() == 2);
                assertThat(inUse.fetchOne("select 1").getInt(0)).isEqualTo(1);
            }
            await().until(() -> closed.size() == 3);
            assertThat(closed).containsOnly(CloseReason.HOST_RETIRED);
            await().until(() -> !openFailures.isEmpty());
            assertThat(openFailures.peek()).hasMessageContaining("target_session_attrs=read-write");
        }
    }

    @Test
    void connectionsOpenedTogetherDoNotAgeTogether() {
        long lifetime = TimeUnit.MINUTES.toNanos(30);
        long[] lifetimes = LongStream.generate(() -> PoolCore.jittered(lifetime))
                .limit(1_000)
                .sorted()
                .toArray();
        assertThat(lifetimes[0]).isBetween(lifetime / 10 * 9, lifetime / 1000 * 905);
        assertThat(lifetimes[999]).isBetween(lifetime / 1000 * 995, lifetime);
        assertThat(PoolCore.jittered(0)).isZero();
    }

    @Test
    void leakIsToldOnce() {
        try (PgPool pool = open(fixture.options(1, 1).leakDetectionThreshold(Duration.ofMillis(50)))) {
            try (PgConnection held = pool.checkoutConnection()) {
                await().until(() -> !leaks.isEmpty());
                await().during(Duration.ofMillis(200)).until(() -> leaks.size() == 1);
                assertThat(leaks.peek())
                        .startsWith(Thread.currentThread().getName() + " " + held.backendPid() + " ")
                        .doesNotEndWith(" 0");
            }
        }
    }

    @Test
    void passwordIsRotatedWithoutAFailedCall() {
        String role = fixture.name.replace('-', '_');
        fixture.server.createRole(role, "first");
        var password = new AtomicReference<>("first");
        try (PgPool pool = open(
                fixture.connectOptions()
                        .credentials(host -> Credentials.ofPassword(role, password.get()))
                        .build(),
                fixture.options(2, 2))) {
            assertThat(pool.fetchOne("select session_user").getString(0)).isEqualTo(role);
            fixture.server.createRole(role, "second"); // sets the password of one that exists
            password.set("second");
            pool.softEvict();
            for (int i = 0; i < 20; i++) {
                assertThat(pool.fetchOne("select session_user").getString(0)).isEqualTo(role);
            }
            await().until(() -> pool.idleConnections() == 2 && pool.stats().closed() == 2);
            assertThat(closed).containsOnly(CloseReason.EVICTED);
            assertThat(openFailures).isEmpty();
        } finally {
            fixture.server.dropRole(role);
        }
    }
}
