package io.github.pgpure.connection;

import io.github.pgpure.PgException;
import io.github.pgpure.PgFunction;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.Query;
import io.github.pgpure.Rows;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.CloseComplete;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import io.github.pgpure.protocol.FrontendMessage.Execute;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gathers statements and runs them together, with one write and one Sync. Where one of them fails outside a transaction, the server has undone them
 * all, and they are run again with a Sync for each, so that each succeeds or fails by itself: failures are rare, and one Sync is what makes
 * a pipeline fast.
 */
final class SessionPipeline implements Pipeline {

    private static final int PIECE = 32 * 1024;

    private static final Query COMMIT = Query.of("commit");

    /** Asked each time, since the handle may have been closed, or the transaction have ended, meanwhile. */
    private final Supplier<Session> sessions;

    /** The lease of what {@link #sessions} has just given. */
    private final LongSupplier lease;

    private final Duration timeout;

    /** Is given the answer to the transaction's COMMIT; null outside of one. */
    private final @Nullable Consumer<String> onCommit;

    private List<Pending<?>> gathered = new ArrayList<>();
    private boolean closed;

    /** The first failure of a statement that the server may know nothing of, so that it would commit without it. */
    private @Nullable Throwable failure;

    /** The same of the exchange that is under way. */
    private @Nullable Throwable failureNow;

    /** Who completes what was answered, null when nobody does. */
    private volatile @Nullable Thread flushing;

    private final Thread owner = Thread.currentThread();
    private final Sender sender = new Sender(this);

    private SessionPipeline(
            Supplier<Session> sessions, LongSupplier lease, Duration timeout, @Nullable Consumer<String> onCommit) {
        this.sessions = sessions;
        this.lease = lease;
        this.timeout = timeout;
        this.onCommit = onCommit;
    }

    /** @param onCommit is given the answer to the COMMIT of the transaction that the pipeline belongs to; null outside of one */
    static <T extends @Nullable Object> T run(
            Supplier<Session> sessions,
            LongSupplier lease,
            Duration timeout,
            @Nullable Consumer<String> onCommit,
            PgFunction<Pipeline, T> work) {
        Objects.requireNonNull(sessions.get()); // refuses at once what cannot work
        var pipeline = new SessionPipeline(sessions, lease, timeout, onCommit);
        try {
            T result = work.apply(pipeline);
            boolean sent = true;
            while (sent) {
                sent = pipeline.send(); // also what functions of the caller have added meanwhile
            }
            return result;
        } catch (RuntimeException | Error e) {
            pipeline.abandon(e);
            throw e;
        } catch (Exception e) {
            pipeline.abandon(e);
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new UndeclaredThrowableException(e);
        } finally {
            pipeline.closed = true;
            pipeline.sender.pipeline = null;
        }
    }

    @Override
    public CompletableFuture<Long> execute(Query query) {
        return add(query, false, ExtendedReplies::rowCount);
    }

    @Override
    public CompletableFuture<Rows> fetch(Query query) {
        return add(query, true, ExtendedReplies::rows);
    }

    @Override
    public CompletableFuture<?> commit() {
        Consumer<String> committed = onCommit;
        if (committed == null) {
            throw new IllegalStateException(
                    "only the pipeline of a transaction can commit it: use PgTransaction.pipeline");
        }
        CompletableFuture<Boolean> future = add(COMMIT, false, replies -> {
            committed.accept(replies.tag());
            return Boolean.TRUE;
        });
        closed = true;
        return future;
    }

    private <T> CompletableFuture<T> add(Query query, boolean keepRows, Function<ExtendedReplies, T> result) {
        if (closed) {
            throw new IllegalStateException("the pipeline has ended");
        }
        var pending = new Pending<T>(this, query, keepRows, result);
        gathered.add(pending);
        return pending;
    }

    @Override
    public void flush() {
        send();
    }

