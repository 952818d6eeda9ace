package io.github.pgpure.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_MANDATORY;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NESTED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NEVER;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NOT_SUPPORTED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_REQUIRED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_REQUIRES_NEW;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_SUPPORTS;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Propagation x outcome x nesting on a real server, on every kind of thread: what is in the table afterwards. */
class PgTransactionMatrixIT {

    private static final String DATABASE = "pgpure_matrix";

    private static PgPool pool;
    private static PgTemplate pg;
    private static PgTransactionManager manager;

    enum Propagation {
        REQUIRED(PROPAGATION_REQUIRED),
        SUPPORTS(PROPAGATION_SUPPORTS),
        MANDATORY(PROPAGATION_MANDATORY),
        REQUIRES_NEW(PROPAGATION_REQUIRES_NEW),
        NOT_SUPPORTED(PROPAGATION_NOT_SUPPORTED),
        NEVER(PROPAGATION_NEVER),
        NESTED(PROPAGATION_NESTED);

        final int value;

        Propagation(int value) {
            this.value = value;
        }

        boolean joins() {
            return this == REQUIRED || this == SUPPORTS || this == MANDATORY;
        }
    }

    enum Outer {
        NONE,
        COMMITS,
        ROLLS_BACK
    }

    enum Inner {
        COMMITS,
        THROWS,
        MARKS_ROLLBACK_ONLY,
        STATEMENT_FAILS
    }

    private static final class Planned extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @BeforeAll
    static void openPool() {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(DATABASE);
        pool = PgPool.open(
                PgConnectOptions.parse(server.uri(DATABASE)),
                PgPoolOptions.builder()
                        .maxConnections(6)
                        .acquireTimeout(Duration.ofSeconds(20))
                        .build());
        pg = new PgTemplate(pool);
        manager = new PgTransactionManager(pool);
        pg.execute("create table entry (name text primary key)");
    }

    @AfterAll
    static void closePool() {
        pool.close();
        PostgresServer.shared().dropDatabase(DATABASE);
    }

