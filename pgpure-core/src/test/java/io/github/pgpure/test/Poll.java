package io.github.pgpure.test;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/** Waiting for what the server does in its own time. */
final class Poll {

    private Poll() {}

    static void until(String what, BooleanSupplier condition) {
        Awaitility.await(what)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(30))
                .until(condition::getAsBoolean);
    }
}
