package io.github.pgpure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.connection.PreparedStatement;
import io.github.pgpure.convert.BinaryConverter;
import io.github.pgpure.convert.CompositeConverter;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.TypeName;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolStats;
import io.github.pgpure.pool.Subscription;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.TestCertificate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls every public name that the project promises to keep, each on a real server. */
class ContractIT {

    enum Mood {
        SAD,
        OK,
        HAPPY
    }

    record Address(String street, int houseNumber) {}

    record Item(int id, String displayName) {}

    private static PgPool pool;

    @BeforeAll
    static void open() {
        pool = PgPool.open(PostgresServer.shared().uri());
        pool.execute("drop schema if exists contract cascade; create schema contract;"
                + " create type contract.mood as enum ('sad', 'ok', 'happy');"
                + " create type contract.address as (street text, house_number int);"
                + " create table contract.item (id int primary key, display_name text)");
        pool.execute("insert into contract.item values (1, 'one'), (2, 'two')");
    }

    @AfterAll
    static void close() {
        pool.execute("drop schema contract cascade");
        pool.close();
    }

    @Test
    void connectionSettings() throws Exception {
        PgConnectOptions parsed = PgConnectOptions.parse(
                "postgresql://user:pw@h1:5432,h2:5433/db?target_session_attrs=primary&sslmode=verify-full");
        assertThat(parsed.hosts()).containsExactly(new PgHost("h1", 5432), new PgHost("h2", 5433));
        assertThat(parsed.targetSessionAttrs()).isEqualTo(TargetSessionAttrs.PRIMARY);
        assertThat(parsed.sslMode()).isEqualTo(SslMode.VERIFY_FULL);
        assertThat(parsed.toString()).doesNotContain("pw");

        TestCertificate certificate = TestCertificate.selfSigned("localhost", "dns:localhost");
        PgConnectOptions built = PgConnectOptions.builder()
                .host("localhost")
                .port(5432)
                .database("db")
                .username("u")
                .password("p")
                .unixSocket(Path.of("/var/run/postgresql"))
                .sslMode(SslMode.VERIFY_FULL)
                .sslContext(certificate.clientContext())
                .applicationName("x")
                .connectTimeout(Duration.ofSeconds(3))
                .build();
        assertThat(built.hosts().get(0).isUnixSocket()).isTrue();
        assertThat(built.connectTimeout()).isEqualTo(Duration.ofSeconds(3));

        PgPoolOptions poolOptions = PgPoolOptions.builder()
                .maxConnections(9)
                .minIdle(2)
                .acquireTimeout(Duration.ofSeconds(1))
                .maxLifetime(Duration.ofMinutes(1))
                .idleTimeout(Duration.ofMinutes(2))
                .keepaliveInterval(Duration.ofMinutes(3))
                .build();
        assertThat(poolOptions.maxConnections()).isEqualTo(9);
        assertThat(PgPoolOptions.defaults().maxConnections())
                .as("promise S10")
                .isEqualTo(2 * Runtime.getRuntime().availableProcessors() + 1);
        try (PgPool other =
                PgPool.open(PgConnectOptions.parse(PostgresServer.shared().uri()), poolOptions)) {
            assertThat(other.maxConnections()).as("promise S2").isEqualTo(9);
        }
    }

    @Test
    void operationsOfThePool() {
        operations(pool);
    }

    @Test
    void operationsOfAConnection() {
        try (PgConnection connection = pool.checkoutConnection()) {
            operations(connection);
        }
    }

    @Test
    void operationsOfATransaction() {
        try (PgTransaction tx = pool.checkoutInTransaction()) {
            operations(tx);
        }
    }

