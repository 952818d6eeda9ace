package io.github.pgpure.connection;

import io.github.pgpure.Column;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.ParsedSql;
import io.github.pgpure.protocol.SqlText;
import io.github.pgpure.row.RowShape;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A statement that the server has prepared, with the codecs for its parameters and columns; for the session's owner. */
final class Statement {

    /**
     * The codecs of one moment; whoever uses several of them takes them from the same one.
     *
     * @param parameters the codec of each parameter; not to be changed
     * @param columns the codec of each column; not to be changed
     * @param shape what rows have in common
     */
    record Resolution(ConversionContext context, Codec[] parameters, Codec[] columns, RowShape shape) {}

    /** How statements begin that only read and write rows; CALL, COMMIT, VACUUM and others can commit. */
    private static final Set<String> UNDONE_BY_ROLLBACK =
            Set.of("select", "insert", "update", "delete", "merge", "values", "with", "table");

    /** Functions whose effect stays although their transaction is undone: locks of the session, and what reaches other servers and files. */
    private static final Pattern STAYS = Pattern.compile(
            "\\b(?:pg_(?:try_)?advisory_(?:lock|unlock)\\w*|dblink\\w*|pg_logical_emit_message|lo_export|pg_file_\\w+)\\b",
            Pattern.CASE_INSENSITIVE);

    private final String name;
    private final String sql;
    private final String serverSql;
    private final List<String> parameterNames;
    private final int[] parameterTypes;
    private final List<Column> columns;
    private final boolean undoneByRollback;
    private boolean outdated;
    private volatile @Nullable Resolution resolution;

    Statement(String name, String sql, ParsedSql parsed, int[] parameterTypes, List<Column> columns) {
        this.name = name;
        this.sql = sql;
        this.serverSql = parsed.sql();
        this.parameterNames = parsed.names();
        this.parameterTypes = parameterTypes;
        this.columns = columns;
        this.undoneByRollback = UNDONE_BY_ROLLBACK.contains(SqlText.firstWord(serverSql))
                && !STAYS.matcher(serverSql).find();
    }

    /** Its name on the server, empty for the unnamed one. */
    String name() {
        return name;
    }

    /** The server would refuse it from now on, unless it is prepared again. */
    void outdate() {
        outdated = true;
    }

    boolean isOutdated() {
        return outdated;
    }

    /** Whether all that it does is undone when its transaction is: it is neither about transactions nor commits by itself. */
    boolean isUndoneByRollback() {
        return undoneByRollback;
    }

    /** Its text as the application gave it. */
    String sql() {
        return sql;
    }

    /** Its text as the server gets it. */
    String serverSql() {
        return serverSql;
    }

    /** Whether the server does not keep it: only its description is known, and it has to be parsed for each run. */
    boolean isUnnamed() {
        return name.isEmpty();
    }

    /** The name behind {@code $1}, {@code $2} …; empty when it has no named parameters. */
    List<String> parameterNames() {
        return parameterNames;
    }

    int[] parameterTypes() {
        return parameterTypes;
    }

    List<Column> columns() {
        return columns;
    }

    /** Whether the codecs are those of this context. */
    boolean isResolvedFor(ConversionContext context) {
        Resolution current = resolution;
        return current != null && current.context() == context;
    }

    /** Sets the codecs, and with them the formats of parameters and columns. */
    void resolve(ConversionContext context, Codec[] parameterCodecs, Codec[] columnCodecs) {
        Format[] formats = new Format[columnCodecs.length];
        for (int i = 0; i < formats.length; i++) {
            formats[i] = columnCodecs[i].format();
        }
        resolution = new Resolution(
                context, parameterCodecs, columnCodecs, new RowShape(columns, columnCodecs, formats, context));
    }

    /** The codecs that were last set. */
    Resolution resolution() {
        return Objects.requireNonNull(resolution);
    }

    /** What its rows have in common. */
    RowShape shape() {
        return resolution().shape();
    }
}
