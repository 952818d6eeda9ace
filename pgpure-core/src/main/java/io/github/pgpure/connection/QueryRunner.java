package io.github.pgpure.connection;

import io.github.pgpure.Column;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.Query;
import io.github.pgpure.RowMapper;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.SqlState;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.BackendMessage;
import io.github.pgpure.protocol.BackendMessage.BindComplete;
import io.github.pgpure.protocol.BackendMessage.CloseComplete;
import io.github.pgpure.protocol.BackendMessage.CommandComplete;
import io.github.pgpure.protocol.BackendMessage.EmptyQueryResponse;
import io.github.pgpure.protocol.BackendMessage.ErrorResponse;
import io.github.pgpure.protocol.BackendMessage.NoData;
import io.github.pgpure.protocol.BackendMessage.ParseComplete;
import io.github.pgpure.protocol.BackendMessage.ReadyForQuery;
import io.github.pgpure.protocol.BackendMessage.RowDescription;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendMessage.Bind;
import io.github.pgpure.protocol.FrontendMessage.Close;
import io.github.pgpure.protocol.FrontendMessage.Describe;
import io.github.pgpure.protocol.FrontendMessage.Execute;
import io.github.pgpure.protocol.FrontendMessage.Parse;
import io.github.pgpure.protocol.FrontendMessage.Target;
import io.github.pgpure.protocol.NamedParameters;
import io.github.pgpure.protocol.ParsedSql;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.row.MappedRows;
import io.github.pgpure.row.RawRows;
import io.github.pgpure.row.RowShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs statements: prepares and caches them, binds values, sends BEGIN along with a transaction's first one.
 *
 * <p>Everything here happens while the caller owns the session's wire. It relies on the wire being at rest when a method is called, and
 * leaves it at rest unless the method throws something other than a {@link PgServerException}.
 */
final class QueryRunner {

    private static final Format[] NO_FORMATS = {};
    private static final int[] NO_TYPES = {};
    private static final Describe DESCRIBE_PORTAL = new Describe(Target.PORTAL, "");

    private final Session session;
    private final Wire wire;
    private final TypeRegistry types;
    private final StatementCache cache;

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
        this.types = types;
        this.cache = cache;
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

    /** A round trip without a statement. */
    void ping() throws IOException {
        wire.sendSync();
        wire.flush();
        BackendMessage message = wire.receive();
        if (!(message instanceof ReadyForQuery)) {
            throw Replies.unexpected(message, "a ping");
        }
    }

    // --- preparing ---------------------------------------------------------------------------------------------------

    /** How many statements are kept prepared. Any thread. */
    int cachedStatements() {
        return cache.size();
    }

    /** The statement for this SQL, prepared unless it is in the cache. */
    Statement prepare(String sql) throws IOException {
        return prepare(sql, NO_TYPES);
    }

    /** @param parameterTypes the types of the first parameters; the server finds out those of the others */
    Statement prepare(String sql, int[] parameterTypes) throws IOException {
        Statement statement = cache.get(sql);
        if (statement == null) {
            statement = prepare(cache.nextName(), sql, parameterTypes);
            cache.put(statement);
        }
        resolve(statement);
        return statement;
    }

    /** Prepares a statement under this name. */
    Statement prepare(String name, String sql) throws IOException {
        return prepare(name, sql, NO_TYPES);
    }

    private Statement prepare(String name, String sql, int[] parameterTypes) throws IOException {
        try {
            return parseAndDescribe(name, sql, parameterTypes);
        } catch (PgServerException e) {
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            // It may well exist on the server by now.
            if (!name.isEmpty()) {
                closeLater(List.of(name));
            }
            throw e;
        }
    }

