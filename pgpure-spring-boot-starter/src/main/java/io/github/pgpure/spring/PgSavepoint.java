package io.github.pgpure.spring;

import io.github.pgpure.connection.PgTransaction;
import org.jspecify.annotations.Nullable;

/**
 * A savepoint as Spring's {@code SavepointManager} means it: rolling back to it leaves it in place, so that work can go on and be
 * rolled back to it once more.
 *
 * <p>A rollback ends pgpure's own savepoint. It is set again only when another statement follows, so that the usual end of a
 * nested transaction (roll back, then release) costs nothing more.
 */
final class PgSavepoint {

    private final PgTransaction outer;
    private @Nullable PgTransaction inner;

    PgSavepoint(PgTransaction outer) {
        this.outer = outer;
        this.inner = outer.savepoint();
    }

    PgTransaction open() {
        if (inner == null) {
            inner = outer.savepoint();
        }
        return inner;
    }

    void rollback() {
        if (inner != null) {
            PgTransaction ended = inner;
            inner = null;
            ended.rollback();
        }
    }

    void release() {
        if (inner != null) {
            PgTransaction ended = inner;
            inner = null;
            ended.commit();
        }
    }
}
