package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.NestedTransactionNotSupportedException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.TransactionUsageException;
import org.springframework.transaction.support.TransactionTemplate;

/** Savepoints of a transaction's status, and nested transactions, which are savepoints. */
class PgSavepointsIT extends TransactionFixture {

    @Test
    void savepointsOfTheStatusCanBeRolledBackToMoreThanOnce() {
        template.executeWithoutResult(status -> {
            insert("kept");
            Object savepoint = status.createSavepoint();
            insert("first");
            status.rollbackToSavepoint(savepoint);
            insert("second");
            status.rollbackToSavepoint(savepoint);
            insert("third");
            status.releaseSavepoint(savepoint);
        });

        assertThat(names()).containsExactly("kept", "third");
    }

    @Test
    void aSavepointThatCannotBeSetAgainIsTranslated() {
        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    int pid = pg.currentTransaction().orElseThrow().connection().backendPid();
                    Object savepoint = status.createSavepoint();
                    insert("x");
                    status.rollbackToSavepoint(savepoint);
                    terminate(pid);
                    insert("y");
                }))
                .isInstanceOf(DataAccessException.class);
    }

    @Test
    void anOuterSavepointTakesTheInnerOnesWithIt() {
        template.executeWithoutResult(status -> {
            Object outer = status.createSavepoint();
            insert("a");
            Object inner = status.createSavepoint();
            insert("b");
            status.rollbackToSavepoint(outer);
            assertThatThrownBy(() -> status.rollbackToSavepoint(inner)).isInstanceOf(TransactionUsageException.class);
            insert("c");
            Object again = status.createSavepoint();
            insert("d");
            status.releaseSavepoint(outer);
            status.releaseSavepoint(again);
        });

        assertThat(names()).containsExactly("c", "d");
    }

    @Test
    void aFailedStatementIsUndoneByItsSavepoint() {
        insert("taken");
        TransactionTemplate nested = new TransactionTemplate(manager);
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);

        template.executeWithoutResult(status -> {
            insert("before");
            assertThatThrownBy(() -> nested.executeWithoutResult(s -> {
                        insert("undone");
                        insert("taken");
                    }))
                    .isInstanceOf(DuplicateKeyException.class);
            insert("after");
        });

        assertThat(names()).containsExactly("after", "before", "taken");
    }

    @Test
    void noSavepointIsSetInATransactionThatIsToBeRolledBack() {
        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    status.setRollbackOnly();
                    // the status is local to this call: what counts is the transaction's own mark
                    TransactionTemplate joined = new TransactionTemplate(manager);
                    joined.executeWithoutResult(TransactionStatus::setRollbackOnly);
                    TransactionTemplate nested = new TransactionTemplate(manager);
                    nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
                    nested.executeWithoutResult(s -> insert("x"));
                }))
                .isInstanceOf(CannotCreateTransactionException.class)
                .hasMessageContaining("rollback-only");
    }

    @Test
    void nestedIsRefusedWhereSwitchedOff() {
        manager.setNestedTransactionAllowed(false);
        TransactionTemplate nested = new TransactionTemplate(manager);
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);

        assertThatThrownBy(() -> template.executeWithoutResult(s -> nested.executeWithoutResult(t -> {})))
                .isInstanceOf(NestedTransactionNotSupportedException.class);
    }
}
