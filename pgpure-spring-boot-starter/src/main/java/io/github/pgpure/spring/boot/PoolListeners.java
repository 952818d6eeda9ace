package io.github.pgpure.spring.boot;

import io.github.pgpure.PgException;
import io.github.pgpure.PgHost;
import io.github.pgpure.pool.CloseReason;
import io.github.pgpure.pool.PoolListener;
import java.util.List;

/** Tells several listeners; thread-safe. What one of them throws keeps the pool, which logs it, from telling those after it. */
final class PoolListeners implements PoolListener {

    private final List<PoolListener> listeners;

    PoolListeners(List<PoolListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    @Override
    public void opened(int backendPid, PgHost host, long tookNanos) {
        for (PoolListener listener : listeners) {
            listener.opened(backendPid, host, tookNanos);
        }
    }

    @Override
    public void openFailed(Throwable failure) {
        for (PoolListener listener : listeners) {
            listener.openFailed(failure);
        }
    }

    @Override
    public void closed(int backendPid, CloseReason reason) {
        for (PoolListener listener : listeners) {
            listener.closed(backendPid, reason);
        }
    }

    @Override
    public void waiting() {
        for (PoolListener listener : listeners) {
            listener.waiting();
        }
    }

    @Override
    public void acquired(int backendPid, long waitedNanos) {
        for (PoolListener listener : listeners) {
            listener.acquired(backendPid, waitedNanos);
        }
    }

    @Override
    public void acquireFailed(PgException failure) {
        for (PoolListener listener : listeners) {
            listener.acquireFailed(failure);
        }
    }

    @Override
    public void released(int backendPid, long usedNanos) {
        for (PoolListener listener : listeners) {
            listener.released(backendPid, usedNanos);
        }
    }

    @Override
    public void leakSuspected(int backendPid, String holder, long heldNanos, Throwable checkedOutAt) {
        for (PoolListener listener : listeners) {
            listener.leakSuspected(backendPid, holder, heldNanos, checkedOutAt);
        }
    }
}