    private Statement parseAndDescribe(String name, String sql, int[] types) throws IOException {
        if (CopyCommand.needsData(sql)) {
            // The server would wait for data, and take the messages that follow for them.
            throw Replies.copyMisplaced(Outcome.NOT_SENT);
        }
        ParsedSql parsed = NamedParameters.parse(sql);
        checkParameterCount(parsed.names().size());
        long mark = wire.mark();
        try {
            startGroup();
            wire.send(new Parse(name, parsed.sql(), types));
            wire.send(new Describe(Target.STATEMENT, name));
        } catch (RuntimeException | Error e) {
            undoGroup(mark);
            throw e;
        }
        wire.sendSync();
        wire.flush();
        var description = new StatementDescription();
        ServerMessage error = null;
        while (true) {
            BackendMessage message = wire.receive();
            if (message instanceof ReadyForQuery) {
                break;
            } else if (message instanceof ErrorResponse response) {
                error = Replies.first(error, response.error());
            } else if (!isAnswerToBegin(message)) {
                description.take(message);
            }
        }
        endGroup();
        if (error != null) {
            throw Replies.error(error);
        }
        return description.statement(name, sql, parsed);
    }

    /** The statement of the cache for this SQL, null when there is none. */
    @Nullable
    Statement cached(String sql) {
        return cache.get(sql);
    }

    /** The name for the next statement to be kept; empty where the server keeps none. */
    String nextName() {
        return cache.nextName();
    }

    /** Keeps a statement that was prepared. */
    void keep(Statement statement) {
        cache.put(statement);
    }

    /** Takes a statement out of the cache. */
    void forget(Statement statement) {
        cache.remove(statement);
    }

    /** Has the server forget these statements before the next one is prepared or run. */
    void closeLater(Collection<String> names) {
        cache.giveBackEvicted(names);
    }

    /** Has the server forget a statement that was prepared by name. */
    void close(Statement statement) throws IOException {
        wire.send(new Close(Target.STATEMENT, statement.name()));
        wire.sendSync();
        wire.flush();
        ServerMessage error = null;
        while (true) {
            BackendMessage message = wire.receive();
            if (message instanceof ReadyForQuery) {
                break;
            } else if (message instanceof ErrorResponse response) {
                error = Replies.first(error, response.error());
            } else if (!(message instanceof CloseComplete)) {
                throw Replies.unexpected(message, "the closing of a statement");
            }
        }
        if (error != null) {
            throw Replies.error(error);
        }
    }

    /** Sees to it that the statement has the codecs of this moment. */
    void resolve(Statement statement) throws IOException {
        ConversionContext context = session.context();
        if (statement.isResolvedFor(context)) {
            return;
        }
        int[] oids = oidsOf(statement);
        // Another session may have the registry forget an altered type at any moment: what is resolved is one snapshot.
        for (int attempt = 0; attempt < 3 && !knowsAll(context, oids); attempt++) {
            types.resolve(oids, this::lookUp, wire.deadline().remainingNanos());
            context = session.context();
        }
        resolve(statement, context, oids);
    }

    /** The same where that needs nothing from the server; false where it does. */
    boolean resolveFromKnown(Statement statement) {
        ConversionContext context = session.context();
        if (!statement.isResolvedFor(context)) {
            int[] oids = oidsOf(statement);
            if (!knowsAll(context, oids)) {
                return false;
            }
            resolve(statement, context, oids);
        }
        return true;
    }

    private static void resolve(Statement statement, ConversionContext context, int[] oids) {
        int parameters = statement.parameterTypes().length;
        Codec[] codecs = new Codec[oids.length];
        for (int i = 0; i < oids.length; i++) {
            Codec codec = context.types().codec(oids[i]);
            if (codec == null) {
                throw new IllegalStateException(
                        "the type with OID " + Integer.toUnsignedString(oids[i]) + " was not resolved");
            }
            codecs[i] = codec;
        }
        statement.resolve(
                context, Arrays.copyOf(codecs, parameters), Arrays.copyOfRange(codecs, parameters, codecs.length));
    }

    private static boolean knowsAll(ConversionContext context, int[] oids) {
        for (int oid : oids) {
            if (oid != 0 && context.types().codec(oid) == null) {
                return false;
            }
        }
        return true;
    }

