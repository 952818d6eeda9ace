package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionTemplate;

/** Streams that are left open are closed by the end of their transaction, nested or not. */
class PgTransactionStreamsIT extends TransactionFixture {

    @Test
    void aStreamThatWasLeftOpenDoesNotKeepTheTransactionFromItsCommit() {
        template.executeWithoutResult(status -> {
            insert("x");
            pg.stream("select i from generate_series(1, 1000000) as s(i)")
                    .iterator()
                    .next();
        });

        assertThat(names()).containsExactly("x");
    }

    @Test
    void aStreamThatWasLeftOpenDoesNotKeepTheTransactionFromItsRollback() {
        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    insert("x");
                    pg.stream("select i from generate_series(1, 1000000) as s(i)")
                            .iterator()
                            .next();
                    throw new IllegalArgumentException("the reason");
                }))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(names()).isEmpty();
    }

    @Test
    void aStreamThatWasLeftOpenDoesNotKeepANestedTransactionFromItsEnd() {
        template.executeWithoutResult(status -> {
            insert("outer");
            nested().executeWithoutResult(s -> {
                insert("inner");
                leaveAStreamOpen();
            });
        });

        assertThat(names()).containsExactly("inner", "outer");
    }

    @Test
    void aStreamThatWasLeftOpenDoesNotKeepANestedTransactionFromItsRollback() {
        template.executeWithoutResult(status -> {
            insert("outer");
            assertThatThrownBy(() -> nested().executeWithoutResult(s -> {
                        insert("inner");
                        leaveAStreamOpen();
                        throw new IllegalArgumentException("the reason");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
        });

        assertThat(names()).containsExactly("outer");
    }

    @Test
    void aStreamThatFailsWhenItIsClosedByTheEndOfANestedTransactionKeepsNothingOfIt() {
        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    insert("outer");
                    assertThatThrownBy(() -> nested().executeWithoutResult(s -> {
                                insert("inner");
                                leaveAFailingStreamOpen();
                            }))
                            .isInstanceOf(DataAccessException.class)
                            .hasMessageContaining("division by zero");
                }))
                .isInstanceOf(UnexpectedRollbackException.class);

        assertThat(names()).isEmpty();
    }

    @Test
    void aStreamThatFailsWhenItIsClosedDoesNotHideTheApplicationsOwnException() {
        List<Integer> completions = new ArrayList<>();

        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    record(completions);
                    leaveAFailingStreamOpen();
                    throw new IllegalArgumentException("the reason");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the reason");

        assertThat(completions).containsExactly(TransactionSynchronization.STATUS_ROLLED_BACK);
    }

    @Test
    void aStreamThatFailsWhenItIsClosedDoesNotKeepANestedTransactionFromItsRollback() {
        template.executeWithoutResult(status -> {
            insert("outer");
            assertThatThrownBy(() -> nested().executeWithoutResult(s -> {
                        insert("inner");
                        leaveAFailingStreamOpen();
                        throw new IllegalArgumentException("the reason");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
        });

        assertThat(names()).containsExactly("outer");
    }

    private TransactionTemplate nested() {
        TransactionTemplate nested = new TransactionTemplate(manager);
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        return nested;
    }

    private static void leaveAStreamOpen() {
        pg.stream("select i from generate_series(1, 1000000) as s(i)")
                .iterator()
                .next();
    }

    /** Its error comes after the first row. */
    private static void leaveAFailingStreamOpen() {
        pg.stream("select 1 / (100 - i) from generate_series(1, 1000) as s(i)")
                .iterator()
                .next();
    }
}
