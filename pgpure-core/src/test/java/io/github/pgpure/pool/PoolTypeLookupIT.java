package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.TypeName;
import io.github.pgpure.test.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What finding out about types costs a pool: counted in the server's own log of statements. */
@Timeout(120)
class PoolTypeLookupIT {

    private static final int CALLERS = 8;

    private static PostgresServer server;

    private enum Mood {
        SAD,
        HAPPY
    }

    private PoolFixture fixture;
    private PgPool pool;

    @BeforeAll
    static void start() {
        server = PostgresServer.start("log_statement=all");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() {
        fixture = new PoolFixture(server);
        pool = fixture.open(fixture.options(CALLERS, CALLERS));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** How often the catalogs were asked for types so far. */
    private static long lookups() throws IOException {
        String mark = "mark " + UUID.randomUUID();
        server.query("select '" + mark + "'");
        await().until(() -> log().contains(mark));
        return log().lines()
                .filter(line -> line.contains("with recursive needed"))
                .count();
    }

    private static String log() throws IOException {
        return Files.readString(server.log());
    }

    @Test
    void manyCallersWhoMeetAnUnknownTypeAtOnceCostOneQuery() throws Exception {
        int types = 25;
        var create = new StringBuilder();
        for (int i = 0; i < types; i++) {
            create.append("create type met_at_once_" + i + " as (a int, b text);");
        }
        pool.execute(create.toString());
        long before = lookups();
        var barrier = new CyclicBarrier(CALLERS);
        ExecutorService executor = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Future<?>> callers = new ArrayList<>();
            for (int caller = 0; caller < CALLERS; caller++) {
                callers.add(executor.submit(() -> {
                    try (PgConnection connection = pool.checkoutConnection()) {
                        for (int i = 0; i < types; i++) {
                            barrier.await();
                            assertThat(connection
                                            .fetchOne("select row(" + i + ", 'x')::met_at_once_" + i)
                                            .get(0))
                                    .isEqualTo(Map.of("a", i, "b", "x"));
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> caller : callers) {
                caller.get();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(lookups() - before).isEqualTo(types);
        // What is known is known to connections that are opened later too.
        fixture.terminateAll();
        for (int i = 0; i < types; i++) {
            assertThat(pool.fetchOne("select array[row(1, 'y')::met_at_once_" + i + "]")
                            .get(0))
                    .isEqualTo(List.of(Map.of("a", 1, "b", "y")));
        }
        assertThat(lookups() - before).isEqualTo(types);
    }

    @Test
    void builtInTypesCostNothing() throws Exception {
        long before = lookups();
        pool.fetchOne(
                "select 1, 'x'::text, array[1.5], now(), '{}'::jsonb, int4range(1, 2), '{}'::int8multirange, point(1, 2)");
        assertThat(lookups()).isEqualTo(before);
    }

    @Test
    void aTypeThatIsCreatedAgainIsFollowedByAllConnectionsAndTheirCachedStatements() throws Exception {
        pool.addConverter(EnumConverter.of(TypeName.of("fleeting_mood"), Mood.class));
        long before = lookups();
        int rounds = 5;
        for (int round = 0; round < rounds; round++) {
            pool.execute("drop type if exists fleeting_mood");
            pool.execute("create type fleeting_mood as enum ('sad', 'happy')");
            List<PgConnection> all = new ArrayList<>();
            try {
                for (int i = 0; i < CALLERS; i++) {
                    all.add(pool.checkoutConnection());
                }
                for (PgConnection connection : all) {
                    assertThat(connection
                                    .fetchOne("select $1::fleeting_mood", Mood.HAPPY)
                                    .get(0))
                            .isEqualTo(Mood.HAPPY);
                    assertThat(connection
                                    .fetchOne("select array['sad'::fleeting_mood]")
                                    .get(0))
                            .isEqualTo(List.of(Mood.SAD));
                }
            } finally {
                all.forEach(PgConnection::close);
            }
        }
        assertThat(lookups() - before).isEqualTo(rounds);
    }
}
