package io.github.pgpure;

import org.jspecify.annotations.Nullable;

/**
 * The server answered a statement, or a connection attempt, with an error.
 *
 * <p>All its fields are here (<a href="https://www.postgresql.org/docs/current/protocol-error-fields.html">manual</a>).
 * {@link #getMessage()} leaves out {@link #detail()} and {@link #where()}, which can hold data of the application.
 * SQLSTATEs that applications catch have classes of their own.
 */
public class PgServerException extends PgException {

    private static final long serialVersionUID = 1L;

    /** How the names begin that this client gives to the statements it prepares by itself. */
    private static final String CACHED_STATEMENT = "\"pgpure_";

    private static final String AGAIN =
            "inside a transaction only you can repeat it: roll back and run the transaction again, and the statement is prepared anew";

    private final ServerMessage error;

    /**
     * @param error the server's error
     * @param outcome what is known about the statement's effect
     */
    public PgServerException(ServerMessage error, Outcome outcome) {
        super(error + advice(error), outcome, null);
        this.error = error;
    }

    /** What only a user of this client can be told; the routine tells errors apart whose text may be translated. */
    private static String advice(ServerMessage error) {
        String routine = error.fields().get('R');
        return switch (error.sqlState()) {
            case "42601" ->
                "exec_parse_message".equals(routine)
                        ? ". Hint: several statements in one string take no parameters: run them with execute(String) alone,"
                                + " one after the other, or in a batch or pipeline"
                        : "";
            case SqlState.INVALID_SQL_STATEMENT_NAME ->
                error.message().contains(CACHED_STATEMENT)
                        ? ". Hint: the session's prepared statements were dropped, by DEALLOCATE ALL or DISCARD ALL, or by a pooler that"
                                + " shares server connections (set transactionPooling then); " + AGAIN
                        : "";
            case SqlState.FEATURE_NOT_SUPPORTED ->
                "RevalidateCachedQuery".equals(routine)
                        ? ". Hint: a table that the statement reads was altered after it had been prepared; " + AGAIN
                        : "";
            default -> "";
        };
    }

    /** The exception for this error: of the subclass made for its SQLSTATE where there is one. */
    public static PgServerException of(ServerMessage error, Outcome outcome) {
        return switch (error.sqlState()) {
            case "23505" -> new UniqueViolationException(error, outcome);
            case "23503" -> new ForeignKeyViolationException(error, outcome);
            case "23502" -> new NotNullViolationException(error, outcome);
            case "23514" -> new CheckViolationException(error, outcome);
            case "23P01" -> new ExclusionViolationException(error, outcome);
            case "40001" -> new SerializationFailureException(error, outcome);
            case "40P01" -> new DeadlockDetectedException(error, outcome);
            case "55P03" -> new LockNotAvailableException(error, outcome);
            case "25006" -> new ReadOnlyTransactionException(error, outcome);
            case "28P01" -> new InvalidPasswordException(error, outcome);
            case "42601" -> new SyntaxErrorException(error, outcome);
            case "42P01" -> new UndefinedTableException(error, outcome);
            case "42703" -> new UndefinedColumnException(error, outcome);
            case SqlState.QUERY_CANCELED -> new QueryCancelledException(error, outcome);
            default -> new PgServerException(error, outcome);
        };
    }

    /** All fields, those without an accessor here included. */
    public final ServerMessage error() {
        return error;
    }

    /** The five characters of the SQLSTATE, see {@link SqlState}. */
    public final String sqlState() {
        return error.sqlState();
    }

    /** {@code ERROR}, {@code FATAL} or {@code PANIC}. */
    public final String severity() {
        return error.severity();
    }

    /** The server's primary message, alone. */
    public final String message() {
        return error.message();
    }

    /** More about the problem; may hold data of the application. */
    public final @Nullable String detail() {
        return error.detail();
    }

    /** What could be done about it. */
    public final @Nullable String hint() {
        return error.hint();
    }

    /** Where in the statement, in characters counted from 1; 0 where unknown. */
    public final int position() {
        return error.position();
    }

    public final @Nullable String schema() {
        return error.schema();
    }

    public final @Nullable String table() {
        return error.table();
    }

    public final @Nullable String column() {
        return error.column();
    }

    /** The name of the data type concerned. */
    public final @Nullable String dataType() {
        return error.dataType();
    }

    public final @Nullable String constraint() {
        return error.constraint();
    }

    /** The context: a call stack of functions; may hold data of the application. */
    public final @Nullable String where() {
        return error.where();
    }

    /** Whether the connection survives this error; {@code FATAL} and {@code PANIC} end it. */
    public final boolean isRecoverable() {
        return !error.isFatal();
    }
}
