package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LanePaceTests {

    private final LanePace pace = new LanePace();
    private long now = 1_000_000;

    /** So many calls that were sent together are answered together. */
    private void batch(int calls, long nanos) {
        pace.begins(now);
        now += nanos;
        pace.ended(calls, now);
        now += 1_000_000; // in which nobody calls
    }

    @Test
    void notKnownUntilThereWereEnoughCalls() {
        batch(63, 63_000);
        assertThat(pace.nanosPerCall()).isEqualTo(Long.MAX_VALUE);
        batch(1, 1_000);
        assertThat(pace.nanosPerCall()).isEqualTo(1_000);
    }

    @Test
    void timeInWhichNobodyCallsDoesNotCount() {
        for (int i = 0; i < 20; i++) {
            batch(16, 160_000);
        }
        assertThat(pace.nanosPerCall()).isEqualTo(10_000);
    }

    @Test
    void callsThatFollowEachOtherCountFromOneAnswerToTheNext() {
        pace.begins(now);
        for (int i = 0; i < 100; i++) {
            now += 20_000;
            pace.ended(1, now); // others are under way still
        }
        assertThat(pace.nanosPerCall()).isEqualTo(20_000);
    }

    @Test
    void whatHasChangedIsKnownSoon() {
        for (int i = 0; i < 20; i++) {
            batch(16, 160_000);
        }
        for (int i = 0; i < 20; i++) {
            batch(16, 16_000_000);
        }
        assertThat(pace.nanosPerCall()).isBetween(950_000L, 1_000_000L);
    }
}