    private static void operations(PgOperations pg) {
        Query byId = Query.of("select * from contract.item where id = :id")
                .bind("id", 2)
                .maxRows(10)
                .timeout(Duration.ofSeconds(2));
        assertThat(pg.execute("update contract.item set id = id where id = $1", 1))
                .as("promise S3")
                .isEqualTo(1);
        assertThat(pg.execute(byId)).isEqualTo(1);
        Rows rows = pg.fetch("select * from contract.item order by id");
        List<Row> list = rows;
        assertThat(list).hasSize(2);
        assertThat(pg.fetch(byId)).hasSize(1);
        Row row = pg.fetchOne("select * from contract.item where id = $1", 1);
        assertThat(pg.fetchOne(byId).getString("display_name")).isEqualTo("two");
        Optional<Row> none = pg.fetchOneOrNone("select * from contract.item where id = $1", 99);
        assertThat(none).isEmpty();
        assertThat(pg.fetchOneOrNone(byId)).isPresent();
        try (RowStream stream = pg.stream("select * from contract.item")) {
            assertThat(stream).hasSize(2);
        }
        try (RowStream stream = pg.stream(byId)) {
            assertThat(stream).hasSize(1);
        }
        assertThat(pg.executeBatch(
                        "update contract.item set id = id where id = $1",
                        List.of(new Object[] {1}, new Object[] {2}, new Object[] {3})))
                .containsExactly(1, 1, 0);
        InputStream data = new ByteArrayInputStream("7\tseven\n".getBytes(StandardCharsets.UTF_8));
        assertThat(pg.copyIn("copy contract.item from stdin", data)).isEqualTo(1);
        var sink = new ByteArrayOutputStream();
        assertThat(pg.copyOut("copy (select * from contract.item where id = 7) to stdout", sink))
                .isEqualTo(1);
        assertThat(sink.toString(StandardCharsets.UTF_8)).isEqualTo("7\tseven\n");
        pg.execute("delete from contract.item where id = 7");

        assertThat(row.get(0)).isEqualTo(1);
        assertThat(row.get("display_name")).isEqualTo("one");
        assertThat(row.get("id", Long.class)).isEqualTo(1L);
        assertThat(row.getInt("id")).isEqualTo(1);
        assertThat(row.getLong(0)).isEqualTo(1L);
        assertThat(row.getString(1)).isEqualTo("one");
        assertThat(row.as(Item.class)).isEqualTo(new Item(1, "one"));
        Map<String, Object> map = row.toMap();
        assertThat(map).containsEntry("id", 1).containsEntry("display_name", "one");
        List<Item> items = rows.as(Item.class);
        assertThat(items).containsExactly(new Item(1, "one"), new Item(2, "two"));
    }

    @Test
    void poolAndTransactions() {
        try (PgTransaction tx = pool.checkoutInTransaction()) {
            tx.execute("insert into contract.item values (10, 'ten')");
        }
        assertThat(pool.fetch("select 1 from contract.item where id = 10"))
                .as("promise S5")
                .isEmpty();
        try (PgTransaction tx = pool.checkoutInTransaction(TransactionOptions.defaults()
                .isolation(IsolationLevel.REPEATABLE_READ)
                .readOnly(false)
                .deferrable(false)
                .timeout(Duration.ofSeconds(5)))) {
            tx.execute("insert into contract.item values (11, 'eleven')");
            try (PgTransaction savepoint = tx.savepoint()) {
                savepoint.execute("insert into contract.item values (12, 'twelve')");
                savepoint.rollback();
            }
            PgConnection connection = tx.connection();
            assertThat(connection.inTransaction()).isTrue();
            tx.commit();
        }
        String name =
                pool.inTransaction(tx -> tx.fetchOne("delete from contract.item where id = 11 returning display_name")
                        .getString(0));
        assertThat(name).isEqualTo("eleven");
        pool.useTransaction(tx -> tx.execute("delete from contract.item where id > 10"));

        int max = pool.maxConnections();
        int idle = pool.idleConnections();
        int waiting = pool.waitingTasks();
        PoolStats stats = pool.stats();
        assertThat(max).isEqualTo(stats.maxConnections());
        assertThat(idle).isBetween(0, max);
        assertThat(waiting).isZero();
    }

    @Test
    void converters() {
        pool.addConverter(EnumConverter.of(TypeName.of("contract.mood"), Mood.class));
        assertThat(pool.fetchOne("select 'happy'::contract.mood").get(0))
                .as("promise S6")
                .isEqualTo(Mood.HAPPY);
        pool.addConverterWithArray(EnumConverter.of(TypeName.of("contract.mood"), Mood.class));
        assertThat(pool.fetchOne("select array['sad', 'ok']::contract.mood[]").get(0))
                .as("promise S7")
                .isEqualTo(List.of(Mood.SAD, Mood.OK));
        pool.addConverter(CompositeConverter.of(TypeName.of("contract.address"), Address.class));
        assertThat(pool.fetchOne("select $1::contract.address", new Address("Main", 5))
                        .get(0))
                .isEqualTo(new Address("Main", 5));
        pool.addConverterUsing(connection -> Optional.empty());
        OptionalInt oid = pool.findOidForType("contract.mood");
        assertThat(oid).isPresent();
        assertThat(pool.findOidForType("contract.nothing")).isEmpty();

        Converter<Mood> text = new Converter<>() {
            @Override
            public TypeName type() {
                return TypeName.of("contract.mood");
            }

            @Override
            public Class<Mood> javaType() {
                return Mood.class;
            }

            @Override
            public Mood fromPostgres(ConversionContext context, String value) {
                return Mood.valueOf(value.toUpperCase(java.util.Locale.ROOT));
            }

            @Override
            public String toPostgres(ConversionContext context, Mood value) {
                return value.name().toLowerCase(java.util.Locale.ROOT);
            }
        };
        assertThat(text).isNotInstanceOf(BinaryConverter.class);
        pool.addConverter(text);
        assertThat(pool.fetchOne("select $1::contract.mood", Mood.SAD).get(0, Mood.class))
                .isEqualTo(Mood.SAD);
    }

