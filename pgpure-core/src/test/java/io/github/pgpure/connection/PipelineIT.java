package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Rows;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.test.ThreadKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pipelines on one connection to a real server: what is sent together, and when. */
class PipelineIT {

    private PgConnection connection;

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    @Test
    @Timeout(30)
    void waitingForWhatIsDerivedFromAnAnswerSendsThePipeline() {
        var elsewhere = new CompletableFuture<Integer>();
        int sum = connection.pipeline(pipeline -> {
            var one = pipeline.fetch("select 1").thenApply(rows -> rows.get(0).getInt(0));
            var two = pipeline.fetch("select 2").thenApply(rows -> rows.get(0).getInt(0));
            int both = one.thenCombine(two, Integer::sum).join();
            var three = pipeline.fetch("select 3").thenApply(rows -> rows.get(0).getInt(0));
            ThreadKind.PLATFORM.start(() -> elsewhere.complete(three.join())); // which must not use the connection
            assertThat(three).isNotDone();
            return both + three.join();
        });
        assertThat(sum).isEqualTo(6);
        assertThat(elsewhere.join()).isEqualTo(3);
    }

    @Test
    @Timeout(30)
    void whatAFunctionAddsThatGetsAnAnswerIsSentToo() {
        connection.execute("create temp table added (id int)");
        assertThat(connection.<Integer>pipeline(pipeline -> pipeline.fetch("select 20")
                        .thenCompose(rows ->
                                pipeline.fetch("select $1::int + 1", rows.get(0).getInt(0)))
                        .thenApply(rows -> rows.get(0).getInt(0))
                        .join()))
                .isEqualTo(21);
        try (PgTransaction tx = connection.begin()) {
            tx.pipeline(pipeline -> pipeline.fetch("select 22")
                    .thenAccept(rows -> pipeline.execute(
                            "insert into added values ($1)", rows.get(0).getInt(0))));
            tx.commit();
        }
        assertThat(connection.fetchOne("select id from added").getInt(0)).isEqualTo(22);
    }

    @Test
    @Timeout(30)
    void whatIsDerivedMayHaveAnAnswerToAFailure() {
        try (var lost =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()))) {
            int answer = lost.pipeline(
                    pipeline -> pipeline.fetch("select pg_terminate_backend(pg_backend_pid()), pg_sleep(10)")
                            .thenApply(Rows::size)
                            .exceptionally(failure -> -1)
                            .join());
            assertThat(answer).isEqualTo(-1);
        }
    }

    @Test
    @Timeout(30)
    void waitingForWhatIsDerivedIsRefusedWhileAnAnswerIsHandedOut() {
        var wait = connection.pipeline(pipeline -> {
            var one = pipeline.fetch("select 1");
            var two = pipeline.fetch("select 2").thenApply(rows -> rows.get(0).getInt(0));
            return one.thenApply(rows -> two.join());
        });
        assertThatThrownBy(wait::join)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("thenCombine");
        assertThat(connection.fetchOne("select 3").getInt(0)).isEqualTo(3);
    }

    @Test
    void pipelineRunsStatementsTogether() {
        connection.execute("create temp table piped (id int primary key)");
        List<CompletableFuture<Long>> futures = connection.pipeline(pipeline -> {
            List<CompletableFuture<Long>> list = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                list.add(pipeline.execute("insert into piped values ($1)", i == 50 ? 49 : i));
            }
            assertThat(pipeline.fetch("select count(*) from piped")
                            .join()
                            .get(0)
                            .getLong(0))
                    .isEqualTo(99);
            return list;
        });
        assertThat(futures.get(50)).isCompletedExceptionally();
        assertThat(futures.stream().filter(CompletableFuture::isCompletedExceptionally))
                .hasSize(1);
        assertThat(futures.get(99).join()).isEqualTo(1);
    }
}
