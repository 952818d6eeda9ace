package io.github.pgpure.docs.guide.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgHost;
import io.github.pgpure.Query;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.r2dbc.connection.R2dbcTransactionManager;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The reactive part of docs/migrating.md. */
@Timeout(60)
class ReactiveComparisonIT {

    private static final String DATABASE = "reactive_comparison_it";

    private static PgPool pool;
    private static DatabaseClient client;
    private static TransactionalOperator transactional;

    record Account(long id, long balance) {}

    @BeforeAll
    static void open() {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(DATABASE);
        PgConnectOptions options = PgConnectOptions.parse(server.uri(DATABASE));
        pool = PgPool.open(options);
        pool.execute("""
                create table account (id bigint primary key, balance bigint not null);
                insert into account values (1, 100), (2, 0)""");
        PgHost host = options.hosts().get(0);
        var factory = new PostgresqlConnectionFactory(PostgresqlConnectionConfiguration.builder()
                .host(host.name())
                .port(host.port())
                .database(DATABASE)
                .username(server.username())
                .password(server.password())
                .build());
        client = DatabaseClient.create(factory);
        transactional = TransactionalOperator.create(new R2dbcTransactionManager(factory));
    }

    @AfterAll
    static void close() {
        pool.close();
        PostgresServer.shared().dropDatabase(DATABASE);
    }

    // tag::r2dbc-transfer[]
    Mono<Void> transferReactive(long from, long to, long amount) {
        return client.sql("update account set balance = balance - $1 where id = $2")
                .bind("$1", amount)
                .bind("$2", from)
                .fetch()
                .rowsUpdated()
                .then(client.sql("update account set balance = balance + $1 where id = $2")
                        .bind("$1", amount)
                        .bind("$2", to)
                        .fetch()
                        .rowsUpdated())
                .then()
                .as(transactional::transactional);
    }
    // end::r2dbc-transfer[]

    // tag::pg-transfer[]
    void transfer(long from, long to, long amount) {
        pool.useTransaction(transaction -> {
            transaction.execute("update account set balance = balance - $1 where id = $2", amount, from);
            transaction.execute("update account set balance = balance + $1 where id = $2", amount, to);
        });
    }
    // end::pg-transfer[]

    // tag::r2dbc-query[]
    Flux<Account> accountsReactive(long atLeast) {
        return client.sql("select id, balance from account where balance >= :least")
                .bind("least", atLeast)
                .map(row -> new Account(row.get("id", Long.class), row.get("balance", Long.class)))
                .all()
                .timeout(Duration.ofSeconds(2));
    }
    // end::r2dbc-query[]

    // tag::pg-query[]
    List<Account> accounts(long atLeast) {
        return pool.fetch(Query.of("select id, balance from account where balance >= :least")
                        .bind("least", atLeast)
                        .timeout(Duration.ofSeconds(2)))
                .as(Account.class);
    }
    // end::pg-query[]

    @Test
    void bothDoTheSame() {
        transferReactive(1, 2, 30).block();
        transfer(1, 2, 20);
        assertThat(accounts(50))
                .hasSize(2)
                .containsExactlyInAnyOrderElementsOf(
                        accountsReactive(50).collectList().block());
    }
}
