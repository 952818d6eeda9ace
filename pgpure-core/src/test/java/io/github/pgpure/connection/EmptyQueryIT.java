package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.test.PostgresServer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A statement without any SQL in it, which the server answers with EmptyQueryResponse, does nothing in every form of use. */
@Timeout(30)
class EmptyQueryIT {

    private PgConnection connection;

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ";", "-- nothing"})
    void doesNothing(String sql) throws Exception {
        assertThat(connection.execute(sql)).isZero();
        assertThat(connection.fetch(sql)).isEmpty();
        assertThat(connection.fetchOneOrNone(sql)).isEmpty();
        try (var stream = connection.stream(sql)) {
            assertThat(stream.iterator().hasNext()).isFalse();
        }
        assertThat(connection.executeBatch(sql, List.of(new Object[0], new Object[0])))
                .containsExactly(0, 0);
        CompletableFuture<Long> inPipeline = connection.pipeline(pipeline -> pipeline.execute(sql));
        assertThat(inPipeline.get(10, TimeUnit.SECONDS)).isZero();
        try (var transaction = connection.begin()) {
            assertThat(transaction.fetch(sql)).isEmpty();
            transaction.commit();
        }
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }
}
