package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgpure.Query;
import io.github.pgpure.QueryTimeoutException;
import io.github.pgpure.test.PostgresServer;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code Query.timeout} is kept to 10 ms of overrun plus the round trip of the cancel request: measured on a real server, which both the statement and an
 * idle session's cancel requests are sent to in turn. {@code -Dpgpure.test.deadlines=1000} measures longer.
 */
@Timeout(300)
class DeadlineExactnessIT {

    private static final int RUNS = Integer.getInteger("pgpure.test.deadlines", 40);
    private static final long SEED = Long.getLong("pgpure.test.seed", System.nanoTime());

    @Test
    void statementEndsSoonAfterItsDeadlineAndNeverBefore() throws Exception {
        System.err.println("DeadlineExactnessIT: -Dpgpure.test.seed=" + SEED);
        var random = new Random(SEED);
        long[] overruns = new long[RUNS];
        long[] roundTrips = new long[RUNS];
        Session session = Session.open(
                io.github.pgpure.PgConnectOptions.parse(PostgresServer.shared().uri()),
                new io.github.pgpure.convert.TypeRegistry());
        try (PgConnection connection = session.connection(Session::close)) {
            connection.fetch("select pg_sleep($1)", 0.0);
            for (int i = 0; i < RUNS; i++) {
                long start = System.nanoTime();
                session.sendCancelRequest(Deadline.in(Duration.ofSeconds(10)));
                roundTrips[i] = System.nanoTime() - start;

                Duration limit = Duration.ofNanos(20_000_000L + random.nextInt(60_000_000));
                Query query = Query.of("select pg_sleep($1)").bind(30.0).timeout(limit);
                start = System.nanoTime();
                var failure = catchThrowableOfType(QueryTimeoutException.class, () -> connection.fetch(query));
                overruns[i] = System.nanoTime() - start - limit.toNanos();
                assertThat(failure).isNotNull();
                assertThat(overruns[i]).as("a deadline that came too early").isNotNegative();
                assertThat(connection.fetchOne("select $1::int", i).getInt(0)).isEqualTo(i);
            }
        }
        Arrays.sort(overruns);
        Arrays.sort(roundTrips);
        System.err.printf(
                "DeadlineExactnessIT: %d deadlines of 20 to 80 ms: overrun p50 %.1f ms, p90 %.1f ms, max %.1f ms; a cancel's round trip p50 %.1f ms, max %.1f ms%n",
                RUNS,
                millis(overruns[RUNS / 2]),
                millis(overruns[RUNS * 9 / 10]),
                millis(overruns[RUNS - 1]),
                millis(roundTrips[RUNS / 2]),
                millis(roundTrips[RUNS - 1]));
        assertThat(millis(overruns[RUNS / 2]))
                .as("the median overrun, with seed " + SEED)
                .isLessThan(10 + 2 * millis(roundTrips[RUNS / 2]));
        // On a machine under load a thread may have to wait for a processor.
        assertThat(millis(overruns[RUNS - 1]))
                .as("the largest overrun, with seed " + SEED)
                .isLessThan(500 + millis(roundTrips[RUNS - 1]));
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