    private static int[] oidsOf(Statement statement) {
        int[] parameters = statement.parameterTypes();
        int[] oids = Arrays.copyOf(
                parameters, parameters.length + statement.columns().size());
        for (int i = parameters.length; i < oids.length; i++) {
            oids[i] = statement.columns().get(i - parameters.length).typeOid();
        }
        return oids;
    }

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
        Statement statement = prepare(query.sql());
        try {
            return run(statement, BoundValues.of(statement, query), query.maxRows(), keepRows, mapped);
        } catch (PgServerException e) {
            if (!canRunAgain(statement, e)) {
                throw e;
            }
            statement = prepare(query.sql());
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
        ServerMessage error = null;
        while (true) {
            BackendMessage message = wire.receive();
            if (message instanceof ReadyForQuery) {
                break;
            } else if (message instanceof ErrorResponse response) {
                error = Replies.first(error, response.error());
            } else {
                replies.take(message, wire);
            }
        }
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

    /** Takes a statement out of the cache that the server would go on refusing; whether it is one. */
    boolean forgetIfStale(Statement statement, PgServerException e) {
        if (!isStale(e)) {
            return false;
        }
        statement.outdate();
        cache.remove(statement);
        return true;
    }

    /**
     * Takes a statement out of the cache that the server would go on refusing.
     *
     * @return whether it is one, and can be prepared and run again at once: nothing was executed, since not even its Bind was answered with
     *     anything but the error, and the error had no transaction block to end
     */
    boolean canRunAgain(Statement statement, PgServerException e) {
        return forgetIfStale(statement, e) && !bound && wire.status() == TransactionStatus.IDLE;
    }

    /**
     * Whether a cached statement is of no use any more: its result has changed, the server has forgotten it, or one of its types was
     * dropped (an internal error, whose text is never translated).
     */
    static boolean isStale(PgServerException e) {
        String routine = e.error().fields().get('R');
        return switch (e.sqlState()) {
            case SqlState.INVALID_SQL_STATEMENT_NAME -> true;
            case SqlState.FEATURE_NOT_SUPPORTED -> "RevalidateCachedQuery".equals(routine);
            // A type of it was dropped, and perhaps created again.
            case SqlState.INTERNAL_ERROR -> e.error().message().startsWith("cache lookup failed for type");
            // A statement that the server does not keep was bound with the formats of another number of columns.
            case SqlState.PROTOCOL_VIOLATION -> "PortalSetResultFormat".equals(routine);
            default -> false;
        };
    }

    // --- groups of messages that share a Sync ------------------------------------------------------------------------

    /** Begins with what has to come first: statements to close, and BEGIN. */
    void startGroup() {
        bound = false;
        closing = cache.takeEvicted();
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

    /** What rows have in common that turn out to be others than their statement's description says. */
    RowShape reshape(RowDescription description) {
        ConversionContext context = session.context();
        List<Column> columns = description.columns();
        Codec[] codecs = new Codec[columns.size()];
        for (int i = 0; i < codecs.length; i++) {
            Codec codec = context.types().codec(columns.get(i).typeOid());
            if (codec == null) {
                throw new PgException(
                        "the result of the statement has changed to types not seen before while it ran: run it again",
                        Outcome.UNKNOWN,
                        null);
            }
            codecs[i] = codec;
        }
        return new RowShape(columns, codecs, description.formats(), context);
    }

    /** Keeps the server from closing statements that leave the cache, while several of them are gathered to be run. */
    void holdStatements(boolean holding) {
        cache.hold(holding);
    }

    /** Forgets a group of which nothing was sent. */
    void undoGroup(long mark) {
        wire.reset(mark);
        beginSent = false;
        cache.giveBackEvicted(closing);
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

    /** Takes note of commands that concern the cache. */
    void noticeTag(String tag) {
        if (tag.equals("DISCARD ALL") || tag.equals("DEALLOCATE ALL")) {
            cache.clear();
        }
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