    @BeforeEach
    void emptyTable() {
        pg.execute("delete from entry");
        pg.execute("insert into entry values ('taken')");
    }

    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        ThreadKind.available().forEach(thread -> {
            for (Propagation propagation : Propagation.values()) {
                for (Outer outer : Outer.values()) {
                    for (Inner inner : Inner.values()) {
                        cases.add(Arguments.of(thread, propagation, outer, inner));
                    }
                }
            }
        });
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}: {1} in {2}, {3}")
    @MethodSource("cases")
    void leavesWhatWasCommittedAndNothingElse(ThreadKind thread, Propagation propagation, Outer outer, Inner inner)
            throws Exception {
        thread.run(() -> {
            boolean refused = propagation == Propagation.MANDATORY && outer == Outer.NONE
                    || propagation == Propagation.NEVER && outer != Outer.NONE;
            Class<?> innerError = null;
            Class<?> outerError = null;
            if (outer == Outer.NONE) {
                innerError = runInner(propagation, inner);
            } else {
                Class<?>[] seen = new Class<?>[1];
                outerError = errorOf(() -> template(PROPAGATION_REQUIRED).executeWithoutResult(status -> {
                    insert("before");
                    seen[0] = runInner(propagation, inner);
                    if (joinedAndFailed(propagation, inner)) {
                        // The server refuses statements after a failed one: this is what an application sees too.
                        if (inner != Inner.STATEMENT_FAILS) {
                            insert("after");
                        }
                    } else {
                        insert("after");
                    }
                    if (outer == Outer.ROLLS_BACK) {
                        throw new Planned();
                    }
                }));
                innerError = seen[0];
            }
            assertThat(innerError).as("error of the inner call").isEqualTo(expectedInnerError(refused, inner));
            assertThat(outerError)
                    .as("error of the outer call")
                    .isEqualTo(expectedOuterError(propagation, outer, inner));
            assertThat(names()).as("rows").isEqualTo(expectedRows(refused, propagation, outer, inner));
            assertNothingIsLeft();
        });
    }

    private static boolean joinedAndFailed(Propagation propagation, Inner inner) {
        return propagation.joins() && inner != Inner.COMMITS;
    }

    private static Class<?> expectedInnerError(boolean refused, Inner inner) {
        if (refused) {
            return IllegalTransactionStateException.class;
        }
        return switch (inner) {
            case COMMITS, MARKS_ROLLBACK_ONLY -> null;
            case THROWS -> Planned.class;
            case STATEMENT_FAILS -> DuplicateKeyException.class;
        };
    }

    private static Class<?> expectedOuterError(Propagation propagation, Outer outer, Inner inner) {
        if (outer == Outer.ROLLS_BACK) {
            return Planned.class;
        }
        return outer == Outer.COMMITS && joinedAndFailed(propagation, inner) ? UnexpectedRollbackException.class : null;
    }

    private static Set<String> expectedRows(boolean refused, Propagation propagation, Outer outer, Inner inner) {
        Set<String> rows = new TreeSet<>(Set.of("taken"));
        boolean outerKept = outer == Outer.COMMITS && !joinedAndFailed(propagation, inner);
        if (outerKept) {
            rows.addAll(Set.of("before", "after"));
        }
        boolean innerKept = switch (propagation) {
            case REQUIRED, MANDATORY, NESTED -> inner == Inner.COMMITS && (outer == Outer.NONE || outerKept);
            case SUPPORTS -> outer == Outer.NONE || inner == Inner.COMMITS && outerKept;
            case REQUIRES_NEW -> inner == Inner.COMMITS;
            case NOT_SUPPORTED, NEVER -> true;
        };
        if (!refused && innerKept) {
            rows.add("inner");
        }
        return rows;
    }

    private static Class<?> runInner(Propagation propagation, Inner inner) {
        return errorOf(() -> template(propagation.value).executeWithoutResult(status -> {
            insert("inner");
            switch (inner) {
                case COMMITS -> {}
                case THROWS -> throw new Planned();
                case MARKS_ROLLBACK_ONLY -> status.setRollbackOnly();
                case STATEMENT_FAILS -> insert("taken");
            }
        }));
    }

    static Stream<Arguments> seeds() {
        long base = System.nanoTime();
        System.out.println("PgTransactionMatrixIT: seeds from " + base);
        return ThreadKind.available()
                .flatMap(thread ->
                        Stream.iterate(base, seed -> seed + 1).limit(40).map(seed -> Arguments.of(thread, seed)));
    }

    /** Random trees of REQUIRED, NESTED and REQUIRES_NEW, compared with a model that keeps the rows in sets. */
    @ParameterizedTest(name = "{0}: seed {1}")
    @MethodSource("seeds")
    void agreesWithAModelForRandomNesting(ThreadKind thread, long seed) throws Exception {
        thread.run(() -> {
            Scope root = new Scope(null, new TreeSet<>());
            var program = new RandomProgram(new Random(seed));
            try {
                template(PROPAGATION_REQUIRED).executeWithoutResult(status -> program.run(root, status, 0));
                assertThat(root.rollbackOnly)
                        .as("commits although marked as rollback-only")
                        .isFalse();
                program.committed.addAll(root.rows);
            } catch (Planned e) {
                // rolled back
            } catch (UnexpectedRollbackException e) {
                assertThat(root.rollbackOnly)
                        .as("unexpected rollback without a reason")
                        .isTrue();
            }
            program.committed.add("taken");
            assertThat(names()).isEqualTo(program.committed);
            assertNothingIsLeft();
        });
    }

    /** A transaction of the model: its rows, shared with whatever joins it. */
    private static final class Scope {
        final Scope parent;
        final Set<String> rows;
        boolean rollbackOnly;

        Scope(Scope parent, Set<String> rows) {
            this.parent = parent;
            this.rows = rows;
        }
    }

    private static final class RandomProgram {
        private final Random random;
        private final Set<String> committed = new TreeSet<>();
        private int next;

        RandomProgram(Random random) {
            this.random = random;
        }

        void run(Scope scope, TransactionStatus status, int depth) {
            int steps = 1 + random.nextInt(3);
            for (int i = 0; i < steps; i++) {
                String name = "row" + next++;
                insert(name);
                scope.rows.add(name);
                if (depth < 4 && random.nextInt(3) > 0) {
                    runChild(scope, depth + 1);
                }
            }
            if (random.nextInt(4) == 0) {
                throw new Planned();
            }
        }

        private void runChild(Scope scope, int depth) {
            switch (random.nextInt(3)) {
                case 0 -> joined(scope, depth);
                case 1 -> nested(scope, depth);
                default -> requiresNew(depth);
            }
        }

        private void joined(Scope scope, int depth) {
            try {
                template(PROPAGATION_REQUIRED).executeWithoutResult(status -> run(scope, status, depth));
            } catch (Planned e) {
                scope.rollbackOnly = true;
            }
        }

        private void nested(Scope scope, int depth) {
            if (scope.rollbackOnly) {
                return; // no savepoint in what is to be rolled back
            }
            Scope child = new Scope(scope, new TreeSet<>(scope.rows));
            try {
                template(PROPAGATION_NESTED).executeWithoutResult(status -> run(child, status, depth));
                if (!child.rollbackOnly) {
                    scope.rows.addAll(child.rows);
                }
            } catch (Planned e) {
                // back at the savepoint, and a mark set since then is gone
            } catch (UnexpectedRollbackException e) {
                assertThat(child.rollbackOnly).isTrue();
            }
        }

        private void requiresNew(int depth) {
            Scope child = new Scope(null, new TreeSet<>());
            try {
                template(PROPAGATION_REQUIRES_NEW).executeWithoutResult(status -> run(child, status, depth));
                assertThat(child.rollbackOnly).isFalse();
                committed.addAll(child.rows);
            } catch (Planned e) {
                // rolled back
            } catch (UnexpectedRollbackException e) {
                assertThat(child.rollbackOnly).isTrue();
            }
        }
    }

    private static void insert(String name) {
        pg.execute("insert into entry values ($1)", name);
    }

    private static Set<String> names() {
        return new TreeSet<>(pg.fetch("select name from entry").map(row -> String.valueOf(row.getString(0))));
    }

    private static void assertNothingIsLeft() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
        assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                .isFalse();
        assertThat(pool.stats().activeConnections()).isZero();
    }

    private static TransactionTemplate template(int propagation) {
        TransactionTemplate template = new TransactionTemplate(manager);
        template.setPropagationBehavior(propagation);
        return template;
    }

    private static Class<?> errorOf(Runnable work) {
        try {
            work.run();
            return null;
        } catch (RuntimeException e) {
            return e.getClass();
        }
    }
}
