package io.github.pgpure.connection;

import io.github.pgpure.Outcome;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.RowMapper;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.BindComplete;
import io.github.pgpure.protocol.BackendMessage.CloseComplete;
import io.github.pgpure.protocol.BackendMessage.CommandComplete;
import io.github.pgpure.protocol.BackendMessage.EmptyQueryResponse;
import io.github.pgpure.protocol.BackendMessage.NoData;
import io.github.pgpure.protocol.BackendMessage.ParseComplete;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendMessage.Bind;
import io.github.pgpure.protocol.FrontendMessage.Close;
import io.github.pgpure.protocol.FrontendMessage.Describe;
import io.github.pgpure.protocol.FrontendMessage.Execute;
import io.github.pgpure.protocol.FrontendMessage.Parse;
import io.github.pgpure.protocol.FrontendMessage.Target;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.row.MappedRows;
import io.github.pgpure.row.RawRows;
import io.github.pgpure.row.RowShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs statements: binds values, sends BEGIN along with a transaction's first one. {@link SessionStatements} prepares them.
 *
 * <p>Everything here happens while the caller owns the session's wire. It relies on the wire being at rest when a method is called, and
 * leaves it at rest unless the method throws something other than a {@link PgServerException}.
 */
final class QueryRunner {

    private static final Format[] NO_FORMATS = {};
    private static final Describe DESCRIBE_PORTAL = new Describe(Target.PORTAL, "");

    private final Session session;
    private final Wire wire;
    private final SessionStatements statements;

    /** The BEGIN that waits for the first statement of its transaction. */
    private @Nullable String pendingBegin;

    /** Whether the group of messages on its way begins with that BEGIN. */
    private boolean beginSent;

    /** Whether that BEGIN has been answered, but not the group. */
    private boolean beginAnswered;

    /** Whether a Bind of the group of messages on its way, or of the last one, was answered: then something may have been executed. */
    private boolean bound;

    /** The statements that the group of messages on its way closes. */
    private List<String> closing = List.of();

    QueryRunner(Session session, Wire wire, TypeRegistry types, StatementCache cache) {
        this.session = session;
        this.wire = wire;
        this.statements = new SessionStatements(session, wire, types, cache, this);
    }

    /** What it has prepared. */
    SessionStatements statements() {
        return statements;
    }

    // --- transactions ------------------------------------------------------------------------------------------------

    /** Has this BEGIN sent together with the next statement. */
    void beginLater(String sql) {
        pendingBegin = sql;
    }

    /** Whether a BEGIN waits for its first statement. */
    boolean beginPending() {
        return pendingBegin != null;
    }

    /** Whether that BEGIN was sent, and not answered. */
    boolean beginSent() {
        return beginSent;
    }

    /** Whether what the server runs now belongs to a transaction block, one that the current group of messages began included. */
    boolean inTransaction() {
        return wire.status() != TransactionStatus.IDLE || beginSent || beginAnswered;
    }

    void forgetBegin() {
        pendingBegin = null;
        beginSent = false;
        beginAnswered = false;
    }

    /** Sends a BEGIN that waits, by itself. */
    void sendBegin() throws IOException {
        if (pendingBegin != null) {
            String begin = pendingBegin;
            pendingBegin = null;
            beginSent = true; // what is abandoned before the answer has lost its transaction
            try {
                simple(begin);
            } catch (PgServerException e) {
                beginSent = false;
                throw e;
            }
            beginSent = false;
        }
    }

    // --- statements without parameters, as text ----------------------------------------------------------------------

    /**
     * Runs one or several statements through the simple protocol, and discards their rows.
     *
     * @return the last command; with an empty tag when there was none
     */
    CommandComplete simple(String sql) throws IOException {
        sendBegin();
        session.effectPossible(false);
        wire.sendQuery(sql);
        wire.flush();
        return new SimpleReplies(this, sql, null).read(wire);
    }

    /** Runs a query through the simple protocol; each value as text. */
    List<@Nullable String[]> simpleRows(String sql) throws IOException {
        wire.sendQuery(sql);
        wire.flush();
        List<@Nullable String[]> rows = new ArrayList<>();
        new SimpleReplies(this, sql, rows).read(wire);
        return rows;
    }

    /** The same for the registry of types. */
    List<@Nullable String[]> lookUp(String sql) {
        try {
            return simpleRows(sql);
        } catch (IOException e) {
            throw new LookupFailed(e);
        }
    }

    /** Carries an I/O error through the registry, which knows no I/O. */
    static final class LookupFailed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final IOException cause;

        LookupFailed(IOException cause) {
            super(cause);
            this.cause = cause;
        }

