package io.github.pgpure.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.PgTransactionManager;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

class RehearsalIT {

    @Test
    void aClientThatIsRefusedTriesAgain() {
        PgPool pool = PgPool.open(PostgresServer.shared().uri());
        pool.close();
        var pg = new PgTemplate(pool);
        var rehearsal = new Rehearsal(new BoxOffice(pg), pg, new TransactionTemplate(new PgTransactionManager(pool)));
        try {
            rehearsal.start(1);
            await().atMost(Duration.ofSeconds(20)).until(() -> rehearsal.score().refused() > 2);
            assertThat(rehearsal.score().clients()).isOne();
        } finally {
            rehearsal.destroy();
        }
    }
}
