package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StatementCostTests {

    private final StatementCost cost = new StatementCost(true);

    @Test
    void theLessOfWhatIsKnownSaysHowManyAreTogether() {
        cost.measured(4_000_000, 100);
        assertThat(cost.joins(1, Long.MAX_VALUE)).isFalse();
        assertThat(cost.joins(1, 1_000)).isTrue();
        assertThat(cost.joins(64, 1_000))
                .as("a line of others that are much shorter")
                .isFalse();
        cost.measured(1_000, 100);
        assertThat(cost.joins(1, Long.MAX_VALUE)).isTrue();
        assertThat(cost.joins(1, 10_000_000)).isTrue();
        assertThat(cost.joins(1_000_000, 1_000)).isFalse();
    }

    @Test
    void whatHasKeptOthersWaitingHasToBeShortOftenBeforeItIsSharedAgain() {
        cost.measured(1_000, 100);
        assertThat(cost.isShareable()).isTrue();
        cost.wasSlow(0);
        assertThat(runsUntilShared()).isEqualTo(64);
    }

    @Test
    void whatKeepsOthersWaitingAgainAndAgainIsSharedLessAndLess() {
        long now = System.nanoTime();
        for (int expected : new int[] {64, 128, 256, 512}) {
            cost.wasSlow(now);
            assertThat(runsUntilShared()).isEqualTo(expected);
        }
        for (int i = 0; i < 100; i++) {
            cost.wasSlow(now);
        }
        assertThat(runsUntilShared()).isEqualTo(1 << 20);
    }

    /** On a busy machine everything keeps others waiting now and then: that must not count for ever. */
    @Test
    void afterSomeQuietMinutesItIsForgiven() {
        long now = System.nanoTime();
        for (int i = 0; i < 5; i++) {
            cost.wasSlow(now); // the next one would cost 2,048
        }
        now += TimeUnit.MINUTES.toNanos(3);
        cost.wasSlow(now);
        assertThat(runsUntilShared()).isEqualTo(256);
        now += TimeUnit.HOURS.toNanos(1);
        cost.wasSlow(now);
        assertThat(runsUntilShared()).isEqualTo(64);
    }

    private int runsUntilShared() {
        int runs = 0;
        do {
            cost.measured(1_000, 100);
            runs++;
        } while (!cost.isShareable());
        return runs;
    }
}
