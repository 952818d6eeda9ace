package io.github.pgpure.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgException;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.RowStream;
import io.github.pgpure.SslMode;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Provokes every error of docs/troubleshooting.md and compares what it says with what the page says it says. */
@Timeout(180)
class TroubleshootingIT {

    private final List<String> messages = new ArrayList<>();
    private PgPool pool;

    record Person(String name, int age) {}

    enum Weather {
        SUNNY,
        FOGGY
    }

    @BeforeEach
    void open() {
        PgPoolOptions options = PgPoolOptions.builder()
                .maxConnections(1)
                .acquireTimeout(Duration.ofSeconds(3))
                .build();
        pool = PgPool.open(PgConnectOptions.parse(PostgresServer.embedded().uri()), options);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void everyErrorSaysWhatThePageSays() throws Exception {
        startUp();
        parameters();
        results();
        timeAndConnections();

        Set<String> headings = Documentation.read(Documentation.root().resolve("docs/troubleshooting.md"))
                .lines()
                .filter(line -> line.startsWith("### `"))
                .map(line -> line.substring(5, line.length() - 1))
                // Only Spring Boot's failure report says these; the starter's tests provoke them.
                .filter(heading -> !heading.startsWith("The property") && !heading.startsWith("Property: "))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> missed = new TreeSet<>(headings);
        List<String> unlisted = new ArrayList<>();
        for (String message : messages) {
            List<String> fitting =
                    headings.stream().filter(heading -> fits(heading, message)).toList();
            if (fitting.size() != 1) {
                unlisted.add(fitting + " for: " + message);
            }
            missed.removeAll(fitting);
        }
        assertThat(unlisted).as("messages without their one heading").isEmpty();
        assertThat(missed).as("headings that nothing says").isEmpty();
    }

    private void startUp() throws Exception {
        PostgresServer server = PostgresServer.embedded();
        PgConnectOptions.Builder options = PgConnectOptions.parse(server.uri()).toBuilder();
        int unused;
        try (ServerSocket socket = new ServerSocket(0)) {
            unused = socket.getLocalPort();
        }
        provoke(() -> PgPool.open("postgresql://localhost:" + unused + "/x"));
        provoke(() -> PgPool.open(server.uri(server.database(), server.username(), "wrong")));
        provoke(() -> PgPool.open(server.uri(server.database(), server.username(), "")));
        provoke(() -> PgPool.open(server.uri("no such database")));
        provoke(() -> PgPool.open(options.sslMode(SslMode.REQUIRE).build(), PgPoolOptions.defaults()));
        provoke(() -> PgPool.open("jdbc:postgresql://localhost/x"));
        provoke(() -> PgPool.open("postgresql://localhost/x?ssl_mode=require"));
        provoke(() -> PgPool.open("postgresql://no-such-host.invalid/x"));
        try (PostgresServer own = PostgresServer.start()) {
            own.enableTls();
            String tlsOnly = own.uri() + (own.uri().contains("?") ? "&" : "?") + "sslmode=disable";
            try (var undo = own.withHba("hostssl all all all trust", "hostnossl all all all reject")) {
                provoke(() -> PgPool.open(tlsOnly));
            }
        }
    }

    private void parameters() {
        provoke(() -> pool.fetch("select $1::int, $2::int", 1));
        provoke(() -> pool.fetch(Query.of("select :a::int").bind("b", 1)));
        provoke(() -> pool.fetch("select $1::int", "seven"));
        provoke(() -> pool.fetch("select $1::point", new Person("Ada", 36)));
        provoke(() -> pool.fetch("select * from (values (1)) as t (id) where id = ?", 1));
        provoke(() -> pool.fetch("select id from no_such_table"));
        provoke(() -> pool.fetch("select no_such_column from pg_class"));
        pool.execute("create type pg_temp.weather as enum ('sunny', 'rainy')");
        provoke(() -> pool.fetch("select $1::pg_temp.weather", Weather.FOGGY));
        pool.execute("create temporary table once (id int primary key); insert into once values (1)");
        provoke(() -> pool.execute("insert into once values ($1)", 1));
    }

    private void results() {
        provoke(() -> pool.fetchOne("select 1 where false"));
        provoke(() -> pool.fetchOne("select 1 as a").get("b"));
        provoke(() -> pool.fetchOne("select null::int").getInt(0));
        provoke(() -> pool.fetchOne("select 'Ada' as name").as(Person.class));
        provoke(() ->
                pool.fetchOne("select 'Ada' as name, 36 as age, 'x' as spare").as(Person.class));
        provoke(() ->
                pool.fetchOne("select 'Ada' as name, 36 as age, true as alive").as(Person.class));
        provoke(() -> pool.fetchOne("select 'x'::text").get(0, Integer.class));
        provoke(() -> pool.fetchOne("select 'rainy'::pg_temp.weather").get(0, Weather.class));
        provoke(() -> pool.inTransaction(transaction -> transaction.stream("select 1")).stream()
                .toList());
        provoke(() -> {
            RowStream kept;
            try (RowStream rows = pool.stream("select 1")) {
                kept = rows;
            }
            kept.iterator().next();
        });
    }

    private void timeAndConnections() {
        provoke(() -> pool.fetch(Query.of("select pg_sleep(5)").timeout(Duration.ofMillis(100))));
        provoke(() -> {
            try (PgConnection held = pool.checkoutConnection()) {
                held.fetch("select 1");
                pool.fetch("select 2");
            }
        });
        provoke(() -> {
            PgTransaction kept = pool.inTransaction(transaction -> transaction);
            kept.fetch("select 1");
        });
        provoke(() -> pool.useTransaction(transaction -> {
            try {
                transaction.fetch("select 1 / 0");
            } catch (PgException e) {
                // Swallowed, which is the mistake.
            }
            transaction.fetch("select 1");
        }));
        provoke(() -> pool.fetch("select 1; select 2"));
        provoke(() -> {
            PgPool closed = PgPool.open(PostgresServer.embedded().uri());
            closed.close();
            closed.fetch("select 1");
        });
    }

    private void provoke(ThrowingCallable mistake) {
        Throwable error = catchThrowable(mistake);
        assertThat(error).isNotNull();
        messages.add(error.getMessage());
    }

    private static boolean fits(String heading, String message) {
        String pattern = Stream.of(heading.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(pattern, Pattern.DOTALL).matcher(message).lookingAt();
    }
}
