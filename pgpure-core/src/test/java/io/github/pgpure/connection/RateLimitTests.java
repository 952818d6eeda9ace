package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What may flood the log is bounded, and it is said how much was held back. */
class RateLimitTests {

    @Test
    void letsSoManyPassInASpanAndCountsTheOthers() {
        var limit = new RateLimit(3, Duration.ofDays(1));
        for (int i = 0; i < 3; i++) {
            assertThat(limit.mayPass()).isTrue();
        }
        assertThat(limit.mayPass()).isFalse();
        assertThat(limit.mayPass()).isFalse();
        assertThat(limit.takeSuppressed()).isEqualTo(2);
        assertThat(limit.takeSuppressed()).isZero();
    }

    @Test
    void nextSpanLetsThemPassAgain() {
        var limit = new RateLimit(1, Duration.ofMillis(20));
        assertThat(limit.mayPass()).isTrue();
        Awaitility.await().until(limit::mayPass);
    }
}