    @Test
    void listening() throws Exception {
        BlockingQueue<Notification> received = new LinkedBlockingQueue<>();
        try (Subscription subscription = pool.listen("contract", received::add)) {
            pool.execute("notify contract, 'hello'");
            Notification notification = received.poll(10, TimeUnit.SECONDS);
            assertThat(notification).isNotNull();
            assertThat(notification.payload()).isEqualTo("hello");
            assertThat(subscription.channel()).isEqualTo("contract");
        }
    }

    @Test
    void connections() {
        PgConnectOptions options =
                PgConnectOptions.parse(PostgresServer.shared().uri());
        try (PgConnection connection = PgConnection.open(options)) {
            assertThat(connection.ready()).isTrue();
            assertThat(connection.inTransaction()).isFalse();
            assertThat(connection.dead()).isFalse();
            assertThat(connection.backendPid()).isPositive();
            ZoneId zone = connection.serverTimeZone();
            assertThat(zone).isNotNull();
            Map<String, String> parameters = connection.parameters();
            assertThat(parameters).containsEntry("client_encoding", "UTF8");
            connection.cancel();
            try (PreparedStatement statement = connection.prepare("one", "select $1::int as n")) {
                assertThat(statement.fetchOne(1).getInt("n")).isEqualTo(1);
            }
            try (PgTransaction tx = connection.begin(TransactionOptions.defaults())) {
                tx.rollback();
            }
            CompletableFuture<Rows> piped = connection.pipeline(pipeline -> pipeline.fetch("select 5"));
            assertThat(piped.join().get(0).getInt(0)).isEqualTo(5);
        }
    }

    @Test
    void errors() {
        assertThat(PgException.class).isAssignableFrom(PgServerException.class);
        assertThat(List.of(
                        UniqueViolationException.class,
                        ForeignKeyViolationException.class,
                        NotNullViolationException.class,
                        CheckViolationException.class,
                        SerializationFailureException.class,
                        DeadlockDetectedException.class,
                        InvalidPasswordException.class,
                        QueryCancelledException.class))
                .allMatch(PgServerException.class::isAssignableFrom);
        assertThat(List.of(
                        PgConnectionException.class,
                        PgTimeoutException.class,
                        PgProtocolException.class,
                        ConversionException.class,
                        MissingRowException.class))
                .allMatch(PgException.class::isAssignableFrom);
        assertThat(PgTimeoutException.class).isAssignableFrom(QueryTimeoutException.class);
        assertThat(PgTimeoutException.class).isAssignableFrom(AcquireTimeoutException.class);
        try {
            pool.execute("insert into contract.item values ($1, 'again')", 1);
        } catch (UniqueViolationException e) {
            assertThat(e.sqlState()).isEqualTo("23505");
            assertThat(e.severity()).isEqualTo("ERROR");
            assertThat(e.message()).contains("item_pkey");
            assertThat(e.detail()).isNotNull();
            assertThat(e.hint()).isNull();
            assertThat(e.position()).isZero();
            assertThat(e.schema()).isEqualTo("contract");
            assertThat(e.table()).isEqualTo("item");
            assertThat(e.column()).isNull();
            assertThat(e.dataType()).isNull();
            assertThat(e.constraint()).isEqualTo("item_pkey");
            assertThat(e.where()).isNull();
            assertThat(e.isRecoverable()).isTrue();
            assertThat(e.outcome()).isEqualTo(Outcome.ROLLED_BACK);
            return;
        }
        throw new AssertionError("no error");
    }
}
