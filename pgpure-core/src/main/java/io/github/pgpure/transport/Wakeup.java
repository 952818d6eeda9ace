package io.github.pgpure.transport;

/** Why a wait on a {@link Transport} ended. */
public enum Wakeup {
    /** The socket may be ready; also when the wait ended for no reason at all. */
    READY,
    /** The deadline has passed. */
    TIMED_OUT,
    /** The waiting thread was interrupted; its interrupt flag has been cleared. */
    INTERRUPTED
}
