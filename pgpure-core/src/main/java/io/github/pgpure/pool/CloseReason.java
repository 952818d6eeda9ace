package io.github.pgpure.pool;

/** Why a pool closed a connection. */
public enum CloseReason {
    /** It was found lost: by a statement, at checkout, or by the keeper. */
    LOST("it was lost"),
    /** It did not answer the keep-alive ping. */
    PING_FAILED("it did not answer the keep-alive ping"),
    /** It had reached its maximum lifetime. */
    LIFETIME("it had reached its maximum lifetime"),
    /** It had not been used for the idle timeout. */
    IDLE("it had not been used for the idle timeout"),
    /** It was returned in a transaction that could not be rolled back. */
    ROLLBACK_FAILED("the transaction it was returned in could not be rolled back"),
    /** What its user had set for the session could not be undone, see {@link io.github.pgpure.PgPoolOptions#resetOnReturn()}. */
    RESET_FAILED("its session could not be reset"),
    /** It was opened before {@link PgPool#softEvict()} was called. */
    EVICTED("it was evicted"),
    /** Its server is not what {@code target_session_attrs} asks for any more. */
    HOST_RETIRED("its server is not the one that is wanted any more"),
    /** The pool was made smaller. */
    RESIZED("the pool was made smaller"),
    /** The pool was closed. */
    POOL_CLOSED("the pool was closed");

    private final String text;

    CloseReason(String text) {
        this.text = text;
    }

    /** The reason in words. */
    @Override
    public String toString() {
        return text;
    }
}
