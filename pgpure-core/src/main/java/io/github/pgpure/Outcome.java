package io.github.pgpure;

/**
 * What is known about a statement's effect when an error is thrown, so that a caller can decide whether to run it again.
 *
 * <p>Only {@link #NOT_SENT} and {@link #ROLLED_BACK} make a blind retry safe.
 */
public enum Outcome {
    /** Nothing reached the server: it is safe to try again. */
    NOT_SENT,

    /** The server reported that the statement, and the transaction it ran in, had no effect: it is safe to try again. */
    ROLLED_BACK,

    /** The statement may or may not have taken effect: look before trying again. */
    UNKNOWN
}
