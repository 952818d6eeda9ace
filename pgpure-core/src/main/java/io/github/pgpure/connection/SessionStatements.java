package io.github.pgpure.connection;

import io.github.pgpure.Column;
import io.github.pgpure.Outcome;
import io.github.pgpure.PgException;
import io.github.pgpure.PgServerException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.SqlState;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.BackendMessage.CloseComplete;
import io.github.pgpure.protocol.BackendMessage.RowDescription;
import io.github.pgpure.protocol.FrontendMessage.Close;
import io.github.pgpure.protocol.FrontendMessage.Describe;
import io.github.pgpure.protocol.FrontendMessage.Parse;
import io.github.pgpure.protocol.FrontendMessage.Target;
import io.github.pgpure.protocol.NamedParameters;
import io.github.pgpure.protocol.ParsedSql;
import io.github.pgpure.row.RowShape;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The statements that a session has prepared: prepares and closes them, keeps those that will come again, and sees to it that each has the codecs of
 * the moment.
 *
 * <p>Everything here happens while the caller owns the session's wire, and leaves it at rest as {@link QueryRunner} does.
 */
final class SessionStatements {

    private static final int[] NO_TYPES = {};

    private final Session session;
    private final Wire wire;
    private final TypeRegistry types;
    private final StatementCache cache;
    private final QueryRunner runner;

    SessionStatements(Session session, Wire wire, TypeRegistry types, StatementCache cache, QueryRunner runner) {
        this.session = session;
        this.wire = wire;
        this.types = types;
        this.cache = cache;
        this.runner = runner;
    }

    // --- preparing and closing ---------------------------------------------------------------------------------------

    /** How many statements are kept prepared. Any thread. */
    int size() {
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

    private Statement prepare(String name, String sql, int[] types) throws IOException {
        if (CopyCommand.needsData(sql)) {
            // The server would wait for data, and take the messages that follow for them.
            throw Replies.copyMisplaced(Outcome.NOT_SENT);
        }
        ParsedSql parsed = NamedParameters.parse(sql);
        QueryRunner.checkParameterCount(parsed.names().size());
        long mark = wire.mark();
        try {
            runner.startGroup();
            wire.send(new Parse(name, parsed.sql(), types));
            wire.send(new Describe(Target.STATEMENT, name));
        } catch (RuntimeException | Error e) {
            runner.undoGroup(mark);
            throw e;
        }
        var description = new StatementDescription();
        boolean onServer = true; // as far as is known
        try {
            wire.sendSync();
            wire.flush();
            ServerMessage error = Replies.untilReady(wire, (message, from) -> {
                if (!runner.isAnswerToBegin(message)) {
                    description.take(message, from);
                }
            });
            runner.endGroup();
            if (error != null) {
                onServer = description.isParsed(); // else it may be somebody else's that has the name
                throw Replies.error(error);
            }
            Statement statement = description.statement(name, sql, parsed);
            onServer = false; // for the caller to close
            return statement;
        } finally {
            if (onServer && !name.isEmpty()) {
                closeLater(List.of(name));
            }
        }
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
        ServerMessage error = Replies.untilReady(wire, (message, from) -> {
            if (!(message instanceof CloseComplete)) {
                throw Replies.unexpected(message, "the closing of a statement");
            }
        });
        if (error != null) {
            throw Replies.error(error);
        }
    }

    /** The statements to close that {@link #closeLater} was given, and that have left the cache; the caller has them closed. */
    List<String> takeClosing() {
        return cache.takeEvicted();
    }

    /** Keeps the server from closing statements that leave the cache, while several of them are gathered to be run. */
    void holdStatements(boolean holding) {
        cache.hold(holding);
    }

    /** Takes note of commands that concern the cache, and of those whose effect stays whatever follows. */
    void noticeTag(String tag) {
        if (tag.startsWith(Session.COMMIT)) {
            session.effectByParts();
        }
        if (tag.equals("DISCARD ALL") || tag.equals("DEALLOCATE ALL")) {
            cache.clear();
        }
    }

    // --- statements that the server would go on refusing -------------------------------------------------------------

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

    // --- codecs ------------------------------------------------------------------------------------------------------

    /** Sees to it that the statement has the codecs of this moment. */
    void resolve(Statement statement) throws IOException {
        ConversionContext context = session.context();
        if (statement.isResolvedFor(context)) {
            return;
        }
        int[] oids = oidsOf(statement);
        // Another session may have the registry forget an altered type at any moment: what is resolved is one snapshot.
        for (int attempt = 0; attempt < 3 && !knowsAll(context, oids); attempt++) {
            types.resolve(oids, runner::lookUp, wire.deadline().remainingNanos());
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
}
