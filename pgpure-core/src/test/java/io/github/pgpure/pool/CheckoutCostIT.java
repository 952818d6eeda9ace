package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What a checkout and its return cost the calling thread, in CPU time: that is what a busy machine does not blur. */
@EnabledIfSystemProperty(named = "pgpure.measure", matches = "true")
class CheckoutCostIT {

    private static final int ROUNDS = 8;
    private static final int CHECKOUTS = 3_000_000;

    @Test
    void checkoutAndReturn() {
        try (PoolFixture fixture = new PoolFixture()) {
            PgPool pool = fixture.open(fixture.options(5, 5));
            long best = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long start = cpuNanos();
                for (int i = 0; i < CHECKOUTS; i++) {
                    pool.checkoutConnection().close();
                }
                long each = (cpuNanos() - start) / CHECKOUTS;
                best = Math.min(best, each);
                System.out.println("checkout and return: " + each + " ns of CPU");
            }
            assertThat(best).isLessThan(1_000);
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
