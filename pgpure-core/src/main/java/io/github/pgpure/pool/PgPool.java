package io.github.pgpure.pool;

import io.github.pgpure.Notification;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgConsumer;
import io.github.pgpure.PgFunction;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Query;
import io.github.pgpure.ReadRouting;
import io.github.pgpure.RowMapper;
import io.github.pgpure.Rows;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.connection.GatheredTransaction;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.PgTransaction;
import io.github.pgpure.connection.Pipeline;
import io.github.pgpure.connection.Session;
import io.github.pgpure.connection.SessionOperations;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.JsonMapping;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pool of connections to one PostgreSQL database, which keeps itself in order; thread-safe.
 *
 * <pre>{@code
 * try (PgPool pool = PgPool.open("postgresql://app:secret@localhost/shop")) {
 *     Row row = pool.fetchOne("select title from book where id = $1", 7);
 *     long id = pool.inTransaction(tx -> {
 *         tx.execute("update stock set left = left - 1 where book = $1", 7);
 *         return tx.fetchOne("insert into sale (book) values ($1) returning id", 7).getLong("id");
 *     });
 * }
 * }</pre>
 *
 * <p>Each operation called on the pool itself takes a connection, runs, and gives it back; {@link #checkoutConnection()} and
 * {@link #checkoutInTransaction()} take one for longer. Whoever finds none idle waits in line, first come, first served, for at most
 * {@link PgPoolOptions#acquireTimeout()} and at most until the operation's own deadline, which includes the waiting. Waiting ends with
 *
 * <ul>
 *   <li>{@link io.github.pgpure.AcquireTimeoutException}, which says what the pool looked like and who held a connection longest,
 *   <li>{@link io.github.pgpure.QueryTimeoutException} when the operation's own deadline came first,
 *   <li>{@link io.github.pgpure.QueryCancelledException} when the thread was interrupted; its interrupt flag stays set,
 *   <li>{@link io.github.pgpure.PgConnectionException} when the pool is closed, or has no connection and cannot open one for a reason
 *       that will not pass by itself, such as a password that has been changed.
 * </ul>
 *
 * <p>In all four cases nothing was sent to the server ({@link io.github.pgpure.Outcome#NOT_SENT}).
 *
 * <p>A connection is looked at before it is handed out, so one that was lost while idle costs nobody a failed call. One that is lost
 * in use fails that use, once, and is replaced in the background. One that is returned in a transaction is reported in the log, rolled
 * back, and then used again. Idle connections are taken last-in, first-out, pinged
 * ({@link PgPoolOptions#keepaliveInterval()}), closed beyond {@link PgPoolOptions#minIdle()} ({@link PgPoolOptions#idleTimeout()}),
 * and replaced when they are old ({@link PgPoolOptions#maxLifetime()}).
 *
 * <p>A small pool is a fast pool: the default of twice the processors plus one is right for nearly everybody.
 */
public final class PgPool extends SessionOperations implements AutoCloseable {

    private final PoolCore core;
    private final ChannelListener listener;

    /** For transactions that are begun read-only; null where the others serve them too. */
    private final @Nullable PoolCore reads;

    /** For read-only transactions that must not miss anything; null where they may. */
    private final @Nullable CurrentReads currentReads;

    private PgPool(PoolCore core) {
        this.core = core;
        this.listener = new ChannelListener(core.options, core.hosts::open);
        this.reads = core.options.readRouting() == ReadRouting.PREFER_STANDBY ? core.forReads() : null;
        Duration patience = core.options.readYourWritesTimeout();
        this.currentReads = reads == null || patience.isZero() ? null : new CurrentReads(core, reads, patience);
    }

    /**
     * Opens a pool with the default {@linkplain PgPoolOptions options}.
     *
     * @param connectionString see {@link PgConnectOptions#parse}
     * @see #open(PgConnectOptions, PgPoolOptions)
     */
    public static PgPool open(String connectionString) {
        return open(PgConnectOptions.parse(connectionString), PgPoolOptions.defaults());
    }

    /**
     * Opens a pool with the default {@linkplain PgPoolOptions options}.
     *
     * @see #open(PgConnectOptions, PgPoolOptions)
     */
    public static PgPool open(PgConnectOptions connectOptions) {
        return open(connectOptions, PgPoolOptions.defaults());
    }

    /**
     * Opens a pool. Its first connection is opened before this returns, so that what is wrong with the settings is one clear error,
     * unless {@link PgPoolOptions#failFast()} is off; the others, up to {@link PgPoolOptions#minIdle()}, follow in the background. When this
     * throws, nothing is left behind.
     *
     * @param connectOptions how to reach the server and log in
     * @param poolOptions how the pool keeps its connections
     * @throws io.github.pgpure.PgConnectionException when the server cannot be reached
     * @throws io.github.pgpure.PgServerException when it refuses, {@link io.github.pgpure.InvalidPasswordException} for one
     */
    public static PgPool open(PgConnectOptions connectOptions, PgPoolOptions poolOptions) {
        return open(new PoolCore(connectOptions, poolOptions, GuardedListener.NONE));
    }

    /**
     * Opens a pool that tells a listener what happens in it.
     *
     * @see #open(PgConnectOptions, PgPoolOptions)
     */
    public static PgPool open(PgConnectOptions connectOptions, PgPoolOptions poolOptions, PoolListener listener) {
        return open(new PoolCore(connectOptions, poolOptions, new GuardedListener(listener)));
    }

    private static PgPool open(PoolCore core) {
        core.start();
        var pool = new PgPool(core);
        if (pool.reads != null) {
            try {
                pool.reads.start();
            } catch (Throwable t) {
                pool.close();
                throw t;
            }
        }
        return pool;
    }

    /**
     * Takes a connection for exclusive use, until it is {@linkplain PgConnection#close() closed}, which gives it back. Its settings
     * ({@code SET}), temporary tables and other state of the session stay with it when it is given back, unless
     * {@link PgPoolOptions#resetOnReturn()} is set.
     *
     * @return the connection, for one thread at a time
     * @throws io.github.pgpure.PgException when there is none to be had, see {@link PgPool}
     */
    public PgConnection checkoutConnection() {
        PoolEntry entry = core.acquire(Deadline.NONE);
        return entry.session.connection(entry);
    }

    /**
     * Takes a connection and begins a transaction with the server's defaults.
     *
     * @see #checkoutInTransaction(TransactionOptions)
     */
    public PgTransaction checkoutInTransaction() {
        return checkoutInTransaction(TransactionOptions.defaults());
    }

    /**
     * Takes a connection for exclusive use and begins a transaction; {@link PgTransaction#close() closing} the transaction gives the
     * connection back, and rolls back unless it was committed.
     *
     * @param options isolation, access mode, and the timeout, which also limits the wait for a connection
     * @return the transaction, for one thread at a time
     * @throws io.github.pgpure.PgException when there is no connection to be had, see {@link PgPool}, or the transaction cannot begin;
     *     nothing is held then
     */
    public PgTransaction checkoutInTransaction(TransactionOptions options) {
        PoolEntry entry = acquireFor(options, Deadline.in(options.timeout()));
        try {
            return entry.session.begin(options, entry, limit -> acquireFor(options, limit));
        } catch (Throwable t) {
            entry.giveBack();
            throw t;
        }
    }

    private PoolEntry acquireFor(TransactionOptions options, Deadline deadline) {
        PoolEntry entry = null;
        if (reads != null && Boolean.TRUE.equals(options.readOnly())) {
            entry = currentReads == null ? reads.acquire(deadline) : currentReads.acquire(deadline);
        }
        return entry != null ? entry : core.acquire(deadline);
    }

    /**
     * Runs work in a transaction with the server's defaults.
     *
     * @see #inTransaction(TransactionOptions, PgFunction)
     */
    public <T extends @Nullable Object> T inTransaction(PgFunction<PgTransaction, T> work) {
        return inTransaction(TransactionOptions.defaults(), work);
    }

    /**
     * Runs work in a transaction of its own: commits at the end, rolls back when the work throws anything. The work must not end the
     * transaction itself.
     *
     * @param options isolation, access mode and timeout
     * @param work the work, on the calling thread; what it throws reaches the caller, a checked exception in an
     *     {@link java.lang.reflect.UndeclaredThrowableException}; a failure of the rollback is suppressed in it
     * @return what the work returns
     * @throws io.github.pgpure.PgException when there is no connection to be had, or the commit fails
     */
    public <T extends @Nullable Object> T inTransaction(TransactionOptions options, PgFunction<PgTransaction, T> work) {
        Objects.requireNonNull(work, "work");
        return TransactionRunner.run(() -> checkoutInTransaction(options), options.retries(), work);
    }

    /**
     * Runs work that has no result in a transaction with the server's defaults.
     *
     * @see #inTransaction(TransactionOptions, PgFunction)
     */
    public void useTransaction(PgConsumer<PgTransaction> work) {
        useTransaction(TransactionOptions.defaults(), work);
    }

    /**
     * Runs work that has no result in a transaction of its own.
     *
     * @see #inTransaction(TransactionOptions, PgFunction)
     */
    public void useTransaction(TransactionOptions options, PgConsumer<PgTransaction> work) {
        Objects.requireNonNull(work, "work");
        TransactionRunner.run(() -> checkoutInTransaction(options), options.retries(), transaction -> {
            work.accept(transaction);
            return Boolean.TRUE;
        });
    }

    /**
     * Runs statements as one transaction, with the server's defaults.
     *
     * @see #pipelineInTransaction(TransactionOptions, PgFunction)
     */
    public <T extends @Nullable Object> T pipelineInTransaction(PgFunction<Pipeline, T> work) {
        return pipelineInTransaction(TransactionOptions.defaults(), work);
    }

    /**
     * Runs statements as one transaction that is sent as a whole: one exchange with the server, and all or nothing. For statements that
     * do not depend on each other's results; where one does, use {@link #inTransaction(TransactionOptions, PgFunction)}.
     *
     * <p>The work only names the statements. They are sent when it returns, and no future is complete before the transaction is
     * committed: to wait for one inside of the work is an {@link IllegalStateException}
     * ({@code CompletableFuture.allOf} cannot know that: call it afterwards). {@link Query#timeout} and {@link Pipeline#flush} have no effect,
     * {@link Pipeline#commit} need not be called.
     *
     * <p>Since the statements are known beforehand, and the work is not run again, a transaction that had no effect because its connection was
     * lost is run on another one; and where callers queue, short ones share connections ({@link PgPoolOptions#sharedLanes}).
     *
     * @param options isolation, access mode, retries, and the timeout of each try, 0 for {@link PgConnectOptions#queryTimeout}
     * @param work names the statements; what it throws reaches the caller, a checked exception in an
     *     {@link java.lang.reflect.UndeclaredThrowableException}, and nothing is sent
     * @return what the work returns; all futures are complete
     * @throws io.github.pgpure.PgServerException when the server refuses a statement or the commit: the whole is rolled back, and all futures fail with it
     * @throws io.github.pgpure.PgException when there is no connection to be had, or it is lost, or the timeout comes first
     */
    public <T extends @Nullable Object> T pipelineInTransaction(
            TransactionOptions options, PgFunction<Pipeline, T> work) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(work, "work");
        var transaction = new GatheredTransaction();
        T result = transaction.gather(work);
        try {
            if (transaction.size() > 0) {
                TransactionRunner.retrying(options.retries(), () -> {
                    run(transaction, options);
                    return Boolean.TRUE;
                });
            }
        } catch (RuntimeException | Error e) {
            transaction.fail(e);
            throw e;
        }
        transaction.complete();
        return result;
    }

    private void run(GatheredTransaction transaction, TransactionOptions options) {
        Deadline deadline = Deadline.in(options.timeout().isZero() ? defaultTimeout() : options.timeout());
        Supplier<PgTransaction> begin = () -> checkoutInTransaction(
                deadline.isNone()
                        ? options
                        : options.timeout(Duration.ofNanos(Math.max(1, deadline.remainingNanos()))));
        Lanes lanes = core.lanes;
        if (lanes == null || !options.isServerDefault() || core.queue.idle() > 0 && !lanes.isAnyOpen()) {
            TransactionRunner.run(begin, transaction, null);
        } else if (!lanes.run(transaction, deadline)) {
            TransactionRunner.run(begin, transaction, nanos -> lanes.measured(transaction, nanos));
        }
    }

    /** The most connections it opens. */
    public int maxConnections() {
        return core.queue.max();
    }

    /** How many connections are open and not in use now. */
    public int idleConnections() {
        return core.queue.idle();
    }

    /** How many callers wait for a connection now. */
    public int waitingTasks() {
        return core.waiting();
    }

    /** The pool's numbers, all of the same moment but for the counters of checkouts and openings. */
    public PoolStats stats() {
        return core.stats();
    }

    /**
     * The numbers of the connections for read-only transactions, where those are kept apart.
     *
     * @return empty with {@link ReadRouting#SAME_SERVER}
     * @see PgPoolOptions#readRouting()
     */
    public Optional<PoolStats> readStats() {
        return Optional.ofNullable(reads).map(PoolCore::stats);
    }

    /** How it reaches the server and logs in. */
    public PgConnectOptions connectOptions() {
        return core.connectOptions;
    }

    /** How it keeps its connections, as it was told when it was opened. */
    public PgPoolOptions options() {
        return core.options;
    }

    /**
     * The connections that are checked out now, the one held longest first; for people and monitoring. Those for read-only transactions
     * are among them.
     */
    public List<ConnectionUse> connectionsInUse() {
        return connections().stream().filter(ConnectionUse::inUse).toList();
    }

    /** All connections that are open now, those in use first and of them the one held longest; for people and monitoring. */
    public List<ConnectionUse> connections() {
        long now = System.nanoTime();
        return cores().flatMap(each -> each.connections(now))
                .sorted(Comparator.comparing(ConnectionUse::inUse)
                        .thenComparing(ConnectionUse::held)
                        .reversed())
                .toList();
    }

    /**
     * Cancels one statement, if it is still running; its caller gets a {@link io.github.pgpure.QueryCancelledException}, and an open
     * transaction is rolled back. It never touches a later statement, nor one of the connection's next holder.
     *
     * @param backendPid {@link ConnectionUse#backendPid()}
     * @param operation {@link ConnectionUse#operation()} as it was when the statement was seen
     * @return false when that statement does not run, or not any more
     */
    public boolean cancel(int backendPid, long operation) {
        return cores().anyMatch(each -> each.cancel(backendPid, operation));
    }

    private Stream<PoolCore> cores() {
        return Stream.of(core, reads).filter(Objects::nonNull).map(Objects::requireNonNull);
    }

    /** Whether {@link #close()} has been called. */
    public boolean isClosed() {
        return core.isClosed();
    }

    /**
     * Has every connection that is open now replaced, the idle ones at once and the others when they are given back: after a
     * certificate or a role's settings have changed, say.
     */
    public void softEvict() {
        core.softEvict();
        if (reads != null) {
            reads.softEvict();
        }
    }

    /**
     * Makes the pool larger or smaller. Connections beyond the new maximum are closed, the idle ones at once and the others when they are
     * given back.
     *
     * @param maxConnections the most connections it opens from now on, at least 1
     * @param minIdle how many it keeps open without use, at most {@code maxConnections}
     * @throws IllegalArgumentException when they do not fit
     */
    public void resize(int maxConnections, int minIdle) {
        if (maxConnections < 1 || minIdle < 0 || minIdle > maxConnections) {
            throw new IllegalArgumentException("a pool of at most " + maxConnections + " connections, " + minIdle
                    + " of them without use, cannot be: 0 <= minIdle <= maxConnections and 1 <= maxConnections");
        }
        core.resize(maxConnections, minIdle);
        if (reads != null) {
            reads.resize(maxConnections, minIdle);
        }
    }

    /**
     * Has everybody wait who asks for a connection from now on, until {@link #resume()}, at most their acquire timeout: while the
     * server is being switched over, say. Connections in use stay in use. A second call does nothing.
     */
    public void suspend() {
        core.queue.suspend();
        if (reads != null) {
            reads.queue.suspend();
        }
    }

    /** Ends a {@linkplain #suspend() suspension}: those who wait are served in their order. */
    public void resume() {
        core.resume();
        if (reads != null) {
            reads.resume();
        }
    }

    /**
     * Adds a converter to all connections, those open now and those opened later, also for arrays of its type. It replaces an earlier
     * one for the same type; statements that are running keep the old one.
     */
    public void addConverter(Converter<?> converter) {
        core.types.add(converter);
    }

    /** The same as {@link #addConverter}, which covers arrays of the type too. */
    public void addConverterWithArray(Converter<?> converter) {
        addConverter(converter);
    }

    /**
     * Adds a converter that can only be made by asking the server, such as one for a type of an extension. Where there is none to be
     * made yet (the extension is not installed), the factory is asked again on each connection opened later, and after a statement that
     * met a type which the pool had not seen before, until it makes one.
     *
     * @param factory makes the converter with the connection it is given, which it must not keep; empty where there is none to be
     *     made. Asked on the calling thread now and on threads of the pool later, when what it throws is logged
     */
    public void addConverterUsing(Function<PgConnection, Optional<Converter<?>>> factory) {
        try (PgConnection connection = checkoutConnection()) {
            core.converterFactories.add(factory, connection);
        }
    }

    /**
     * Has {@code json} and {@code jsonb} mapped to objects by this mapping, on all connections; default Jackson 3 with its default
     * configuration, where it is on the class path.
     *
     * @see io.github.pgpure.convert.JacksonJsonMapping
     */
    public void setJsonMapping(JsonMapping mapping) {
        core.types.setJsonMapping(mapping);
    }

    /**
     * The OID of a type.
     *
     * @param typeName its name, {@code hstore} or {@code app.mood}; without a schema the search path decides
     * @return empty when there is no such type
     */
    public OptionalInt findOidForType(String typeName) {
        Deadline deadline = Deadline.in(defaultTimeout());
        Session session = acquire(deadline);
        try {
            return session.findOid(typeName, deadline);
        } finally {
            release(session);
        }
    }

    /**
     * Listens to a channel.
     *
     * @see #listen(String, Consumer, Runnable)
     */
    public Subscription listen(String channel, Consumer<Notification> listener) {
        return listen(channel, listener, () -> {});
    }

    /**
     * Listens to a channel (<a href="https://www.postgresql.org/docs/current/sql-listen.html">manual</a>), on a connection that all
     * subscriptions of the pool share and that does not count towards {@link #maxConnections()}. It is made again when it is lost;
     * what is sent meanwhile is missed.
     *
     * <p>Returns once the server listens, so that every notification from now on is received. Both callbacks run on one thread, in
     * the order of arrival; one that takes long delays all others. What they throw is logged. Called from a callback, this method
     * does not wait.
     *
     * @param channel the channel's name, taken as it is: case matters; at most 63 bytes
     * @param listener called for each notification
     * @param onGap called when the connection was lost and has been made again, since notifications may have been missed
     * @throws io.github.pgpure.PgConnectionException when the server does not listen within {@link PgPoolOptions#acquireTimeout()}
     */
    public Subscription listen(String channel, Consumer<Notification> listener, Runnable onGap) {
        return this.listener.listen(
                channel, Objects.requireNonNull(listener, "listener"), Objects.requireNonNull(onGap, "onGap"));
    }

    @Override
    public Rows fetch(Query query) {
        Lanes lanes = core.lanes;
        if (lanes == null || core.queue.idle() > 0 && !lanes.isAnyOpen()) {
            return super.fetch(query);
        }
        Deadline deadline = deadline(query);
        Rows shared = lanes.fetch(query, deadline);
        return shared != null ? shared : fetch(query, deadline, lanes::measured);
    }

    @Override
    public <T extends @Nullable Object> List<T> fetch(Query query, RowMapper<T> mapper) {
        Lanes lanes = core.lanes;
        return lanes == null || core.queue.idle() > 0 && !lanes.isAnyOpen()
                ? super.fetch(query, mapper)
                : fetch(query).map(mapper);
    }

    @Override
    protected Session acquire(Deadline deadline) {
        return core.acquire(deadline).session;
    }

    @Override
    protected boolean offersOtherSessions() {
        return true;
    }

    @Override
    protected Duration defaultTimeout() {
        return core.connectOptions.queryTimeout();
    }

    @Override
    protected void release(Session session) {
        core.release(session);
    }

    /**
     * Closes the pool: idle connections at once, those in use when they are given back, or after {@link PgPoolOptions#closeTimeout()}
     * whatever they are doing. Callers that wait for a connection, or ask for one later, get a
     * {@link io.github.pgpure.PgConnectionException}. Subscriptions end. When this returns, all its threads and connections are gone,
     * but for callbacks that do not return. A second call, or one from another thread, waits for the same end.
     *
     * <p>An interrupt cuts the wait short; the interrupt flag stays set.
     */
    @Override
    public void close() {
        try {
            listener.close();
        } finally {
            closeConnections();
        }
    }

    private void closeConnections() {
        try {
            if (reads != null) {
                reads.close();
            }
        } finally {
            core.close();
        }
    }

    /** The pool's name, state and server; no secrets. */
    @Override
    public String toString() {
        return "PgPool[" + core.describe() + ", " + core.connectOptions + (isClosed() ? ", closed" : "") + "]";
    }
}
