package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgHost;
import io.github.pgpure.transport.Deadline;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Having connections replaced while one has logged in and is not in the pool yet. */
@Timeout(60)
class PoolEvictionIT {

    private PoolFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
    }

    @AfterEach
    void tearDown() {
        fixture.close();
    }

    /** Does something between the first login and the connection's coming into the pool, and says why connections were closed then. */
    private List<CloseReason> reasonsAfter(Consumer<PoolCore> betweenLoginAndPool) {
        var core = new AtomicReference<@Nullable PoolCore>();
        var done = new AtomicBoolean();
        List<CloseReason> reasons = new CopyOnWriteArrayList<>();
        var its = new PoolCore(
                fixture.connectOptions().build(), fixture.options(1, 1).build(), new PoolListener() {
                    @Override
                    public void opened(int backendPid, PgHost host, long tookNanos) {
                        PoolCore pool = core.get();
                        if (pool != null && done.compareAndSet(false, true)) {
                            betweenLoginAndPool.accept(pool);
                        }
                    }

                    @Override
                    public void closed(int backendPid, CloseReason reason) {
                        reasons.add(reason);
                    }
                });
        core.set(its);
        try {
            its.start();
            its.release(its.acquire(Deadline.NONE));
            return List.copyOf(reasons);
        } finally {
            its.close();
        }
    }

    @Test
    void connectionThatHadLoggedInBeforeIsReplaced() {
        assertThat(reasonsAfter(PoolCore::softEvict)).containsExactly(CloseReason.EVICTED);
    }

    @Test
    void connectionThatHadLoggedInBeforeItsHostWasGivenUpIsReplaced() {
        assertThat(reasonsAfter(core -> {
                    HostState host = core.hosts.states().get(0);
                    host.retire(host.generation());
                }))
                .containsExactly(CloseReason.HOST_RETIRED);
    }
}
