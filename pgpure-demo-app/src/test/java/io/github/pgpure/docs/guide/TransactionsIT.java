package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.IsolationLevel;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.Row;
import io.github.pgpure.Rows;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.UniqueViolationException;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.pool.PgPool;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of docs/transactions.md. */
@Timeout(60)
class TransactionsIT {

    private static GuideDatabase database;
    private static PgPool pool;

    @BeforeAll
    static void open() {
        database = new GuideDatabase("guide_transactions_it", """
                create table account (id bigint primary key, balance bigint not null check (balance >= 0));
                create table request (key text primary key)""");
        pool = database.pool();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void fill() {
        pool.execute("truncate account, request; insert into account values (1, 100), (2, 0)");
    }

    private long balance(long id) {
        return pool.fetchOne("select balance from account where id = $1", id).getLong(0);
    }

    @Test
    void lambda() {
        // tag::lambda[]
        long left = pool.inTransaction(transaction -> {
            transaction.execute("update account set balance = balance + 30 where id = 2");
            Row row = transaction.fetchOne("update account set balance = balance - 30 where id = 1 returning balance");
            return row.getLong("balance");
        });
        // end::lambda[]
        assertThat(left).isEqualTo(70);
        assertThat(balance(2)).isEqualTo(30);
    }

    @Test
    void retries() {
        // tag::retries[]
        TransactionOptions serializable = TransactionOptions.defaults()
                .isolation(IsolationLevel.SERIALIZABLE)
                .retries(5);
        pool.useTransaction(serializable, transaction -> {
            long free = transaction.fetchOne("select sum(balance) from account").getLong(0);
            transaction.execute("update account set balance = balance + $1 where id = 2", free / 10);
        });
        // end::retries[]
        assertThat(balance(2)).isEqualTo(10);
    }

    @Test
    void savepoint() {
        // tag::savepoint[]
        boolean first = pool.inTransaction(transaction -> {
            try (PgTransaction savepoint = transaction.savepoint()) {
                savepoint.execute("insert into request (key) values ($1)", "order-7");
                savepoint.commit();
                return true;
            } catch (UniqueViolationException e) {
                return false; // done before; the transaction goes on
            }
        });
        // end::savepoint[]
        assertThat(first).isTrue();
    }

    @Test
    void checkout() {
        // tag::checkout[]
        try (PgTransaction transaction = pool.checkoutInTransaction()) {
            transaction.execute("update account set balance = 0 where id = 1");
            if (transaction.fetchOne("select sum(balance) from account").getLong(0) > 0) {
                transaction.commit();
            }
        } // not committed: rolled back
        // end::checkout[]
        assertThat(balance(1)).isEqualTo(100);
    }

    @Test
    void whole() {
        assertThat(transfer()).isEqualTo(10);
        assertThat(balance(1)).isEqualTo(90);
    }

    private static long transfer() {
        // tag::whole[]
        CompletableFuture<Rows> balance = pool.pipelineInTransaction(pipeline -> {
            pipeline.execute("update account set balance = balance - 10 where id = $1", 1);
            pipeline.execute("update account set balance = balance + 10 where id = $1", 2);
            return pipeline.fetch("select balance from account where id = $1", 2);
        });
        return balance.join().get(0).getLong("balance"); // committed, so complete
        // end::whole[]
    }

    @Test
    void oneExchange() {
        // tag::pipeline[]
        try (PgTransaction transaction = pool.checkoutInTransaction()) {
            CompletableFuture<?> committed = transaction.pipeline(pipeline -> {
                pipeline.execute("update account set balance = balance - 10 where id = $1", 1);
                pipeline.execute("update account set balance = balance + 10 where id = $1", 2);
                return pipeline.commit();
            });
            committed.join();
        }
        // end::pipeline[]
        assertThat(balance(2)).isEqualTo(10);
    }

    private void withdraw() {
        // tag::outcome[]
        try {
            pool.execute("update account set balance = balance - 500 where id = 1");
        } catch (PgException e) {
            if (e.outcome() == Outcome.UNKNOWN) {
                // The connection broke after the statement was sent. Look, before you try again.
            } else {
                // NOT_SENT or ROLLED_BACK: nothing has happened.
            }
            throw e;
        }
        // end::outcome[]
    }

    @Test
    void whatIsKnownAfterAnError() {
        assertThatThrownBy(this::withdraw)
                .isInstanceOfSatisfying(
                        PgException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.ROLLED_BACK));
        assertThat(balance(1)).isEqualTo(100);
    }
}
