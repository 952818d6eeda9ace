package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.PgException;
import io.github.pgpure.UniqueViolationException;
import io.github.pgpure.pool.PgPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.InvalidIsolationLevelException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What the transaction manager asks of a real server, and what the application and its synchronizations are told of it. */
class PgTransactionManagerIT extends TransactionFixture {

    @BeforeAll
    static void createLate() {
        pg.execute("create table late (name text unique deferrable initially deferred)");
    }

    @BeforeEach
    void emptyLate() {
        pg.execute("delete from late");
    }

    @ParameterizedTest
    @CsvSource({
        "ISOLATION_READ_UNCOMMITTED, read uncommitted",
        "ISOLATION_READ_COMMITTED, read committed",
        "ISOLATION_REPEATABLE_READ, repeatable read",
        "ISOLATION_SERIALIZABLE, serializable",
        "ISOLATION_DEFAULT, read committed"
    })
    void isolationIsThatOfTheServer(String constant, String expected) {
        template.setIsolationLevelName(constant);

        assertThat(template.<String>execute(status -> setting("transaction_isolation")))
                .isEqualTo(expected);
    }

    @Test
    void refusesAnIsolationThatPostgresHasNot() {
        TransactionDefinition odd = new TransactionDefinition() {
            @Override
            public int getIsolationLevel() {
                return 16;
            }
        };

        assertThatThrownBy(() -> manager.getTransaction(odd)).isInstanceOf(InvalidIsolationLevelException.class);
    }

    @Test
    void readOnlyIsEnforcedByTheServer() {
        template.setReadOnly(true);

        assertThatThrownBy(() -> template.executeWithoutResult(status -> insert("x")))
                .isInstanceOf(InvalidDataAccessApiUsageException.class)
                .hasMessageContaining("25006");
        assertThat(names()).isEmpty();
    }

    @Test
    void readOnlyIsNotInheritedByTheConnectionsNextUser() {
        template.setReadOnly(true);
        template.executeWithoutResult(
                status -> assertThat(setting("transaction_read_only")).isEqualTo("on"));

        insert("x");

        assertThat(names()).containsExactly("x");
    }

