package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.test.FaultProxy;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes on a session that several callers use, and what does not. */
@Timeout(30)
class LaneIT {

    private final AtomicInteger left = new AtomicInteger();
    private Session session;
    private Lane lane;

    /** Whether the session is given back as soon as nobody uses it, as where others wait for one. */
    private boolean leavesWhenEmptied;

    /** How many statements the session kept when it was given back. */
    private int keptWhenLeft;

    @BeforeEach
    void open() {
        session = Session.open(PgConnectOptions.parse(PostgresServer.shared().uri()), new TypeRegistry());
        try (PgConnection connection = session.connection(ended -> {})) {
            connection.execute("create temp table copied (i int)");
        }
        lane = session.share(new Lane.Owner() {
            @Override
            public void emptied(Lane lane) {
                if (leavesWhenEmptied) {
                    lane.leaveIfEmpty();
                }
            }

            @Override
            public void left(Lane lane) {
                keptWhenLeft = session.preparedStatements();
                left.incrementAndGet();
            }
        });
    }

    @AfterEach
    void close() {
        session.close();
    }

    private LaneCall fetch(String sql) {
        return lane.fetch(Query.of(sql), Deadline.in(Duration.ofSeconds(5)));
    }

    /** The last of them cannot be told by the words between COPY and STDIN. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "copy copied from stdin",
                "copy copied to stdout",
                "/* a /* b */ c */ copy copied from stdin",
                "copy copied from /* here */ stdin"
            })
    void copyIsNothingForALane(String copy) {
        assertThat(fetch(copy)).isSameAs(LaneCall.NOT_FOR_LANES);
        assertThat(fetch("select 1").fate()).isEqualTo(LaneCall.Fate.ANSWERED);
    }

    @Test
    void sessionIsGivenBackWhenTheLaneIsLeft() {
        assertThat(fetch("select 1").fate()).isEqualTo(LaneCall.Fate.ANSWERED);
        lane.seal();
        assertThat(left).hasValue(1);
        assertThat(session.isIdle()).isTrue();
    }

    @Test
    void whatWasPreparedIsKeptBeforeTheSessionIsGivenBack() {
        int before = session.preparedStatements();
        leavesWhenEmptied = true;
        assertThat(fetch("select 1").fate()).as("left after it was prepared").isEqualTo(LaneCall.Fate.REFUSED);
        assertThat(left).hasValue(1);
        assertThat(keptWhenLeft).isEqualTo(before + 1);
    }

    @Test
    void callerWhoIsLateLeavesTheSessionToItsNextOwner() {
        fetch("select 1");
        lane.seal();
        assertThat(left).hasValue(1);
        try (PgConnection next = session.connection(ended -> {})) {
            next.fetchOne("select 2");
            int number = nextNumber();
            assertThat(fetch("select 1").fate()).as("known to the lane").isEqualTo(LaneCall.Fate.REFUSED);
            assertThat(fetch("select 2").fate()).as("known to the session").isEqualTo(LaneCall.Fate.REFUSED);
            assertThat(fetch("select 3").fate()).as("not prepared").isEqualTo(LaneCall.Fate.REFUSED);
            assertThat(nextNumber()).as("no name was taken").isEqualTo(number + 1);
            assertThat(session.lastSql()).isEqualTo("select 2");
        }
    }

    /** What the request could still hit would be a stranger's statement. */
    @Test
    void sessionThatACancelRequestMayYetReachIsNotUsedAgain() throws Exception {
        PostgresServer server = PostgresServer.shared();
        try (var proxy = new FaultProxy(server.host(), server.port())) {
            PgConnectOptions through = PgConnectOptions.parse(server.uri()).toBuilder()
                    .host("127.0.0.1")
                    .port(proxy.port())
                    .build();
            var deadWhenLeft = new CompletableFuture<Boolean>();
            Session shared = Session.open(through, new TypeRegistry());
            Lane slow = shared.share(new Lane.Owner() {
                @Override
                public void emptied(Lane lane) {}

                @Override
                public void left(Lane lane) {
                    deadWhenLeft.complete(shared.isDead());
                }
            });
            String sleep = "select pg_sleep($1)";
            slow.fetch(Query.of(sleep, 0.0), Deadline.NONE); // prepared from now on
            proxy.resetNew();
            var call = new CompletableFuture<Throwable>();
            new Thread(() -> call.complete(
                            catchThrowable(() -> slow.fetch(Query.of(sleep, 3.0), Deadline.in(Duration.ofSeconds(1))))))
                    .start();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> {
                        slow.tick(System.nanoTime());
                        // A call that has ended otherwise leaves nothing to wait for.
                        return deadWhenLeft.isDone() || call.isDone() && !(call.get() instanceof QueryTimeoutException);
                    });
            assertThat(call.get(20, TimeUnit.SECONDS)).isInstanceOf(QueryTimeoutException.class);
            assertThat(deadWhenLeft.get()).isTrue();
        }
    }

    private int nextNumber() {
        return Integer.parseInt(session.runner().statements().nextName().replace("pgpure_", ""));
    }
}