    /** Sends what has been gathered and reads all answers; false when there was nothing to send. */
    private boolean send() {
        if (gathered.isEmpty()) {
            return false;
        }
        checkNotFlushing();
        List<Pending<?>> batch = takeGathered();
        flushing = Thread.currentThread();
        try {
            Session session = sessions.get();
            session.perform(
                    lease.getAsLong(),
                    batch.get(0).query.sql(),
                    Deadline.in(timeout),
                    wire -> run(session, wire, batch));
            return true;
        } catch (RuntimeException | Error e) {
            // Those that were not answered share what ended the whole.
            batch.forEach(pending -> pending.completeExceptionally(e));
            throw e;
        } finally {
            flushing = null;
        }
    }

    private void abandon(Throwable cause) {
        closed = true;
        List<Pending<?>> abandoned = takeGathered();
        flushing = Thread.currentThread();
        try {
            abandoned.forEach(pending -> pending.completeExceptionally(cause));
        } finally {
            flushing = null;
        }
    }

    private List<Pending<?>> takeGathered() {
        List<Pending<?>> batch = gathered;
        gathered = new ArrayList<>();
        return batch;
    }

    private void checkNotFlushing() {
        if (flushing == Thread.currentThread()) {
            throw new IllegalStateException(
                    "nothing can be sent, and no answer waited for, while another answer of the same pipeline is being handed out,"
                            + " as in a function given to thenAccept: combine the two with thenCombine or allOf");
        }
    }

    private void run(Session session, Wire wire, List<Pending<?>> batch) throws IOException {
        QueryRunner runner = session.runner();
        runner.statements().holdStatements(true);
        try {
            run(session, runner, wire, batch);
        } finally {
            runner.statements().holdStatements(false);
        }
    }

    private void run(Session session, QueryRunner runner, Wire wire, List<Pending<?>> batch) throws IOException {
        boolean inTransaction = runner.inTransaction() || runner.beginPending();
        failureNow = null;
        List<Pending<?>> ready = prepare(runner, batch, inTransaction);
        if (!inTransaction
                && !ready.stream().allMatch(pending -> pending.statement().isUndoneByRollback())) {
            // Some commands commit by themselves: what came before them could not be run again.
            new Exchange(session, wire, runner, false).run(ready);
            return;
        }
        var together = new Exchange(session, wire, runner, true);
        together.run(ready, inTransaction ? this : null);
        ServerMessage error = together.error;
        if (error == null) {
            ready.forEach(Pending::finish);
        } else if (inTransaction) {
            // What came before the error has its answer; the error is that of the rest, which the server has skipped.
            ready.forEach(pending -> pending.finishOr(error));
        } else {
            // Nothing has had an effect, since without a transaction block all before the Sync is one transaction: each
            // for itself, then.
            if (together.stale) {
                // What has made one of them stale may have done so to others.
                ready.forEach(pending -> runner.statements().forget(pending.statement()));
            }
            ready.forEach(Pending::forgetReplies);
            ready = prepare(runner, ready, false);
            new Exchange(session, wire, runner, false).run(ready);
        }
    }

    /** Prepares what is new, so that the rest goes out in one go; those that can be run, which are those up to a failure in a transaction. */
    private static List<Pending<?>> prepare(QueryRunner runner, List<Pending<?>> batch, boolean inTransaction)
            throws IOException {
        List<Pending<?>> ready = new ArrayList<>(batch.size());
        for (Pending<?> pending : batch) {
            if (pending.isDone() || inTransaction && pending.failsWithThoseBefore()) {
                continue;
            }
            try {
                pending.prepare(runner);
                ready.add(pending);
            } catch (PgProtocolException e) {
                throw e; // not this statement's failure, but the session's
            } catch (PgException | IllegalArgumentException e) {
                pending.failedHere(e);
            }
        }
        return ready;
    }

    /** One exchange with the server. */
    private static final class Exchange {

        private final Session session;
        private final Wire wire;
        private final QueryRunner runner;
        private final boolean shareSync;
        private final Queue<Pending<?>> unanswered = new ArrayDeque<>();
        private @Nullable ServerMessage error;

