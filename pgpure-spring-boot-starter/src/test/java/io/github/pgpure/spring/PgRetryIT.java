package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/** Spring Framework's {@code @Retryable} runs a transaction again that the server has ended with a serialization failure. */
class PgRetryIT {

    private static final String DATABASE = "pgpure_retry";
    private static final PostgresServer server = PostgresServer.shared();

    private static AnnotationConfigApplicationContext context;

    private final AtomicInteger attempts = context.getBean(AtomicInteger.class);
    private final Accounts accounts = context.getBean(Accounts.class);
    private final PgTemplate pg = context.getBean(PgTemplate.class);

    @BeforeAll
    static void start() {
        server.createDatabase(DATABASE);
        context = new AnnotationConfigApplicationContext(Application.class);
        context.getBean(PgTemplate.class).execute("create table account (id int primary key, balance int)");
    }

    @AfterAll
    static void stop() {
        context.close();
        server.dropDatabase(DATABASE);
    }

    @BeforeEach
    void fill() {
        pg.execute("delete from account");
        pg.execute("insert into account values (1, 0)");
        attempts.set(0);
    }

    static Stream<ThreadKind> threads() {
        return ThreadKind.available();
    }

    @ParameterizedTest
    @MethodSource("threads")
    void aSerializationFailureIsTriedAgain(ThreadKind kind) throws Exception {
        Thread other = kind.factory().newThread(() -> accounts.addOne());
        other.start();
        accounts.addOne();
        other.join(30_000);

        assertThat(other.isAlive()).isFalse();
        assertThat(pg.sql("select balance from account").query(Integer.class).single())
                .isEqualTo(2);
        // Both have read before either wrote, so that exactly one had to begin anew.
        assertThat(attempts).hasValue(3);
    }

    @Test
    void otherErrorsAreNotTriedAgain() {
        assertThatThrownBy(accounts::fail).isInstanceOf(IllegalArgumentException.class);

        assertThat(attempts).hasValue(1);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableResilientMethods
    @EnableTransactionManagement
    static class Application {

        @Bean
        PgPool pool() {
            return PgPool.open(
                    PgConnectOptions.parse(server.uri(DATABASE)),
                    PgPoolOptions.builder().maxConnections(3).build());
        }

        @Bean
        PgTemplate template(PgPool pool) {
            return new PgTemplate(pool);
        }

        @Bean
        PgTransactionManager transactionManager(PgPool pool) {
            return new PgTransactionManager(pool);
        }

        /** A bean, since the fields of a proxy are not the target's. */
        @Bean
        AtomicInteger attempts() {
            return new AtomicInteger();
        }

        @Bean
        Accounts accounts(PgTemplate pg, AtomicInteger attempts) {
            return new Accounts(pg, attempts);
        }
    }

    static class Accounts {

        private final PgTemplate pg;
        private final AtomicInteger attempts;
        private final CyclicBarrier bothHaveRead = new CyclicBarrier(2);

        Accounts(PgTemplate pg, AtomicInteger attempts) {
            this.pg = pg;
            this.attempts = attempts;
        }

        @Retryable(includes = PessimisticLockingFailureException.class, maxRetries = 5, delay = 10)
        @Transactional(isolation = Isolation.SERIALIZABLE)
        public void addOne() {
            int attempt = attempts.incrementAndGet();
            int balance = pg.sql("select balance from account where id = 1")
                    .query(Integer.class)
                    .single();
            if (attempt <= 2) {
                await(bothHaveRead);
            }
            pg.sql("update account set balance = :balance where id = 1")
                    .param("balance", balance + 1)
                    .update();
        }

        @Retryable(includes = PessimisticLockingFailureException.class, maxRetries = 5, delay = 10)
        @Transactional
        public void fail() {
            attempts.incrementAndGet();
            throw new IllegalArgumentException("not a matter of luck");
        }

        private static void await(CyclicBarrier barrier) {
            try {
                barrier.await(30, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
