package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.ConversionException;
import io.github.pgpure.InvalidPasswordException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConnectionException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.UndefinedColumnException;
import io.github.pgpure.UndefinedTableException;
import io.github.pgpure.test.PostgresServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.LocalDate;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bad input gets an error that says what to do, and nothing is leaked by it. */
class BadInputIT {

    private static final String APPLICATION = "bad-input";

    private static PostgresServer server;
    private static PgPool pool;

    @BeforeAll
    static void open() {
        server = PostgresServer.embedded();
        pool = PgPool.open(
                options().build(), PgPoolOptions.builder().maxConnections(2).build());
        Awaitility.await().until(() -> pool.stats().idleConnections() == 2);
    }

    @AfterAll
    static void close() {
        pool.close();
    }

    @AfterEach
    void nothingIsLeaked() {
        Awaitility.await().untilAsserted(() -> {
            PoolStats stats = pool.stats();
            assertThat(stats.activeConnections()).isZero();
            assertThat(stats.opened()).as("connections lost to bad input").isEqualTo(2);
        });
        Awaitility.await()
                .untilAsserted(() -> assertThat(server.query(
                                "select count(*) from pg_stat_activity where application_name = '" + APPLICATION + "'"))
                        .isEqualTo("2"));
        assertThat(pool.fetchOne("select $1::int", 1).getInt(0)).isEqualTo(1);
    }

    @Test
    void noServer() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertThatThrownBy(() -> PgPool.open(options().port(port).build()))
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("localhost:" + port)
                .hasMessageContaining("check that a PostgreSQL server is running there");
    }

    @Test
    void wrongPassword() {
        assertThatThrownBy(() -> PgPool.open(options().password("s3cret").build()))
                .isInstanceOf(InvalidPasswordException.class)
                .hasMessageContaining("password")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void unknownDatabase() {
        assertThatThrownBy(() -> PgPool.open(options().database("nowhere").build()))
                .isInstanceOfSatisfying(
                        PgServerException.class, e -> assertThat(e.sqlState()).isEqualTo("3D000"))
                .hasMessageContaining("nowhere");
    }

    @Test
    void wrongParameterCount() {
        for (Object[] params : List.of(new Object[] {1}, new Object[] {1, 2, 3})) {
            assertThatThrownBy(() -> pool.fetch("select $1::int + $2::int", params))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the statement has 2 parameters");
        }
    }

    @Test
    void unknownParameterName() {
        assertThatThrownBy(() -> pool.fetch(Query.of("select :id::int").bind("ident", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no parameter :ident")
                .hasMessageContaining("it has :id");
        assertThatThrownBy(() -> pool.fetch(Query.of("select :id::int")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bind(\"id\"");
        assertThatThrownBy(() -> pool.fetch(Query.of("select :a::int, $1::int").bind("a", 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Query.of("select :a, $1", 1).bind("a", 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void unknownColumnNames() {
        assertThatThrownBy(() -> pool.fetchOne("select 1 as id").get("name"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no column 'name'; it has id");
        assertThatThrownBy(() -> pool.fetchOne("select 1 as id").get(1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> pool.fetch("select name from pg_class")).isInstanceOf(UndefinedColumnException.class);
        assertThatThrownBy(() -> pool.fetch("select * from nowhere")).isInstanceOf(UndefinedTableException.class);
    }

    @Test
    void conversionsThatDoNotFit() {
        assertThatThrownBy(() -> pool.fetch("select $1::int", LocalDate.of(2026, 1, 1)))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("$1")
                .hasMessageContaining("int4")
                .hasMessageContaining("LocalDate")
                .hasMessageNotContaining("2026");
        assertThatThrownBy(() -> pool.fetch("select $1::int", Long.MAX_VALUE)).isInstanceOf(ConversionException.class);
        assertThatThrownBy(() -> pool.fetchOne("select 'x'::text as word").getInt("word"))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("word");
        assertThatThrownBy(() -> pool.fetchOne("select null::int as nothing").getInt("nothing"))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("is NULL");
        assertThatThrownBy(() -> pool.fetch("select $1::text", "nul\0byte")).isInstanceOf(PgException.class);
        assertThatThrownBy(() -> pool.fetch("select 'nul\0byte'")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closedPool() {
        PgPool closed = PgPool.open(options().applicationName("closed").build());
        closed.close();
        assertThatThrownBy(() -> closed.fetch("select 1"))
                .isInstanceOf(PgConnectionException.class)
                .hasMessageContaining("is closed");
        assertThatThrownBy(closed::checkoutConnection).isInstanceOf(PgConnectionException.class);
        closed.close();
        Awaitility.await()
                .untilAsserted(() -> assertThat(
                                server.query("select count(*) from pg_stat_activity where application_name = 'closed'"))
                        .isEqualTo("0"));
    }

    private static PgConnectOptions.Builder options() {
        return PgConnectOptions.builder()
                .host("localhost")
                .port(server.port())
                .database(server.database())
                .username(server.username())
                .password(server.password())
                .applicationName(APPLICATION);
    }
}
