package io.github.pgpure.connection;

import io.github.pgpure.PgException;
import io.github.pgpure.PgFunction;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.Query;
import io.github.pgpure.Rows;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import io.github.pgpure.protocol.FrontendMessage.Execute;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gathers statements and runs them together. Each has a Sync of its own outside a transaction, so that it succeeds or fails by itself; in a
 * transaction they share one.
 */
final class SessionPipeline implements Pipeline {

    private static final int PIECE = 32 * 1024;

    private final Session session;
    private final Duration timeout;
    private List<Pending<?>> gathered = new ArrayList<>();
    private boolean closed;

    private SessionPipeline(Session session, Duration timeout) {
        this.session = session;
        this.timeout = timeout;
    }

    static <T extends @Nullable Object> T run(Session session, Duration timeout, PgFunction<Pipeline, T> work) {
        var pipeline = new SessionPipeline(session, timeout);
        T result;
        try {
            result = work.apply(pipeline);
        } catch (RuntimeException e) {
            pipeline.abandon(e);
            throw e;
        } catch (Exception e) {
            pipeline.abandon(e);
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new UndeclaredThrowableException(e);
        }
        pipeline.flush();
        pipeline.closed = true;
        return result;
    }

    @Override
    public CompletableFuture<Long> execute(Query query) {
        return add(query, false, ExtendedReplies::rowCount);
    }

    @Override
    public CompletableFuture<Rows> fetch(Query query) {
        return add(query, true, ExtendedReplies::rows);
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
        if (gathered.isEmpty()) {
            return;
        }
        List<Pending<?>> batch = gathered;
        gathered = new ArrayList<>();
        try {
            session.perform(batch.get(0).query.sql(), Deadline.in(timeout), wire -> new Round(wire, batch).run());
        } catch (RuntimeException e) {
            // Those that were not answered share what ended the whole.
            batch.forEach(pending -> pending.completeExceptionally(e));
            throw e;
        }
    }

    private void abandon(Throwable cause) {
        closed = true;
        gathered.forEach(pending -> pending.completeExceptionally(cause));
        gathered = new ArrayList<>();
    }

    /** One exchange with the server. */
    private final class Round {

        private final Wire wire;
        private final QueryRunner runner = session.runner();
        private final List<Pending<?>> batch;
        private final Queue<Pending<?>> unanswered = new ArrayDeque<>();
        private boolean shareSync;
        private @Nullable ServerMessage error;

        Round(Wire wire, List<Pending<?>> batch) {
            this.wire = wire;
            this.batch = batch;
        }

        void run() throws IOException {
            // What is new is prepared first, so that the rest goes out in one go.
            for (Pending<?> pending : batch) {
                try {
                    pending.prepare(runner);
                } catch (PgProtocolException e) {
                    throw e; // not this statement's failure, but the session's
                } catch (PgException | IllegalArgumentException e) {
                    pending.completeExceptionally(e);
                }
            }
            shareSync = runner.inTransaction() || runner.beginPending();
            for (Pending<?> pending : batch) {
                if (!pending.isDone()) {
                    send(pending);
                }
            }
            if (shareSync && wire.isUnsynced()) {
                wire.sendSync();
            }
            wire.flush();
            while (wire.pendingReplies() > 0) {
                take(wire.receive());
            }
            runner.endGroup();
        }

        private void send(Pending<?> pending) throws IOException {
            long mark = wire.mark();
            Statement statement = pending.statement();
            boolean first = unanswered.isEmpty();
            try {
                if (first) {
                    runner.startGroup();
                }
                runner.parseUnnamed(statement);
                runner.bind(statement, pending.values());
            } catch (RuntimeException e) {
                if (first) {
                    runner.undoGroup(mark);
                } else {
                    wire.reset(mark);
                }
                pending.completeExceptionally(e);
                return;
            }
            wire.send(new Execute("", pending.query.maxRows()));
            if (!shareSync) {
                wire.sendSync();
            }
            unanswered.add(pending);
            if (wire.collected() > PIECE) {
                session.effectPossible(true);
                wire.flush();
                wire.check();
                while (wire.read() > 0) {
                    for (BackendMessage m = wire.receiveNow(); m != null; m = wire.receiveNow()) {
                        take(m);
                    }
                }
            }
            session.effectPossible(true);
        }

        private void take(BackendMessage message) throws IOException {
            if (message instanceof ErrorResponse response) {
                ServerMessage first = Replies.first(error, response.error());
                error = first;
                if (shareSync) {
                    // The server skips the others: they fail with the same error.
                    for (Pending<?> pending : unanswered) {
                        pending.completeExceptionally(Replies.error(first));
                    }
                    unanswered.clear();
                }
            } else if (message instanceof ReadyForQuery) {
                if (!shareSync) {
                    Pending<?> pending = unanswered.remove();
                    if (error != null) {
                        pending.completeExceptionally(Replies.error(error));
                        error = null;
                    } else if (!pending.isDone()) {
                        throw Replies.unexpected(message, "the answer to a statement in a pipeline");
                    }
                } else if (!unanswered.isEmpty()) {
                    throw Replies.unexpected(message, "the answer to a pipeline");
                }
            } else {
                Pending<?> pending = unanswered.peek();
                if (pending == null) {
                    throw Replies.unexpected(message, "a pipeline");
                }
                ExtendedReplies replies = pending.replies(runner);
                replies.take(message, wire);
                if (replies.isComplete() || replies.isSuspended()) {
                    pending.finish();
                    if (shareSync) {
                        unanswered.remove();
                    }
                }
            }
        }
    }

    /** A statement and its future result. */
    private static final class Pending<T> extends CompletableFuture<T> {

        private final SessionPipeline pipeline;
        private final Query query;
        private final boolean keepRows;
        private final Function<ExtendedReplies, T> result;
        private @Nullable Statement statement;
        private @Nullable BoundValues values;
        private @Nullable ExtendedReplies replies;

        Pending(SessionPipeline pipeline, Query query, boolean keepRows, Function<ExtendedReplies, T> result) {
            this.pipeline = pipeline;
            this.query = query;
            this.keepRows = keepRows;
            this.result = result;
        }

        void prepare(QueryRunner runner) throws IOException {
            statement = runner.prepare(query.sql());
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
                replies = new ExtendedReplies(runner, keepRows ? statement().shape() : null);
            }
            return replies;
        }

        void finish() {
            if (replies != null) {
                complete(result.apply(replies));
            }
        }

        @Override
        public T get() throws InterruptedException, ExecutionException {
            sendIfNeeded();
            return super.get();
        }

        @Override
        public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
            sendIfNeeded();
            return super.get(timeout, unit);
        }

        @Override
        public T join() {
            sendIfNeeded();
            return super.join();
        }

        private void sendIfNeeded() {
            if (!isDone()) {
                pipeline.flush();
            }
        }
    }
}
