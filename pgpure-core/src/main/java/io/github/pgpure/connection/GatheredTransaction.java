package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgFunction;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.Rows;
import io.github.pgpure.row.RawRows;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a transaction that is sent as a whole. They are known before anything is sent, so the transaction can be run on any connection, also
 * one that several callers share, and run again where it had no effect. For one thread.
 */
public final class GatheredTransaction {

    /** What has more statements than this keeps its connection for too long to share it. */
    private static final int MOST_ON_LANE = 64;

    /** Longer texts than this are not worth remembering. */
    private static final int MOST_TEXT = 8 * 1024;

    private static final Query COMMIT_WAITS = Query.of("select current_setting('synchronous_standby_names') <> ''");

    private final PipelineAnswer.Sender sender = this::checkWaiting;
    private final List<Gathered<?>> statements = new ArrayList<>();
    private final CompletableFuture<Boolean> committed = new PipelineAnswer<>(sender);
    private boolean closed;
    private boolean commitWaits;

    /** Whether statements are still being named, so that nothing was sent. */
    private volatile boolean gathering = true;

    /** Who hands out the answers, null when nobody does. */
    private volatile @Nullable Thread completing;

    private @Nullable String text;
    private long textLength;
    private long resultBytes;

    /**
     * Has the statements gathered.
     *
     * @param work names the statements; what it throws reaches the caller, a checked exception in an {@link UndeclaredThrowableException}
     */
    public <T extends @Nullable Object> T gather(PgFunction<Pipeline, T> work) {
        try {
            return work.apply(new Gatherer());
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        } catch (Exception e) {
            fail(e);
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new UndeclaredThrowableException(e, "the statements of a transaction could not be gathered: " + e);
        } finally {
            closed = true;
            gathering = false;
        }
    }

    /** How many statements there are. */
    public int size() {
        return statements.size();
    }

    /** The SQL of one of them. */
    public String sql(int index) {
        return statements.get(index).query.sql();
    }

    /** Their SQL as one text, which stands for transactions of the same statements. */
    public String text() {
        String known = text;
        if (known == null) {
            var all = new StringBuilder(statements.size() * 64).append("begin");
            statements.forEach(gathered -> all.append(";\n").append(gathered.query.sql()));
            known = all.toString();
            text = known;
        }
        return known;
    }

    /** Whether there are few enough of them to share a connection with other callers. */
    public boolean isShort() {
        return statements.size() <= MOST_ON_LANE && textLength <= MOST_TEXT;
    }

    /** How many bytes the rows had that were returned last. */
    public long resultBytes() {
        return resultBytes;
    }

    /**
     * Runs the statements in a transaction that has just begun, and commits it. They are {@linkplain #complete() complete} only when the caller says so.
     *
     * @param measured whether to find out on the way what sharing depends on
     * @throws PgException when one of them fails, or the commit; the transaction is to be closed then
     */
    public void runIn(PgTransaction transaction, boolean measured) {
        List<CompletableFuture<?>> answers = new ArrayList<>(statements.size() + 2);
        // The transaction has its own timeout, which is that of the whole.
        ((SessionTransaction) transaction).pipeline(Duration.ZERO, pipeline -> {
            for (Gathered<?> gathered : statements) {
                answers.add(gathered.addTo(pipeline));
            }
            if (measured) {
                answers.add(pipeline.fetch(COMMIT_WAITS));
            }
            return answers.add(pipeline.commit());
        });
        valueOf(answers.get(answers.size() - 1)); // the first failure is the commit's too
        resultBytes = 0;
        for (int i = 0; i < statements.size(); i++) {
            take(i, valueOf(answers.get(i)));
        }
        if (measured) {
            commitWaits = valueOf(answers.get(statements.size())) instanceof Rows rows
                    && rows.get(0).getBoolean(0);
        }
    }

    /**
     * Whether a commit waits for other servers, as it was when that was {@linkplain #runIn measured}: a cancel request that comes then does not roll back, but ends the wait, and the
     * server says that all is well.
     */
    public boolean commitWaits() {
        return commitWaits;
    }

    private static @Nullable Object valueOf(CompletableFuture<?> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Whether a failure had nothing to do with the statements, which had no effect either: they can be run again. */
    public static boolean isHarmless(PgException failure) {
        boolean stale = failure instanceof PgServerException refusal && SessionStatements.isStale(refusal);
        return (stale || SessionOperations.isLoss(failure)) && failure.outcome() != Outcome.UNKNOWN;
    }

    Query query(int index) {
        return statements.get(index).query;
    }

    boolean keepsRows(int index) {
        return statements.get(index).keepsRows;
    }

    /** Takes the answer to a statement. */
    void take(int index, @Nullable Object value) {
        if (value instanceof RawRows rows) {
            resultBytes += rows.byteCount();
        }
        statements.get(index).value = value;
    }

    /** The transaction is committed: gives everybody who was promised an answer the last that was taken. */
    public void complete() {
        completing = Thread.currentThread();
        try {
            statements.forEach(Gathered::complete);
            committed.complete(Boolean.TRUE);
        } finally {
            completing = null;
        }
    }

    /** There will be no answers. */
    public void fail(Throwable cause) {
        closed = true;
        completing = Thread.currentThread();
        try {
            statements.forEach(gathered -> gathered.future.completeExceptionally(cause));
            committed.completeExceptionally(cause);
        } finally {
            completing = null;
        }
    }

    /** What the caller adds statements to. */
    private final class Gatherer implements Pipeline {

        @Override
        public CompletableFuture<Long> execute(Query query) {
            return add(new Gathered<>(query, false));
        }

        @Override
        public CompletableFuture<Rows> fetch(Query query) {
            return add(new Gathered<>(query, true));
        }

        private <T> CompletableFuture<T> add(Gathered<T> gathered) {
            if (closed) {
                throw new IllegalStateException("the pipeline has ended");
            }
            statements.add(gathered);
            textLength += gathered.query.sql().length();
            return gathered.future;
        }

        @Override
        public CompletableFuture<?> commit() {
            if (closed) {
                throw new IllegalStateException("the pipeline has ended");
            }
            closed = true;
            return committed;
        }

        @Override
        public void flush() {
            // All is sent together, at the end.
        }
    }

    private final class Gathered<T> {

        private final Query query;
        private final boolean keepsRows;
        private final PipelineAnswer<T> future = new PipelineAnswer<>(sender);
        private @Nullable Object value;

        Gathered(Query query, boolean keepsRows) {
            QueryRunner.checkParameterCount(query.params().size());
            this.query = query;
            this.keepsRows = keepsRows;
        }

        CompletableFuture<?> addTo(Pipeline pipeline) {
            return keepsRows ? pipeline.fetch(query) : pipeline.execute(query);
        }

        @SuppressWarnings("unchecked") // rows where they are kept, their number otherwise: as it was promised
        void complete() {
            future.complete((T) value);
            value = null;
        }
    }

    /** Nobody may wait before anything was sent: it would never be. */
    private boolean checkWaiting(boolean derived) {
        if (completing == Thread.currentThread()) {
            throw new IllegalStateException(
                    "this answer cannot be waited for while another one of the same transaction is being handed out,"
                            + " as in a function given to thenAccept: combine the two with thenCombine or allOf");
        }
        if (gathering) {
            throw new IllegalStateException(
                    "a transaction that is sent as a whole has no answers before all of its statements are known: "
                            + "ask for them after pipelineInTransaction has returned, or use inTransaction");
        }
        return false;
    }
}
