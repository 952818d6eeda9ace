package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgListener;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class PgPoolLifecycleIT {

    private static final PostgresServer server = PostgresServer.shared();

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PgPureAutoConfiguration.class))
            .withPropertyValues(
                    "pgpure.url=" + server.uri(),
                    "pgpure.application-name=pgpure-lifecycle",
                    "pgpure.pool.max-connections=3",
                    "pgpure.pool.min-idle=2");

    /** The server ends a session a moment after the client has. */
    @AfterEach
    void aClosedContextHoldsNoConnection() {
        await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 0);
    }

    @Test
    void aStoppedContextHoldsNoConnectionAndAStartedOneWorksAgain() {
        runner.run(context -> {
            PgPool pool = context.getBean(PgPool.class);
            PgTemplate pg = context.getBean(PgTemplate.class);
            await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 2);
            assertThat(context.getBean(PgPoolLifecycle.class).isRunning()).isTrue();

            context.stop();

            assertThat(pool.stats().totalConnections()).isZero();
            await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 0);
            assertThat(pool.isClosed()).isFalse();
            // What is destroyed after the stop may still need the database.
            assertThat(pg.fetchOne("select 1").getInt(0)).isOne();

            context.start();

            await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 2);
            assertThat(pg.fetchOne("select 1").getInt(0)).isOne();
        });
    }

    @Test
    void aListenersConnectionIsGoneTooAndComesBack() {
        runner.withConfiguration(AutoConfigurations.of(PgListenerAutoConfiguration.class))
                .withBean(Listener.class)
                .run(context -> {
                    Listener listener = context.getBean(Listener.class);
                    await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 3);

                    context.stop();
                    await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 0);
                    context.start();

                    context.getBean(PgTemplate.class).execute("notify lifecycle");
                    await().atMost(Duration.ofSeconds(20)).until(() -> listener.heard.get() == 1);
                });
    }

    @Test
    void aLazyPoolIsNotOpenedByTheStart() {
        runner.withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .run(context -> {
                    assertThat(context.getBeanFactory().containsSingleton("pgPool"))
                            .isFalse();
                    assertThat(sessions()).isZero();
                    assertThat(context.getBean(PgTemplate.class)
                                    .fetchOne("select 1")
                                    .getInt(0))
                            .isOne();
                    assertThat(context.getBeanFactory().containsSingleton("pgPool"))
                            .isTrue();
                });
    }

    static class Listener {
        final AtomicInteger heard = new AtomicInteger();

        @PgListener(channels = "lifecycle")
        void heard() {
            heard.incrementAndGet();
        }
    }

    @Test
    void theStopWaitsForATransactionThatIsUnderWay() {
        runner.run(context -> {
            PgPool pool = context.getBean(PgPool.class);
            var transaction = pool.checkoutInTransaction();
            transaction.execute("select 1");
            Thread stopper = new Thread(context::stop);
            stopper.start();
            await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 1);
            assertThat(stopper.isAlive()).isTrue();

            transaction.commit();
            transaction.close();

            stopper.join(20_000);
            assertThat(stopper.isAlive()).isFalse();
            await().atMost(Duration.ofSeconds(20)).until(() -> sessions() == 0);
        });
    }

    private static int sessions() {
        return Integer.parseInt(
                server.query("select count(*) from pg_stat_activity where application_name = 'pgpure-lifecycle'"));
    }
}
