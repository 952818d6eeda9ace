package io.github.pgpure.connection;

import io.github.pgpure.Notification;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgFunction;
import io.github.pgpure.PgOperations;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.convert.TypeRegistry;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a PostgreSQL server, for the exclusive use of whoever opened it or checked it out of a pool.
 *
 * <p>For one thread at a time; only {@link #cancel()}, {@link #dead()} and {@link #backendPid()} may be called by others. A second
 * thread that runs a statement while one is running gets an {@link IllegalStateException}.
 */
public interface PgConnection extends PgOperations, AutoCloseable {

    /**
     * Connects and logs in.
     *
     * @throws io.github.pgpure.PgConnectionException when no host can be reached or none is acceptable
     * @throws io.github.pgpure.PgServerException when the server refuses, {@link io.github.pgpure.InvalidPasswordException} for one
     */
    static PgConnection open(PgConnectOptions options) {
        return Session.open(options, new TypeRegistry()).connection(Session::close);
    }

    /**
     * Connects and logs in.
     *
     * @param connectionString see {@link PgConnectOptions#parse}
     */
    static PgConnection open(String connectionString) {
        return open(PgConnectOptions.parse(connectionString));
    }

    /** Whether a statement could be run now: the connection is open, alive and not running another one. */
    boolean ready();

    /** Whether a transaction block is open, a failed one included. */
    boolean inTransaction();

    /** Whether the connection is lost, or closed. */
    boolean dead();

    /** The process id of the backend that serves this connection. */
    int backendPid();

    /** The session's {@code TimeZone}, followed when it is changed. */
    ZoneId serverTimeZone();

    /** The run-time parameters that the server reports, {@code server_version} for example; an unmodifiable copy. */
    Map<String, String> parameters();

    /**
     * Cancels the statement that is running, if any; its caller gets a {@link io.github.pgpure.QueryCancelledException}, and an open
     * transaction is rolled back. It never touches a later statement. Any thread may call this.
     */
    void cancel();

    /**
     * Prepares a statement on the server, until it is closed or the session ends
     * (<a href="https://www.postgresql.org/docs/current/sql-prepare.html">manual</a>).
     *
     * @param name its name, unique in the session
     * @param sql one statement, with {@code $1}, {@code $2} … or {@code :name}
     */
    PreparedStatement prepare(String name, String sql);

    /** Begins a transaction with the server's defaults. */
    default PgTransaction begin() {
        return begin(TransactionOptions.defaults());
    }

    /**
     * Begins a transaction. Closing it without a commit rolls it back.
     *
     * @throws IllegalStateException when one is open already: use {@link PgTransaction#savepoint()} for a nested one
     */
    PgTransaction begin(TransactionOptions options);

    /**
     * Runs several statements in one go: they are sent together when the first result is asked for, or at the end.
     *
     * @param work gives the statements to the pipeline; its futures are complete at the latest when this method returns
     * @return what the work returns
     */
    <T extends @Nullable Object> T pipeline(PgFunction<Pipeline, T> work);

    /**
     * Hands the server's notices to this handler, on the thread that runs the statement; by default they are logged, as are those that come while a
     * cancelled statement is being brought to its end. The handler must not use the connection.
     */
    void onNotice(Consumer<ServerMessage> handler);

    /**
     * Waits for notifications of the channels that this connection listens to ({@code LISTEN}), and hands each to the handler on this thread.
     * Returns after at least one, at the end of the time, or when the thread is interrupted, whose flag stays set. Those that arrived
     * between statements are not lost; {@code pool.listen} does all of this by itself.
     *
     * @param timeout the time to wait; {@link Duration#ZERO} for as long as it takes
     * @param handler gets the notifications
     */
    void awaitNotifications(Duration timeout, Consumer<Notification> handler);

    /** Closes the connection, or returns it to its pool; a second call does nothing. */
    @Override
    void close();
}