        private boolean failedToSend;

        /** Whether a statement failed only because it had been prepared too long ago. */
        private boolean stale;

        Exchange(Session session, Wire wire, QueryRunner runner, boolean shareSync) {
            this.session = session;
            this.wire = wire;
            this.runner = runner;
            this.shareSync = shareSync;
        }

        void run(List<Pending<?>> batch) throws IOException {
            run(batch, null);
        }

        /** @param transaction the pipeline, where it is in a transaction; of which nothing stays when a part of it could not be sent */
        void run(List<Pending<?>> batch, @Nullable SessionPipeline transaction) throws IOException {
            if (!shareSync && batch.size() > 1) {
                session.effectByParts();
            }
            // What could not be prepared comes after all of these, unless the server has refused it.
            boolean failed = transaction != null && wire.status() == TransactionStatus.FAILED;
            for (Pending<?> pending : batch) {
                if (transaction != null && (failed || failedToSend) && pending.failsWithThoseBefore()) {
                    continue;
                }
                send(pending);
                if (shareSync && error != null) {
                    break; // the server skips everything up to the Sync
                }
            }
            if (transaction != null && transaction.failureNow != null && error == null) {
                failTransaction();
            }
            if (wire.isUnsynced()) {
                wire.sendSync();
            }
            wire.flush();
            while (wire.pendingReplies() > 0) {
                take(wire.receive());
            }
            runner.endGroup();
        }

        /** Has the server refuse whatever follows, up to the end of the transaction or of the innermost savepoint: also a COMMIT. */
        private void failTransaction() {
            if (!wire.isUnsynced()) {
                if (wire.status() == TransactionStatus.FAILED) {
                    return;
                }
                runner.startGroup();
            }
            wire.send(Drain.NOTHING);
        }

        private void send(Pending<?> pending) throws IOException {
            if (pending.withhold()) {
                return;
            }
            long mark = wire.mark();
            Statement statement = pending.statement();
            boolean first = unanswered.isEmpty();
            try {
                if (first) {
                    runner.startGroup();
                }
                runner.parseUnnamed(statement);
                runner.bind(statement, pending.values());
            } catch (RuntimeException | Error e) {
                if (first) {
                    runner.undoGroup(mark);
                } else {
                    wire.reset(mark);
                }
                if (e instanceof Error fatal) {
                    throw fatal;
                }
                pending.failedHere(e);
                failedToSend = true;
                return;
            }
            wire.send(pending.query.maxRows() == 0 ? Execute.ALL : new Execute("", pending.query.maxRows()));
            if (!shareSync) {
                wire.sendSync();
            }
            unanswered.add(pending);
            session.effectPossible(true);
            if (wire.collected() > PIECE) {
                wire.flush();
                wire.check();
                while (wire.read() > 0) {
                    for (BackendMessage m = wire.receiveNow(); m != null; m = wire.receiveNow()) {
                        take(m);
                    }
                }
            }
        }

        private void take(BackendMessage message) throws IOException {
            if (message instanceof ErrorResponse response) {
                error = Replies.first(error, response.error());
                Pending<?> failed = unanswered.peek();
                if (failed != null) {
                    // A statement that the server would go on refusing is prepared again the next time.
                    stale |= runner.statements().forgetIfStale(failed.statement(), Replies.error(error));
                }
                if (shareSync) {
                    unanswered.clear(); // the server skips what comes before the Sync
                }
            } else if (message instanceof ReadyForQuery) {
                takeReady(message);
            } else {
                Pending<?> pending = unanswered.peek();
                if (pending == null) {
                    if (runner.isAnswerToBegin(message) || message instanceof CloseComplete) {
                        return; // a group of nothing else
                    }
                    throw Replies.unexpected(message, "a pipeline");
                }
                ExtendedReplies replies = pending.replies(runner);
                replies.take(message, wire);
                if (shareSync && (replies.isComplete() || replies.isSuspended())) {
                    unanswered.remove();
                }
            }
        }

