package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

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
        cost.wasSlow();
        assertThat(cost.isShareable()).isFalse();
        for (int i = 0; i < 63; i++) {
            cost.measured(1_000, 100);
        }
        assertThat(cost.isShareable()).isFalse();
        cost.measured(1_000, 100);
        assertThat(cost.isShareable()).isTrue();
    }
}
