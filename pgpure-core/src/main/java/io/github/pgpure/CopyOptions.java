package io.github.pgpure;

import java.time.Duration;
import java.util.Objects;

/**
 * How a COPY is run; immutable, so it can be kept and shared between threads.
 *
 * <pre>{@code
 * CopyOptions.defaults().timeout(Duration.ofMinutes(10)).onProgress((rows, bytes) -> bar.show(bytes))
 * }</pre>
 */
public final class CopyOptions {

    private static final CopyOptions DEFAULTS = new CopyOptions(Duration.ZERO, (rows, bytes) -> {});

    private final Duration timeout;
    private final CopyProgress progress;

    private CopyOptions(Duration timeout, CopyProgress progress) {
        this.timeout = timeout;
        this.progress = progress;
    }

    /** No deadline but that of the connection or pool, and nobody is told of the progress. */
    public static CopyOptions defaults() {
        return DEFAULTS;
    }

    /**
     * These options with a deadline, counted from the call; waiting for a connection is included.
     *
     * @param timeout the time the call may take; {@link Duration#ZERO}, the default, for the default of the connection or pool
     */
    public CopyOptions timeout(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        return new CopyOptions(timeout, progress);
    }

    /** These options with somebody who is told how far the copy has got. */
    public CopyOptions onProgress(CopyProgress progress) {
        return new CopyOptions(timeout, Objects.requireNonNull(progress, "progress"));
    }

    /** The time the call may take, {@link Duration#ZERO} for the default of the connection or pool. */
    public Duration timeout() {
        return timeout;
    }

    /** Who is told how far the copy has got. */
    public CopyProgress progress() {
        return progress;
    }

    @Override
    public String toString() {
        return "CopyOptions[timeout=" + timeout + "]";
    }
}
