package io.github.pgpure.connection;

import io.github.pgpure.Notification;
import io.github.pgpure.PgException;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.TargetSessionAttrs;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.transport.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What is done with a session between the statements of applications: whether it lives, what its server is, bringing it back to a clean state,
 * waiting for notifications. For whoever has the session checked out; only {@link #wakeup()} is for any thread.
 */
final class SessionCare {

    /** DISCARD ALL without the parts that would cost the prepared statements. */
    private static final String RESET = "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *;"
            + " SELECT pg_advisory_unlock_all(); DISCARD SEQUENCES; DISCARD TEMP";

    private static final String LOG_POSITION =
            "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END";

    private final Session session;
    private final SessionState state;
    private final Wire wire;
    private final QueryRunner runner;
    private final SessionParameters parameters;
    private final Announcements announcements;
    private volatile boolean woken;

    SessionCare(
            Session session,
            SessionState state,
            Wire wire,
            QueryRunner runner,
            SessionParameters parameters,
            Announcements announcements) {
        this.session = session;
        this.state = state;
        this.wire = wire;
        this.runner = runner;
        this.parameters = parameters;
        this.announcements = announcements;
    }

    /** Whether the server is what is wanted; servers before version 14 do not report it and are asked. */
    boolean matches(TargetSessionAttrs wanted, Deadline deadline) {
        String standby = parameters.get("in_hot_standby");
        String readOnly = parameters.get("default_transaction_read_only");
        if (standby == null || readOnly == null) {
            var row = session.run(
                            SessionState.ANY_LEASE,
                            "target_session_attrs",
                            deadline,
                            w -> runner.simpleRows(
                                    "select case when pg_is_in_recovery() then 'on' else 'off' end, current_setting('transaction_read_only')"))
                    .get(0);
            standby = row[0];
            readOnly = row[1];
        }
        boolean isStandby = "on".equals(standby);
        boolean isReadOnly = isStandby || "on".equals(readOnly);
        return switch (wanted) {
            case ANY, PREFER_STANDBY -> true;
            case READ_WRITE -> !isReadOnly;
            case READ_ONLY -> isReadOnly;
            case PRIMARY -> !isStandby;
            case STANDBY -> isStandby;
        };
    }

    /** Takes note, without waiting, of what the server sent since the session was last used; whether it can be used. */
    boolean checkAlive() {
        if (!state.take(SessionState.ANY_LEASE)) {
            return false;
        }
        try {
            takeUnasked();
            return true;
        } catch (IOException | PgProtocolException e) {
            session.die(loss(), e);
            return false;
        } finally {
            session.end();
        }
    }

    private String loss() {
        ServerMessage farewell = wire.farewell();
        return farewell == null ? "the connection was lost" : "the server has ended the session: " + farewell;
    }

    /**
     * Takes what the server sent while nobody asked it anything, without waiting. For the session's owner.
     *
     * @throws ServerClosed when the server has ended the session
     */
    void takeUnasked() throws IOException {
        do {
            BackendMessage message = wire.receiveNow();
            if (message instanceof ErrorResponse error && error.error().isFatal()) {
                throw new ServerClosed();
            }
            if (message != null) {
                throw new PgProtocolException(
                        "the server sent " + message.getClass().getSimpleName() + " without having been asked");
            }
        } while (wire.read() > 0);
    }

    /** A round trip without a statement. Closes the session and returns false on failure or timeout. */
    boolean ping(Duration timeout) {
        return tend(SessionState.ANY_LEASE, timeout, w -> runner.ping());
    }

    /** Rolls back whatever transaction is open. Closes the session and returns false on failure or timeout. */
    boolean rollback(long lease, Duration timeout) {
        return tend(lease, timeout, w -> {
            runner.forgetBegin();
            session.transactionDeadline(Deadline.NONE);
            if (w.status() != TransactionStatus.IDLE) {
                runner.simple("ROLLBACK");
            }
        });
    }

    /** Undoes what its users have set for the session. Closes the session and returns false on failure or timeout. */
    boolean reset(Duration timeout) {
        return tend(SessionState.ANY_LEASE, timeout, w -> runner.simpleRows(RESET));
    }

    /** How far the server is in its write-ahead log. */
    LogPosition logPosition(Deadline deadline) {
        var rows = session.run(
                SessionState.ANY_LEASE,
                "the position in the write-ahead log",
                deadline,
                w -> runner.simpleRows(LOG_POSITION));
        String position = rows.isEmpty() ? null : rows.get(0)[0];
        if (position == null) {
            throw new PgProtocolException("the server did not say how far its write-ahead log is");
        }
        return LogPosition.parse(position);
    }

    /** Not interruptible: what is not brought to its end now nobody will. */
    private boolean tend(long lease, Duration timeout, WireAction work) {
        Deadline deadline = Deadline.in(timeout);
        try {
            session.takeUninterruptibly(lease, deadline);
        } catch (PgException | IllegalStateException e) {
            return false;
        }
        try {
            wire.limitWaits(deadline, false, null);
            work.run(wire);
            return true;
        } catch (WaitEnded e) {
            session.die("the server did not answer within " + timeout.toMillis() + " ms", null);
            return false;
        } catch (IOException e) {
            session.die(loss(), e);
            return false;
        } catch (PgException e) {
            session.die("it could not be brought to a clean state", e);
            return false;
        } finally {
            session.end();
        }
    }

    /** Waits for notifications and delivers them on this thread, see {@link Session#awaitNotifications}. */
    void awaitNotifications(long lease, Deadline deadline, Consumer<Notification> consumer) {
        boolean[] delivered = {false};
        session.perform(lease, "waiting for notifications", Deadline.NONE, w -> {
            try {
                announcements.receive(notification -> {
                    delivered[0] = true;
                    consumer.accept(notification);
                });
                w.limitWaits(deadline, true, session::checkCancelled);
                while (!delivered[0] && !woken) {
                    BackendMessage message = w.receiveNow();
                    if (message instanceof ErrorResponse) {
                        throw new ServerClosed();
                    } else if (message != null) {
                        throw new PgProtocolException(
                                "the server sent " + message.getClass().getSimpleName() + " without having been asked");
                    } else if (!delivered[0] && w.read() == 0) {
                        w.await(false);
                    }
                }
                woken = false;
            } catch (WaitEnded e) {
                if (e.reason() == WaitEnded.Reason.INTERRUPTED) {
                    Thread.currentThread().interrupt();
                }
            } finally {
                announcements.receive(null);
            }
        });
    }

    /** Ends {@link #awaitNotifications}, the running or the next one. */
    void wakeup() {
        woken = true;
        wire.transport().wakeup();
    }
}
