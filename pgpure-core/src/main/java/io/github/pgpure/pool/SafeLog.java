package io.github.pgpure.pool;

import org.slf4j.Logger;

/** Logging where somebody owns a connection, or is the only one who does some work: a log that breaks must end neither. */
final class SafeLog {

    private SafeLog() {}

    /** Logs a failure; where the log fails too, that is added to it. */
    static void error(Logger log, String what, Throwable failure) {
        try {
            log.error(what, failure);
        } catch (Throwable t) {
            suppress(t, failure); // there is nothing left to tell it to
        }
    }

    /** Notes what else has gone wrong after a failure. */
    static void suppress(Throwable later, Throwable failure) {
        if (later != failure) {
            failure.addSuppressed(later);
        }
    }
}