        private void takeReady(BackendMessage message) {
            if (shareSync) {
                if (!unanswered.isEmpty()) {
                    throw Replies.unexpected(message, "the answer to a pipeline");
                }
                return;
            }
            Pending<?> pending = unanswered.remove();
            if (error != null) {
                pending.completeExceptionally(runner.error(error, pending.query.sql()));
                error = null;
            } else if (!pending.isAnswered()) {
                throw Replies.unexpected(message, "the answer to a statement in a pipeline");
            } else {
                pending.finish();
            }
        }
    }

    /** Sends what whoever begins to wait for an answer waits for, as long as the pipeline is there: answers may be kept for longer. */
    private static final class Sender implements PipelineAnswer.Sender {

        private volatile @Nullable SessionPipeline pipeline;

        Sender(SessionPipeline pipeline) {
            this.pipeline = pipeline;
        }

        @Override
        public boolean send(boolean derived) {
            SessionPipeline current = pipeline;
            // What is derived is for others to wait for too, who must not use the connection.
            if (current == null || derived && Thread.currentThread() != current.owner) {
                return false;
            }
            current.checkNotFlushing();
            return current.send();
        }
    }

    /** A statement and its future result. */
    private static final class Pending<T> extends PipelineAnswer<T> {

        private final SessionPipeline pipeline;
        private final Query query;
        private final boolean keepRows;
        private final Function<ExtendedReplies, T> result;
        private @Nullable Statement statement;
        private @Nullable BoundValues values;
        private @Nullable ExtendedReplies replies;

        Pending(SessionPipeline pipeline, Query query, boolean keepRows, Function<ExtendedReplies, T> result) {
            super(pipeline.sender);
            this.pipeline = pipeline;
            this.query = query;
            this.keepRows = keepRows;
            this.result = result;
        }

        /** It has failed before it was sent, or was refused while it was prepared. */
        void failedHere(Throwable failure) {
            completeExceptionally(failure);
            if (pipeline.failure == null) {
                pipeline.failure = failure;
            }
            if (pipeline.failureNow == null) {
                pipeline.failureNow = failure;
            }
        }

        /** In a transaction those after a failed one fail too; false when none has failed. */
        boolean failsWithThoseBefore() {
            Throwable reason = pipeline.failureNow;
            return reason != null && completeExceptionally(reason);
        }

        /** Has a COMMIT of what has failed in part fail too, so that the transaction is left open for its owner to end; false when it may be sent. */
        boolean withhold() {
            Throwable reason = pipeline.failure;
            return query == COMMIT && reason != null && completeExceptionally(reason);
        }

        void prepare(QueryRunner runner) throws IOException {
            QueryRunner.checkParameterCount(query.params().size());
            statement = runner.statements().prepare(query.sql());
            values = BoundValues.of(statement, query);
        }

        Statement statement() {
            return Objects.requireNonNull(statement);
        }

        BoundValues values() {
            return Objects.requireNonNull(values);
        }

        ExtendedReplies replies(QueryRunner runner) {
            if (replies == null) {
                replies = new ExtendedReplies(runner, statement(), keepRows ? values().shape() : null);
            }
            return replies;
        }

        void forgetReplies() {
            replies = null;
        }

        boolean isAnswered() {
            return replies != null && (replies.isComplete() || replies.isSuspended());
        }

        /** Completes it with its answer, unless it has failed already. */
        void finish() {
            if (!isDone() && replies != null) {
                try {
                    replies.check();
                    complete(result.apply(replies));
                } catch (RuntimeException e) {
                    completeExceptionally(e);
                }
            }
        }

        /** Completes it with its answer, or with this error where it has none. */
        void finishOr(ServerMessage error) {
            if (isAnswered()) {
                finish();
            } else {
                completeExceptionally(Replies.error(error));
            }
        }
    }
}
