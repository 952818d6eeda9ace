package io.github.pgpure.connection;

import io.github.pgpure.Column;
import io.github.pgpure.MissingRowException;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Row;
import io.github.pgpure.RowStream;
import io.github.pgpure.Rows;
import io.github.pgpure.transport.Deadline;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A statement that the application has prepared by name. */
final class SessionPreparedStatement implements PreparedStatement {

    private final SessionConnection connection;
    private Statement statement;
    private boolean closed;

    SessionPreparedStatement(SessionConnection connection, Statement statement) {
        this.connection = connection;
        this.statement = statement;
    }

    @Override
    public String name() {
        return statement.name();
    }

    @Override
    public String sql() {
        return statement.sql();
    }

    @Override
    public int[] parameterTypes() {
        return statement.parameterTypes().clone();
    }

    @Override
    public List<Column> columns() {
        return statement.columns();
    }

    @Override
    public long execute(@Nullable Object... params) {
        return run(params, false).rowCount();
    }

    @Override
    public Rows fetch(@Nullable Object... params) {
        return run(params, true).rows();
    }

    @Override
    public Row fetchOne(@Nullable Object... params) {
        Rows rows = fetch(params);
        if (rows.isEmpty()) {
            throw new MissingRowException("the prepared statement " + name()
                    + " returned no row: use fetchOneOrNone where that may happen; statement: " + sql());
        }
        return rows.get(0);
    }

    @Override
    public Optional<Row> fetchOneOrNone(@Nullable Object... params) {
        Rows rows = fetch(params);
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(0));
    }

    @Override
    public RowStream stream(@Nullable Object... params) {
        return PortalStream.open(
                session(),
                connection.lease(),
                sql(),
                deadline(),
                0,
                runner -> {
                    Statement current = current(runner);
                    return new PortalStream.Run(current, BoundValues.of(current, params));
                },
                session -> {});
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Session session = connection.session();
        if (!session.isDead()) {
            try {
                session.perform(
                        connection.lease(),
                        "closing a statement",
                        deadline(),
                        wire -> session.runner().statements().close(statement));
            } catch (IllegalStateException e) {
                closed = false; // a stream is in the way
                throw e;
            } catch (PgException e) {
                session.change(
                        connection.lease(), () -> session.runner().statements().closeLater(List.of(name())));
                connection.forgetPrepared(name());
                throw e;
            }
        }
        connection.forgetPrepared(name());
    }

    private ExtendedReplies run(@Nullable Object[] params, boolean keepRows) {
        Session session = session();
        return session.run(connection.lease(), sql(), deadline(), wire -> {
            QueryRunner runner = session.runner();
            try {
                return run(runner, params, keepRows);
            } catch (PgServerException e) {
                if (!runner.canRunAgain(statement, e)) {
                    throw e;
                }
                return run(runner, params, keepRows);
            }
        });
    }

    private ExtendedReplies run(QueryRunner runner, @Nullable Object[] params, boolean keepRows) throws IOException {
        Statement current = current(runner);
        return runner.run(current, BoundValues.of(current, params), 0, keepRows);
    }

    /** The statement, prepared anew by its name where the server has forgotten it, or its result has changed. */
    private Statement current(QueryRunner runner) throws IOException {
        if (statement.isOutdated()) {
            runner.statements().closeLater(List.of(name())); // comes first in the group that prepares it
            statement = runner.statements().prepare(name(), sql());
        }
        runner.statements().resolve(statement);
        return statement;
    }

    private Session session() {
        if (closed) {
            throw new IllegalStateException("the prepared statement " + name() + " is closed");
        }
        return connection.usableSession();
    }

    private Deadline deadline() {
        return Deadline.in(connection.defaultTimeout());
    }
}
