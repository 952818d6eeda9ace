package io.github.pgpure.pool;

import io.github.pgpure.PgException;
import io.github.pgpure.PgHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what an application's listener throws away from the pool. */
final class GuardedListener implements PoolListener {

    /** For a pool without a listener. */
    static final PoolListener NONE = new PoolListener() {};

    private static final Logger log = LoggerFactory.getLogger(GuardedListener.class);

    private final PoolListener listener;

    GuardedListener(PoolListener listener) {
        this.listener = listener;
    }

    @Override
    public void opened(int backendPid, PgHost host, long tookNanos) {
        guard(() -> listener.opened(backendPid, host, tookNanos));
    }

    @Override
    public void openFailed(Throwable failure) {
        guard(() -> listener.openFailed(failure));
    }

    @Override
    public void closed(int backendPid, CloseReason reason) {
        guard(() -> listener.closed(backendPid, reason));
    }

    @Override
    public void waiting() {
        guard(listener::waiting);
    }

    @Override
    public void acquired(int backendPid, long waitedNanos) {
        guard(() -> listener.acquired(backendPid, waitedNanos));
    }

    @Override
    public void acquireFailed(PgException failure) {
        guard(() -> listener.acquireFailed(failure));
    }

    @Override
    public void released(int backendPid, long usedNanos) {
        guard(() -> listener.released(backendPid, usedNanos));
    }

    @Override
    public void leakSuspected(int backendPid, String holder, long heldNanos, Throwable checkedOutAt) {
        guard(() -> listener.leakSuspected(backendPid, holder, heldNanos, checkedOutAt));
    }

    private static void guard(Runnable call) {
        try {
            call.run();
        } catch (Throwable t) {
            SafeLog.error(log, "a pool's listener failed", t);
        }
    }
}