        @Override
        public IOException getCause() {
            return cause;
        }
    }

    /** A round trip without a statement. */
    void ping() throws IOException {
        wire.sendSync();
        wire.flush();
        BackendMessage message = wire.receive();
        if (!(message instanceof ReadyForQuery)) {
            throw Replies.unexpected(message, "a ping");
        }
    }

    // --- running -----------------------------------------------------------------------------------------------------

    /** Runs a query and returns its rows. */
    RawRows fetch(Query query) throws IOException {
        return run(query, true, null).rows();
    }

    /** Runs a query and makes an object of each row as it arrives. */
    <T extends @Nullable Object> List<T> fetch(Query query, RowMapper<T> mapper) throws IOException {
        var mapped = new MappedRows<>(mapper);
        run(query, true, mapped);
        return mapped.objects();
    }

    /** Runs a query and returns its row count. */
    long execute(Query query) throws IOException {
        if (query.params().isEmpty() && query.namedParams().isEmpty() && query.maxRows() == 0) {
            return simple(query.sql()).rowCount();
        }
        return run(query, false, null).rowCount();
    }

    /** Binding counts in 16 bits; the server would take what is beyond for something else. */
    static void checkParameterCount(int count) {
        if (count > Bind.MAX_PARAMETERS) {
            throw new IllegalArgumentException(
                    "a statement can have at most " + Bind.MAX_PARAMETERS + " parameters, not " + count
                            + ": pass arrays (unnest($1), = any($1)), or use executeBatch or copyIn");
        }
    }

    private ExtendedReplies run(Query query, boolean keepRows, @Nullable MappedRows<?> mapped) throws IOException {
        checkParameterCount(query.params().size());
        Statement statement = statements.prepare(query.sql());
        try {
            return run(statement, BoundValues.of(statement, query), query.maxRows(), keepRows, mapped);
        } catch (PgServerException e) {
            if (!canRunAgain(statement, e)) {
                throw e;
            }
            statement = statements.prepare(query.sql());
            return run(statement, BoundValues.of(statement, query), query.maxRows(), keepRows, mapped);
        }
    }

    /** Runs a prepared statement. */
    ExtendedReplies run(Statement statement, BoundValues values, int maxRows, boolean keepRows) throws IOException {
        return run(statement, values, maxRows, keepRows, null);
    }

    private ExtendedReplies run(
            Statement statement, BoundValues values, int maxRows, boolean keepRows, @Nullable MappedRows<?> mapped)
            throws IOException {
        long mark = wire.mark();
        try {
            startGroup();
            parseUnnamed(statement);
            bind(statement, values);
            wire.send(maxRows == 0 ? Execute.ALL : new Execute("", maxRows));
        } catch (RuntimeException | Error e) {
            undoGroup(mark);
            throw e;
        }
        wire.sendSync();
        session.effectPossible(true);
        wire.flush();
        var replies = new ExtendedReplies(this, statement, keepRows ? values.shape() : null, mapped);
        ServerMessage error = Replies.untilReady(wire, replies);
        endGroup();
        if (error != null) {
            throw error(error, statement.sql());
        }
        replies.check();
        return replies;
    }

    /** The exception for an error that has ended a statement: what it has committed before by itself stays. */
    PgServerException error(ServerMessage error, String sql) {
        boolean mayHaveCommitted = bound && wire.status() == TransactionStatus.IDLE && CommittingCommand.is(sql);
        return mayHaveCommitted ? PgServerException.of(error, Outcome.UNKNOWN) : Replies.error(error);
    }

    /**
     * Takes a statement out of the cache that the server would go on refusing.
     *
     * @return whether it is one, and can be prepared and run again at once: nothing was executed, since not even its Bind was answered with
     *     anything but the error, and the error had no transaction block to end
     */
    boolean canRunAgain(Statement statement, PgServerException e) {
        return statements.forgetIfStale(statement, e) && !bound && wire.status() == TransactionStatus.IDLE;
    }

    // --- groups of messages that share a Sync ------------------------------------------------------------------------

    /** Begins with what has to come first: statements to close, and BEGIN. */
    void startGroup() {
        bound = false;
        closing = statements.takeClosing();
        for (String name : closing) {
            wire.send(new Close(Target.STATEMENT, name));
        }
        if (pendingBegin != null) {
            wire.send(new Parse("", pendingBegin));
            wire.send(new Bind("", "", Bind.Values.NONE, NO_FORMATS));
            wire.send(new Execute("", 0));
            beginSent = true;
        }
    }

    /** Parses a statement that the server does not keep; others are there. */
    void parseUnnamed(Statement statement) {
        if (statement.isUnnamed()) {
            wire.send(new Parse("", statement.serverSql(), statement.parameterTypes()));
        }
    }

    /** Binds values to a statement that is there. */
    void bind(Statement statement, Bind.Values values) {
        wire.send(new Bind("", statement.name(), values, statement.shape().formats()));
        if (statement.isUnnamed()) {
            // Nothing warns of a result that has changed since it was described: the answer has to say what it is.
            wire.send(DESCRIBE_PORTAL);
        }
    }

    /** Forgets a group of which nothing was sent. */
    void undoGroup(long mark) {
        wire.reset(mark);
        beginSent = false;
        statements.closeLater(closing);
    }

    /** The group has been answered. */
    void endGroup() {
        if (beginSent) {
            beginSent = false;
            pendingBegin = null;
        }
        beginAnswered = false;
    }

    /** Takes the answers to the BEGIN that came along. */
    boolean isAnswerToBegin(BackendMessage message) {
        if (!beginSent) {
            return false;
        }
        if (message instanceof CommandComplete) {
            beginSent = false;
            beginAnswered = true;
            pendingBegin = null;
            return true;
        }
        return message instanceof ParseComplete || message instanceof BindComplete || message instanceof CloseComplete;
    }

    /** A COMMIT that was one of several commands stays, whatever becomes of those after it. */
    void committed() {
        session.effectByParts();
    }

    RawRows noRows() {
        return new RawRows.Builder(new RowShape(List.of(), new Codec[0], NO_FORMATS, session.context())).build();
    }

    /** Takes what is part of the answer to any statement; false for all other messages. */
    boolean isFormality(BackendMessage message) {
        bound |= message instanceof BindComplete;
        return message instanceof BindComplete
                || message instanceof CloseComplete
                || message instanceof ParseComplete
                || message instanceof NoData
                || message instanceof EmptyQueryResponse;
    }
}
