package io.github.pgpure.connection;

import io.github.pgpure.Column;
import io.github.pgpure.ConversionException;
import io.github.pgpure.Outcome;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Copies rows of Java values in COPY's binary format
 * (<a href="https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS">manual</a>).
 *
 * <pre>
 *   "PGCOPY\n\377\r\n\0" | int32 flags | int32 extension length
 *   for each row:  int16 columns | for each column:  int32 length (-1 for NULL) | length bytes
 *   int16 -1
 * </pre>
 */
final class RowCopy {

    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int PIECE = 64 * 1024;

    private final Session session;
    private final Copy copy;
    private final FrontendBuffer out = new FrontendBuffer();

    RowCopy(Session session, Wire wire) {
        this.session = session;
        this.copy = new Copy(session, wire);
    }

    long in(String table, List<String> columns, Iterable<@Nullable Object[]> rows) throws IOException {
        String list = columns.stream().map(RowCopy::quote).collect(Collectors.joining(", "));
        // What the columns' types are, only the server can say.
        Statement described = session.runner().prepare("select " + list + " from " + table + " where false");
        Codec[] codecs = codecs(described);
        copy.startIn("copy " + table + " (" + list + ") from stdin (format binary)");
        out.writeBytes(SIGNATURE);
        out.writeInt(0);
        out.writeInt(0);
        boolean wanted = true;
        long number = 0;
        try {
            for (@Nullable Object[] row : rows) {
                number++;
                write(
                        row,
                        number,
                        described.columns(),
                        codecs,
                        described.resolution().context());
                if (out.position() >= PIECE) {
                    wanted = copy.sendIn(out.array(), out.position());
                    out.clear();
                    if (!wanted) {
                        break;
                    }
                }
            }
        } catch (ConversionException | IllegalArgumentException e) {
            copy.abandonIn("a value could not be converted");
            throw e;
        }
        if (wanted) {
            out.writeShort(-1);
            copy.sendIn(out.array(), out.position());
        }
        return copy.endIn();
    }

    private void write(
            @Nullable Object[] row, long number, List<Column> columns, Codec[] codecs, ConversionContext context) {
        if (row.length != codecs.length) {
            throw new IllegalArgumentException(
                    "row " + number + " has " + row.length + " values for " + codecs.length + " columns");
        }
        out.writeShort(row.length);
        for (int i = 0; i < row.length; i++) {
            Object value = row[i];
            if (value == null) {
                out.writeInt(-1);
                continue;
            }
            int length = out.beginLength();
            try {
                codecs[i].encode(context, value, out);
            } catch (RuntimeException e) {
                // What others say may contain the value.
                boolean known = e instanceof ConversionException;
                throw new ConversionException(
                        "row " + number + ", column '" + columns.get(i).name() + "' of type " + codecs[i].typeName()
                                + " cannot be set from " + value.getClass().getTypeName()
                                + (known ? ": " + e.getMessage() : ""),
                        Outcome.ROLLED_BACK,
                        known ? e.getCause() : e);
            }
            out.endLengthExclusive(length);
        }
    }

    private static Codec[] codecs(Statement statement) {
        Codec[] codecs = statement.resolution().columns();
        for (int i = 0; i < codecs.length; i++) {
            if (codecs[i].format() != Format.BINARY) {
                throw new ConversionException(
                        "column '" + statement.columns().get(i).name() + "' of type " + codecs[i].typeName()
                                + " cannot be copied in binary, since its converter knows only text: make it a BinaryConverter, "
                                + "or give the data as text to copyIn(String, InputStream)",
                        Outcome.NOT_SENT,
                        null);
            }
        }
        return codecs;
    }

    private static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