    @Test
    void timeoutIsTheDeadlineOfEveryStatement() {
        template.setTimeout(1);
        long startNanos = System.nanoTime();

        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    insert("x");
                    pg.execute("select pg_sleep(30)");
                }))
                .isInstanceOf(QueryTimeoutException.class)
                .hasCauseInstanceOf(io.github.pgpure.QueryTimeoutException.class);

        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(6));
        assertThat(names()).isEmpty();
    }

    @Test
    void defaultTimeoutOfTheManagerCounts() {
        manager.setDefaultTimeout(1);

        assertThatThrownBy(() -> template.executeWithoutResult(status -> pg.execute("select pg_sleep(30)")))
                .isInstanceOf(QueryTimeoutException.class);
    }

    @Test
    void aSwallowedTimeoutDoesNotCommit() {
        template.setTimeout(3);

        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    insert("x");
                    try {
                        pg.execute("select pg_sleep(30)");
                    } catch (DataAccessException e) {
                        // carries on as if nothing had happened
                    }
                }))
                .isInstanceOf(UnexpectedRollbackException.class);

        assertThat(names()).isEmpty();
    }

    @Test
    void aSwallowedErrorIsReportedByTheCommit() {
        insert("taken");

        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    insert("x");
                    assertThatThrownBy(() -> insert("taken")).isInstanceOf(DuplicateKeyException.class);
                }))
                .isInstanceOf(UnexpectedRollbackException.class)
                .hasMessageContaining("PROPAGATION_NESTED")
                .hasCauseInstanceOf(PgException.class);

        assertThat(names()).containsExactly("taken");
    }

    @Test
    void aRefusedCommitIsTranslated() {
        List<Integer> completions = new ArrayList<>();

        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    record(completions);
                    pg.execute("insert into late values ('a'), ('a')");
                }))
                .isInstanceOf(DuplicateKeyException.class)
                .hasCauseInstanceOf(UniqueViolationException.class);

        assertThat(completions).containsExactly(TransactionSynchronization.STATUS_ROLLED_BACK);
        assertThat(pg.fetchOne("select count(*) from late").getLong(0)).isZero();
    }

    @Test
    void aSerializationFailureAtCommitIsACannotAcquireLock() {
        template.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
        TransactionTemplate other = new TransactionTemplate(manager);
        other.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
        other.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);

        assertThatThrownBy(() -> template.executeWithoutResult(outer -> {
                    pg.fetch("select count(*) from entry");
                    insert("outer");
                    other.executeWithoutResult(inner -> {
                        pg.fetch("select count(*) from entry");
                        insert("inner");
                    });
                }))
                .isInstanceOf(CannotAcquireLockException.class);

        assertThat(names()).containsExactly("inner");
    }

    @Test
    void aConnectionLostBeforeTheCommitIsNoSuccess() {
        List<Integer> completions = new ArrayList<>();

        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    record(completions);
                    insert("x");
                    int pid = pg.currentTransaction().orElseThrow().connection().backendPid();
                    terminate(pid);
                }))
                .isInstanceOfAny(TransactionSystemException.class, DataAccessResourceFailureException.class);

        assertThat(completions).hasSize(1).doesNotContain(TransactionSynchronization.STATUS_COMMITTED);
        assertThat(names()).isEmpty();
    }

    @Test
    void aLostConnectionDoesNotHideTheApplicationsOwnException() {
        assertThatThrownBy(() -> template.executeWithoutResult(status -> {
                    insert("x");
                    terminate(pg.currentTransaction().orElseThrow().connection().backendPid());
                    throw new IllegalArgumentException("the reason");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the reason");
    }

    @Test
    void aTransactionThatCannotBeginLeavesNothingBehind() {
        try (PgPool closed = open(1)) {
            closed.close();
            var closedManager = new PgTransactionManager(closed);

            assertThatThrownBy(() -> new TransactionTemplate(closedManager).executeWithoutResult(status -> {}))
                    .isInstanceOf(CannotCreateTransactionException.class)
                    .hasMessageContaining("could not begin a transaction");
        }
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
    }

    @Test
    void aFailedInnerBeginResumesTheOuterTransaction() {
        try (PgPool small = open(1)) {
            var smallManager = new PgTransactionManager(small);
            var smallTemplate = new PgTemplate(small);
            TransactionTemplate outer = new TransactionTemplate(smallManager);
            TransactionTemplate inner = new TransactionTemplate(smallManager);
            inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);

            outer.executeWithoutResult(status -> {
                smallTemplate.execute("insert into entry values ('outer')");
                assertThatThrownBy(() -> inner.executeWithoutResult(s -> {}))
                        .isInstanceOf(CannotCreateTransactionException.class)
                        .hasMessageContaining("REQUIRES_NEW");
                smallTemplate.execute("insert into entry values ('outer again')");
            });
            assertThat(small.stats().activeConnections()).isZero();
        }
        assertThat(names()).containsExactly("outer", "outer again");
    }

    static Stream<ThreadKind> threads() {
        return ThreadKind.available();
    }

    /** Every connection is held by a transaction whose thread wants a second one: without help nobody gets on. */
    @ParameterizedTest
    @MethodSource("threads")
    void aPoolStarvedByRequiresNewIsDiagnosedAtOnce(ThreadKind kind) throws Exception {
        int callers = 4;
        CyclicBarrier allHoldOne = new CyclicBarrier(callers);
        CountDownLatch done = new CountDownLatch(callers);
        List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        long startNanos = System.nanoTime();
        for (int i = 0; i < callers; i++) {
            String name = kind + "-" + i;
            kind.factory()
                    .newThread(() -> {
                        try {
                            new TransactionTemplate(manager).executeWithoutResult(status -> {
                                insert(name);
                                await(allHoldOne);
                                inner.executeWithoutResult(s -> insert(name + "-inner"));
                            });
                        } catch (RuntimeException e) {
                            errors.add(e);
                        } finally {
                            done.countDown();
                        }
                    })
                    .start();
        }

        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
                .as("well before the acquire timeout of 20 s")
                .isLessThan(Duration.ofSeconds(10));
        assertThat(errors)
                .isNotEmpty()
                .hasSizeLessThan(callers)
                .allSatisfy(error -> assertThat(error)
                        .isInstanceOf(CannotCreateTransactionException.class)
                        .hasMessageContaining("4 of the pool's 4 connections")
                        .hasMessageContaining("REQUIRES_NEW"));
        assertThat(names()).hasSize(2 * (callers - errors.size()));
    }

    @Test
    void synchronizationsAndListenersSeeTheCommit() {
        List<String> events = new ArrayList<>();
        manager.setTransactionExecutionListeners(List.of(new TransactionExecutionListener() {
            @Override
            public void afterBegin(TransactionExecution transaction, Throwable beginFailure) {
                events.add("begun");
            }

            @Override
            public void afterCommit(TransactionExecution transaction, Throwable commitFailure) {
                events.add("listener committed");
            }
        }));
        template.executeWithoutResult(status -> {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void beforeCommit(boolean readOnly) {
                    insert("from beforeCommit");
                }

                @Override
                public void afterCommit() {
                    events.add("committed");
                }

                @Override
                public void afterCompletion(int status) {
                    events.add("completed " + status);
                }
            });
            insert("x");
        });

        assertThat(events).containsExactly("begun", "committed", "completed 0", "listener committed");
        assertThat(names()).containsExactly("from beforeCommit", "x");
    }

    @Test
    void suspensionTellsTheSynchronizations() {
        List<String> events = new ArrayList<>();
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        template.executeWithoutResult(status -> {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void suspend() {
                    events.add("suspend");
                }

                @Override
                public void resume() {
                    events.add("resume");
                }
            });
            inner.executeWithoutResult(s -> events.add("inner"));
        });

        assertThat(events).containsExactly("suspend", "inner", "resume");
    }

    @Test
    void twoManagersOfTwoPoolsDoNotMeet() {
        try (PgPool second = open(2)) {
            var secondTemplate = new PgTemplate(second);
            template.executeWithoutResult(status -> {
                insert("uncommitted");
                assertThat(secondTemplate.currentTransaction()).isEmpty();
                assertThat(secondTemplate.fetchOne("select count(*) from entry").getLong(0))
                        .isZero();
                new TransactionTemplate(new PgTransactionManager(second)).executeWithoutResult(s -> {
                    assertThat(secondTemplate.currentTransaction()).isPresent();
                    secondTemplate.execute("insert into entry values ('second')");
                });
                status.setRollbackOnly();
            });
        }
        assertThat(names()).containsExactly("second");
    }

    private static String setting(String name) {
        return String.valueOf(pg.fetchOne("select current_setting($1)", name).getString(0));
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
