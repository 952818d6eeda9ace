package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.transaction.TransactionDefinition.ISOLATION_SERIALIZABLE;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NESTED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NEVER;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NOT_SUPPORTED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_REQUIRES_NEW;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_SUPPORTS;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What Spring tests its own transaction manager for data sources for, asked of this one on a real server. */
class PgTransactionBehavioursIT {

    private static final String DATABASE = "pgpure_tx_behaviours";
    private static final PostgresServer server = PostgresServer.shared();

    private static PgPool pool;
    private static PgTemplate pg;

    private final List<String> events = new ArrayList<>();

    private PgTransactionManager manager;
    private TransactionTemplate outer;

    @BeforeAll
    static void openPool() {
        server.createDatabase(DATABASE);
        pool = open();
        pg = new PgTemplate(pool);
        pg.execute("create table entry (name text primary key)");
        pg.execute("create table late (name text unique deferrable initially deferred)");
    }

    private static PgPool open() {
        return PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder().maxConnections(4).build());
    }

    @AfterAll
    static void closePool() {
        pool.close();
        server.dropDatabase(DATABASE);
    }

    @BeforeEach
    void prepare() {
        pg.execute("delete from entry");
        pg.execute("delete from late");
        manager = new PgTransactionManager(pool);
        outer = new TransactionTemplate(manager);
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
        assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                .isFalse();
        assertThat(TransactionSynchronizationManager.isCurrentTransactionReadOnly())
                .isFalse();
        assertThat(TransactionSynchronizationManager.getCurrentTransactionName())
                .isNull();
        assertThat(pool.stats().activeConnections()).isZero();
    }

    @Test
    void aCommittedTransactionTellsItsSynchronizationsInOrder() {
        outer.executeWithoutResult(status -> {
            assertThat(status.isNewTransaction()).isTrue();
            assertThat(TransactionSynchronizationManager.hasResource(pool)).isTrue();
            listen("tx");
            insert("a");
        });
        assertThat(events)
                .containsExactly("tx beforeCommit", "tx beforeCompletion", "tx afterCommit", "tx afterCompletion 0");
    }

    @Test
    void aRolledBackOneIsToldSoAndItsBeforeCommitIsNotCalled() {
        assertThatThrownBy(() -> outer.executeWithoutResult(status -> {
                    listen("tx");
                    insert("a");
                    throw new IllegalStateException("planned");
                }))
                .hasMessage("planned");
        assertThat(events).containsExactly("tx beforeCompletion", "tx afterCompletion 1");
        assertThat(names()).isEmpty();
    }

    @Test
    void anOwnersRollbackOnlyIsNoError() {
        outer.executeWithoutResult(status -> {
            insert("a");
            status.setRollbackOnly();
            assertThat(status.isRollbackOnly()).isTrue();
        });
        assertThat(names()).isEmpty();
    }

    @Test
    void aParticipantsRollbackOnlyIsAnErrorOfTheOwner() {
        TransactionStatus[] seen = new TransactionStatus[1];
        assertThatThrownBy(() -> outer.executeWithoutResult(status -> {
                    seen[0] = status;
                    listen("owner");
                    inner(-1).executeWithoutResult(participant -> {
                        assertThat(participant.isNewTransaction()).isFalse();
                        participant.setRollbackOnly();
                    });
                    assertThat(status.isRollbackOnly()).isTrue();
                }))
                .isInstanceOf(UnexpectedRollbackException.class);
        assertThat(seen[0].isCompleted()).isTrue();
        assertThat(events).containsExactly("owner beforeCompletion", "owner afterCompletion 1");
    }

    @Test
    void theParticipantIsToldWhereThatIsAskedFor() {
        manager.setFailEarlyOnGlobalRollbackOnly(true);
        List<Class<?>> seen = new ArrayList<>();
        assertThatThrownBy(() -> outer.executeWithoutResult(status -> {
                    try {
                        inner(-1)
                                .executeWithoutResult(participant ->
                                        inner(-1).executeWithoutResult(TransactionStatus::setRollbackOnly));
                    } catch (UnexpectedRollbackException e) {
                        seen.add(e.getClass());
                        throw e;
                    }
                }))
                .isInstanceOf(UnexpectedRollbackException.class);
        assertThat(seen).hasSize(1);
    }

    @Test
    void aFailedParticipantLeavesTheOwnerFreeWhereThatIsAskedFor() {
        manager.setGlobalRollbackOnParticipationFailure(false);
        outer.executeWithoutResult(status -> {
            insert("a");
            assertThatThrownBy(() -> inner(-1).executeWithoutResult(participant -> {
                        insert("b");
                        throw new IllegalStateException("planned");
                    }))
                    .hasMessage("planned");
        });
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void anIncompatibleParticipantIsRefusedWhereThatIsAskedFor() {
        manager.setValidateExistingTransaction(true);
        outer.executeWithoutResult(status -> {
            TransactionTemplate serializable = inner(-1);
            serializable.setIsolationLevel(ISOLATION_SERIALIZABLE);
            assertThatThrownBy(() -> serializable.executeWithoutResult(s -> {}))
                    .isInstanceOf(IllegalTransactionStateException.class)
                    .hasMessageContaining("isolation");
            status.setRollbackOnly();
        });
        outer.setReadOnly(true);
        outer.executeWithoutResult(status -> {
            assertThatThrownBy(() -> inner(-1).executeWithoutResult(s -> {}))
                    .isInstanceOf(IllegalTransactionStateException.class)
                    .hasMessageContaining("read-only");
            status.setRollbackOnly();
        });
    }

    @Test
    void aTransactionBegunByASynchronizationIsItsOwn() {
        outer.executeWithoutResult(status -> {
            insert("a");
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCompletion(int completion) {
                    // The outer one is over: this is a new one, which commits by itself.
                    inner(PROPAGATION_REQUIRES_NEW).executeWithoutResult(own -> {
                        assertThat(own.isNewTransaction()).isTrue();
                        insert("b");
                    });
                }
            });
        });
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void supportsAloneSynchronizesWithoutATransaction() {
        inner(PROPAGATION_SUPPORTS).executeWithoutResult(status -> {
            assertThat(TransactionSynchronizationManager.isSynchronizationActive())
                    .isTrue();
            assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                    .isFalse();
            assertThat(status.isNewTransaction()).isFalse();
            listen("none");
            insert("a");
            inner(PROPAGATION_REQUIRES_NEW).executeWithoutResult(own -> {
                assertThat(own.isNewTransaction()).isTrue();
                insert("b");
            });
        });
        assertThat(events)
                .containsExactly(
                        "none suspend",
                        "none resume",
                        "none beforeCommit",
                        "none beforeCompletion",
                        "none afterCommit",
                        "none afterCompletion 0");
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void withoutSynchronizationNothingIsSynchronized() {
        manager.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
        outer.executeWithoutResult(status -> {
            assertThat(TransactionSynchronizationManager.isSynchronizationActive())
                    .isFalse();
            insert("a");
        });
        manager.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_ON_ACTUAL_TRANSACTION);
        inner(PROPAGATION_SUPPORTS)
                .executeWithoutResult(status -> assertThat(TransactionSynchronizationManager.isSynchronizationActive())
                        .isFalse());
        assertThat(names()).containsExactly("a");
    }

    @Test
    void aNewTransactionOfAnUnrelatedPoolLeavesTheOuterOneAlone() {
        try (PgPool other = open()) {
            var otherTemplate = new PgTemplate(other);
            outer.executeWithoutResult(status -> {
                insert("a");
                TransactionTemplate unrelated = new TransactionTemplate(new PgTransactionManager(other));
                unrelated.setPropagationBehavior(PROPAGATION_REQUIRES_NEW);
                unrelated.executeWithoutResult(own -> {
                    assertThat(own.isNewTransaction()).isTrue();
                    assertThat(TransactionSynchronizationManager.hasResource(other))
                            .isTrue();
                    otherTemplate.execute("insert into entry values ('other')");
                    own.setRollbackOnly();
                });
                assertThat(TransactionSynchronizationManager.hasResource(pool)).isTrue();
            });
        }
        assertThat(names()).containsExactly("a");
    }

    @Test
    void anUnrelatedPoolThatFailsLeavesTheOuterOneAlone() {
        PgPool other = open();
        other.close();
        outer.executeWithoutResult(status -> {
            insert("a");
            TransactionTemplate unrelated = new TransactionTemplate(new PgTransactionManager(other));
            unrelated.setPropagationBehavior(PROPAGATION_REQUIRES_NEW);
            assertThatThrownBy(() -> unrelated.executeWithoutResult(own -> {}))
                    .isInstanceOf(CannotCreateTransactionException.class);
            assertThat(TransactionSynchronizationManager.isSynchronizationActive())
                    .isTrue();
            assertThat(pg.currentTransaction()).isPresent();
        });
        assertThat(names()).containsExactly("a");
    }

    @Test
    void notSupportedSuspendsAndNeverRefuses() {
        outer.executeWithoutResult(status -> {
            insert("a");
            inner(PROPAGATION_NOT_SUPPORTED).executeWithoutResult(none -> {
                assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                        .isFalse();
                assertThat(TransactionSynchronizationManager.hasResource(pool)).isFalse();
                insert("b");
            });
            assertThatThrownBy(() -> inner(PROPAGATION_NEVER).executeWithoutResult(none -> {}))
                    .isInstanceOf(IllegalTransactionStateException.class);
            status.setRollbackOnly();
        });
        assertThat(names()).containsExactly("b");
    }

    @Test
    void nestedOnesRollBackTwiceInARow() {
        outer.executeWithoutResult(status -> {
            insert("a");
            for (int i = 0; i < 2; i++) {
                inner(PROPAGATION_NESTED).executeWithoutResult(nested -> {
                    assertThat(nested.isNewTransaction()).isFalse();
                    assertThat(nested.hasSavepoint()).isTrue();
                    assertThat(nested.isNested()).isTrue();
                    insert("b");
                    nested.setRollbackOnly();
                });
                assertThat(status.hasSavepoint()).isFalse();
            }
            inner(PROPAGATION_NESTED).executeWithoutResult(nested -> insert("c"));
        });
        assertThat(names()).containsExactly("a", "c");
    }

    @Test
    void aParticipantInANestedOneSpoilsTheNestedOneAlone() {
        outer.executeWithoutResult(status -> {
            insert("a");
            assertThatThrownBy(() -> inner(PROPAGATION_NESTED).executeWithoutResult(nested -> {
                        insert("b");
                        inner(-1).executeWithoutResult(TransactionStatus::setRollbackOnly);
                    }))
                    .isInstanceOf(UnexpectedRollbackException.class);
            assertThat(status.isRollbackOnly()).isFalse();
        });
        assertThat(names()).containsExactly("a");
    }

    @Test
    void aRequiresNewInsideANestedOneIsIndependent() {
        outer.executeWithoutResult(status -> {
            insert("a");
            inner(PROPAGATION_NESTED).executeWithoutResult(nested -> {
                insert("b");
                inner(PROPAGATION_REQUIRES_NEW).executeWithoutResult(own -> insert("c"));
                nested.setRollbackOnly();
            });
        });
        assertThat(names()).containsExactly("a", "c");
    }

    @Test
    void aManualSavepointIsReleasedOrRolledBack() {
        outer.executeWithoutResult(status -> {
            Object kept = status.createSavepoint();
            insert("a");
            status.releaseSavepoint(kept);
            Object undone = status.createSavepoint();
            insert("b");
            status.rollbackToSavepoint(undone);
            status.releaseSavepoint(undone);
            insert("c");
            status.flush();
        });
        assertThat(names()).containsExactly("a", "c");
    }

    @Test
    void aFailedCommitIsARolledBackOneForItsSynchronizations() {
        assertThatThrownBy(() -> outer.executeWithoutResult(status -> {
                    listen("tx");
                    pg.execute("insert into late values ('x'), ('x')");
                }))
                .isInstanceOf(DuplicateKeyException.class);
        // Spring knows only that the commit failed, unless it is told to roll back then.
        assertThat(events).startsWith("tx beforeCommit", "tx beforeCompletion").doesNotContain("tx afterCommit");

        events.clear();
        manager.setRollbackOnCommitFailure(true);
        assertThatThrownBy(() -> outer.executeWithoutResult(status -> {
                    listen("tx");
                    pg.execute("insert into late values ('x'), ('x')");
                }))
                .isInstanceOf(DuplicateKeyException.class);
        assertThat(events).endsWith("tx afterCompletion 1");
        assertThat(pg.fetchOne("select count(*) from late").getLong(0)).isZero();
    }

    @Test
    void aCompletedOneCannotBeCompletedAgain() {
        TransactionStatus status = manager.getTransaction(new DefaultTransactionDefinition());
        manager.commit(status);
        assertThatThrownBy(() -> manager.commit(status)).isInstanceOf(IllegalTransactionStateException.class);
        assertThatThrownBy(() -> manager.rollback(status)).isInstanceOf(IllegalTransactionStateException.class);
    }

    @Test
    void anErrorInBeforeCommitRollsBackAndOneInAfterCommitDoesNot() {
        assertThatThrownBy(() -> outer.executeWithoutResult(status -> {
                    insert("a");
                    register(
                            () -> {
                                throw new IllegalStateException("before");
                            },
                            () -> {});
                }))
                .hasMessage("before");
        assertThat(names()).isEmpty();
        assertThatThrownBy(() -> outer.executeWithoutResult(status -> {
                    insert("b");
                    register(() -> {}, () -> {
                        throw new IllegalStateException("after");
                    });
                }))
                .hasMessage("after");
        assertThat(names()).containsExactly("b");
    }

    private static void register(Runnable beforeCommit, Runnable afterCommit) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void beforeCommit(boolean readOnly) {
                beforeCommit.run();
            }

            @Override
            public void afterCommit() {
                afterCommit.run();
            }
        });
    }

    private TransactionTemplate inner(int propagation) {
        TransactionTemplate template = new TransactionTemplate(manager);
        if (propagation >= 0) {
            template.setPropagationBehavior(propagation);
        }
        return template;
    }

    private void listen(String name) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void suspend() {
                events.add(name + " suspend");
            }

            @Override
            public void resume() {
                events.add(name + " resume");
            }

            @Override
            public void beforeCommit(boolean readOnly) {
                events.add(name + " beforeCommit");
            }

            @Override
            public void beforeCompletion() {
                events.add(name + " beforeCompletion");
            }

            @Override
            public void afterCommit() {
                events.add(name + " afterCommit");
            }

            @Override
            public void afterCompletion(int status) {
                events.add(name + " afterCompletion " + status);
            }
        });
    }

    private static void insert(String name) {
        pg.execute("insert into entry values ($1)", name);
    }

    private static List<String> names() {
        return pg.sql("select name from entry order by name")
                .query(String.class)
                .list();
    }
}
