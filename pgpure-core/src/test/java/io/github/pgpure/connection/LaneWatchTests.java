package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a call on a shared connection is cancelled for holding up others: for a server that is late, never for a leader that is. */
class LaneWatchTests {

    private static final long TICK = LaneWatch.TICK.toNanos();

    private final LaneWatch watch = new LaneWatch();
    private final LaneCall call = new LaneCall(new StatementDescription());
    private long now = 1;

    /** One tick; whether the call is to be cancelled. */
    private boolean tick(boolean serverIsLate, boolean othersWait) throws IOException {
        now += TICK;
        return watch.isHeldUp(call, serverIsLate) && watch.isToCancel(call, othersWait, now);
    }

    @Test
    void serverThatIsLateForTwoTicksHasItsStatementCancelledOnce() throws IOException {
        assertThat(tick(true, true)).isFalse();
        assertThat(tick(true, true)).isFalse();
        assertThat(tick(true, true)).isTrue();
        assertThat(tick(true, true)).as("one request is on its way").isFalse();
        assertThat(call.slow).isTrue();
    }

    @Test
    void nobodyIsHeldUpByAStatementBehindWhichNobodyWaits() throws IOException {
        for (int i = 0; i < 100; i++) {
            assertThat(tick(true, false)).isFalse();
        }
        assertThat(call.slow).isFalse();
    }

    @Test
    void ticksInWhichTheLeaderGotNoProcessorDoNotCount() throws IOException {
        for (int i = 0; i < 100; i++) {
            assertThat(tick(false, true)).isFalse();
        }
        assertThat(call.slow).isFalse();
        assertThat(tick(true, true)).isTrue();
    }

    @Test
    void cancelledStatementIsGivenUpOnlyWhereTheServerIsSeenNotToAnswer() throws IOException {
        tick(true, true);
        tick(true, true);
        assertThat(tick(true, true)).isTrue();
        watch.cancelled();
        now += TimeUnit.SECONDS.toNanos(6);
        assertThat(tick(false, true)).as("asked to stop once more").isTrue();
        assertThatThrownBy(() -> tick(true, true)).isInstanceOf(IOException.class);
    }

    @Test
    void callWhoseCallerHasGoneIsCancelledAtOnce() throws IOException {
        call.givenUp = true;
        assertThat(tick(false, false)).isFalse();
        assertThat(tick(false, false)).isTrue();
    }
}
