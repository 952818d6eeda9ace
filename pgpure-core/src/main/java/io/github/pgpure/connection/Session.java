package io.github.pgpure.connection;

import io.github.pgpure.Notification;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgHost;
import io.github.pgpure.TransactionOptions;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session with a server, as a pool keeps it; applications see a {@link PgConnection}.
 */
public final class Session {

    private Session() {}

    /**
     * Connects to the first acceptable host and logs in, within the connect timeout per host.
     * Interruptible.
     */
    public static Session open(PgConnectOptions options, TypeRegistry types) {
        throw new UnsupportedOperationException();
    }

    /** An exclusive handle; {@code onClose} is called once, when it is closed, and decides what becomes of the session. */
    public PgConnection connection(Consumer<Session> onClose) {
        throw new UnsupportedOperationException();
    }

    /**
     * Begins a transaction; {@code onClose} is called once when it is closed (after its commit or rollback), and also when begin
     * itself fails. BEGIN may be sent together with the first statement.
     */
    public PgTransaction begin(TransactionOptions options, Consumer<Session> onClose) {
        throw new UnsupportedOperationException();
    }

    public int backendPid() {
        throw new UnsupportedOperationException();
    }

    public PgHost host() {
        throw new UnsupportedOperationException();
    }

    /** Whether the session is lost or closed. Any thread. */
    public boolean isDead() {
        throw new UnsupportedOperationException();
    }

    /** Whether a cancelled statement is still being drained; the session cannot be used before that is over. Any thread. */
    public boolean isDraining() {
        throw new UnsupportedOperationException();
    }

    /**
     * Runs the action once the draining is over (the session is then idle, or dead), at once when nothing is being drained; on the
     * thread that drained or on the caller's.
     */
    public void whenDrained(Runnable action) {
        throw new UnsupportedOperationException();
    }

    /** The status as of the last answer. */
    public TransactionStatus transactionStatus() {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads without waiting what the server sent meanwhile (notices, parameters, notifications, its farewell). For whoever owns the
     * idle session.
     *
     * @return false when the session is dead
     */
    public boolean checkAlive() {
        throw new UnsupportedOperationException();
    }

    /** A round trip to the server without a statement. Not interruptible. Closes the session and returns false on failure or timeout. */
    public boolean ping(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /** Rolls back whatever transaction is open. Not interruptible. Closes the session and returns false on failure or timeout. */
    public boolean rollback(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /** The OID of a type, see {@link TypeRegistry#findOid}; asks the server where the registry does not know it. */
    public OptionalInt findOid(String typeName) {
        throw new UnsupportedOperationException();
    }

    /** The SQL that is running or ran last, without values; null before the first. Any thread. */
    public @Nullable String lastSql() {
        throw new UnsupportedOperationException();
    }

    /** Whether a statement is running right now (its caller waits for the server). Any thread. */
    public boolean isRunning() {
        throw new UnsupportedOperationException();
    }

    /**
     * Waits for notifications and hands over those that have come, those that came during earlier statements included; for whoever
     * owns the idle session. Returns after at least one, when the deadline has passed, or when woken.
     *
     * @throws io.github.pgpure.PgConnectionException when the connection is lost
     */
    public void awaitNotifications(Deadline deadline, Consumer<Notification> consumer) {
        throw new UnsupportedOperationException();
    }

    /** Has {@link #awaitNotifications} return at once, the present call or the next one. Any thread. */
    public void wakeup() {
        throw new UnsupportedOperationException();
    }

    /** Says farewell and closes, without waiting. A second call does nothing. */
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Closes from any thread, at once; a caller that waits gets a {@link io.github.pgpure.PgConnectionException}. */
    public void abort(String reason) {
        throw new UnsupportedOperationException();
    }
}
