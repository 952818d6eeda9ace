package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Intervals are the same Java values whatever {@code IntervalStyle} the session has. */
class IntervalStylesIT {

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "postgres_verbose", "sql_standard", "iso_8601"})
    void textsOfEveryStyleAreRead(String style) {
        try (PgConnection connection =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()))) {
            connection.execute("set IntervalStyle = " + style);
            for (int months : new int[] {0, 1, -1, 12, 14, -25}) {
                for (int days : new int[] {0, 1, -3, 400}) {
                    for (long micros :
                            new long[] {0, 1, -1, 500_000, 7_000_000, -3_661_000_000L, 14_706_700_000L, 360_000_000_000L
                            }) {
                        Interval interval = new Interval(months, days, micros);
                        Row row = connection.fetchOne(
                                "select $1::interval as v, format('%s', $1::interval) as t", interval);
                        assertThat(row.get("v")).isEqualTo(interval);
                        assertThat(Interval.parse(row.getString("t")))
                                .as("%s", row.getString("t"))
                                .isEqualTo(interval);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "postgres_verbose", "sql_standard", "iso_8601"})
    void smallestAndLargestOnesAreRead(String style) {
        try (PgConnection connection =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()))) {
            connection.execute("set IntervalStyle = " + style);
            for (Interval interval : new Interval[] {
                new Interval(0, 0, Long.MIN_VALUE),
                new Interval(0, 0, Long.MAX_VALUE),
                new Interval(0, Integer.MIN_VALUE, 0),
                new Interval(0, Integer.MAX_VALUE, 0),
                new Interval(Integer.MIN_VALUE, 0, 0),
                new Interval(Integer.MAX_VALUE, 0, 0)
            }) {
                Row row = connection.fetchOne("select $1::interval as v, format('%s', $1::interval) as t", interval);
                assertThat(row.get("v")).isEqualTo(interval);
                assertThat(Interval.parse(row.getString("t")))
                        .as("%s", row.getString("t"))
                        .isEqualTo(interval);
            }
        }
    }

    @Test
    void otherTextsAreNone() {
        for (String text : new String[] {"", "P", "x", "1 2", "@ 1 lightyear", "1:2", "- 1", "--1"}) {
            assertThatThrownBy(() -> Interval.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
