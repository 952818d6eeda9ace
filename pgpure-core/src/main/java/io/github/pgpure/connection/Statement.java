package io.github.pgpure.connection;

import io.github.pgpure.Column;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.ParsedSql;
import io.github.pgpure.row.RowShape;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A statement that the server has prepared, with the codecs for its parameters and columns; for the session's owner. */
final class Statement {

    private final String name;
    private final String sql;
    private final String serverSql;
    private final List<String> parameterNames;
    private final int[] parameterTypes;
    private final List<Column> columns;
    private Codec[] parameterCodecs = new Codec[0];
    private Codec[] columnCodecs = new Codec[0];
    private @Nullable RowShape shape;
    private @Nullable ConversionContext context;

    Statement(String name, String sql, ParsedSql parsed, int[] parameterTypes, List<Column> columns) {
        this.name = name;
        this.sql = sql;
        this.serverSql = parsed.sql();
        this.parameterNames = parsed.names();
        this.parameterTypes = parameterTypes;
        this.columns = columns;
    }

    /** Its name on the server, empty for the unnamed one. */
    String name() {
        return name;
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
        return this.context == context;
    }

    /** Sets the codecs, and with them the formats of parameters and columns. */
    void resolve(ConversionContext context, Codec[] parameterCodecs, Codec[] columnCodecs) {
        Format[] formats = new Format[columnCodecs.length];
        for (int i = 0; i < formats.length; i++) {
            formats[i] = columnCodecs[i].format();
        }
        this.parameterCodecs = parameterCodecs;
        this.columnCodecs = columnCodecs;
        this.shape = new RowShape(columns, columnCodecs, formats, context);
        this.context = context;
    }

    /** The codec of each column; not to be changed. */
    Codec[] columnCodecs() {
        return columnCodecs;
    }

    Codec parameterCodec(int index) {
        return parameterCodecs[index];
    }

    ConversionContext context() {
        return Objects.requireNonNull(context);
    }

    /** What its rows have in common. */
    RowShape shape() {
        return Objects.requireNonNull(shape);
    }
}
