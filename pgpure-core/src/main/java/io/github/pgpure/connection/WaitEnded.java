package io.github.pgpure.connection;

/** Ends an operation that waits for the server; the session turns it into what the caller is told. */
final class WaitEnded extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why it ended. */
    enum Reason {
        INTERRUPTED,
        TIMED_OUT,
        CANCELLED
    }

    private final Reason reason;

    WaitEnded(Reason reason) {
        super(reason.name(), null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
