package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Query;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes on a session that several callers use, and what does not. */
@Timeout(30)
class LaneIT {

    private final AtomicInteger left = new AtomicInteger();
    private Session session;
    private Lane lane;

    @BeforeEach
    void open() {
        session = Session.open(PgConnectOptions.parse(PostgresServer.shared().uri()), new TypeRegistry());
        try (PgConnection connection = session.connection(ended -> {})) {
            connection.execute("create temp table copied (i int)");
        }
        lane = session.share(new Lane.Owner() {
            @Override
            public void emptied(Lane lane) {}

            @Override
            public void left(Lane lane) {
                left.incrementAndGet();
            }
        });
    }

    @AfterEach
    void close() {
        session.close();
    }

    private LaneCall fetch(String sql) {
        return lane.fetch(Query.of(sql), Deadline.in(Duration.ofSeconds(5)));
    }

    /** The last of them cannot be told by the words between COPY and STDIN. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "copy copied from stdin",
                "copy copied to stdout",
                "/* a /* b */ c */ copy copied from stdin",
                "copy copied from /* here */ stdin"
            })
    void copyIsNothingForALane(String copy) {
        assertThat(fetch(copy)).isSameAs(LaneCall.NOT_FOR_LANES);
        assertThat(fetch("select 1").fate()).isEqualTo(LaneCall.Fate.ANSWERED);
    }

    @Test
    void sessionIsGivenBackWhenTheLaneIsLeft() {
        assertThat(fetch("select 1").fate()).isEqualTo(LaneCall.Fate.ANSWERED);
        lane.seal();
        assertThat(left).hasValue(1);
        assertThat(session.isIdle()).isTrue();
    }
}
