package io.github.pgpure.docs.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.Subscription;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of docs/notifications.md. */
@Timeout(60)
class NotificationsIT {

    private final BlockingQueue<Long> changed = new LinkedBlockingQueue<>();

    @Test
    void listens() throws InterruptedException {
        try (GuideDatabase database = new GuideDatabase("guide_notifications_it", "create table queue (id bigint)")) {
            PgPool pool = database.pool();
            // tag::listen[]
            Subscription subscription = pool.listen(
                    "orders", message -> changed.add(Long.valueOf(message.payload())), () -> readEverythingAgain(pool));
            // end::listen[]
            // tag::notify[]
            pool.useTransaction(transaction -> {
                transaction.execute("insert into queue values ($1)", 7);
                transaction.execute("select pg_notify('orders', $1)", "7");
            });
            // end::notify[]
            assertThat(changed.poll(10, TimeUnit.SECONDS)).isEqualTo(7);
            subscription.close();
            readEverythingAgain(pool);
            assertThat(changed).containsExactly(7L);
        }
    }

    private void readEverythingAgain(PgPool pool) {
        pool.fetch("select id from queue").forEach(row -> changed.add(row.getLong("id")));
    }
}
