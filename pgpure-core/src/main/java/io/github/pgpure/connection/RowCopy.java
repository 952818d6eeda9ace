package io.github.pgpure.connection;

import io.github.pgpure.ConversionException;
import io.github.pgpure.CopyProgress;
import io.github.pgpure.Outcome;
import io.github.pgpure.RowMapper;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.protocol.BinaryCopyReader;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import io.github.pgpure.protocol.TransactionStatus;
import io.github.pgpure.row.RowShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Copies rows of Java values in COPY's binary format, in and out
 * (<a href="https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS">manual</a>), which {@link BinaryCopyReader}
 * shows.
 *
 * <p>What the columns' types are, only the server can say; so that they are still the same when it copies, both happen in one transaction.
 */
final class RowCopy {

    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);

    /** With the last row and the message's header still within what a {@link FrontendBuffer} keeps: a larger one is allocated anew each time. */
    private static final int PIECE = 32 * 1024;

    private final Session session;
    private final Wire wire;
    private final QueryRunner runner;
    private final Copy copy;
    private final String table;
    private final List<String> columns;
    private final String columnList;
    private final FrontendBuffer out = new FrontendBuffer();

    RowCopy(Session session, Wire wire, String table, List<String> columns, CopyProgress progress) {
        this.session = session;
        this.wire = wire;
        this.runner = session.runner();
        this.copy = new Copy(session, wire, progress);
        this.table = table;
        this.columns = columns;
        this.columnList = columns.stream().map(RowCopy::quote).collect(Collectors.joining(", "));
    }

    /** Copies rows into the table. */
    <T> long in(Iterable<? extends T> rows, Function<? super T, @Nullable Object[]> values) throws IOException {
        return inOneTransaction(() -> {
            Statement described = describe();
            copy.startIn("copy " + table + " (" + columnList + ") from stdin (format binary)");
            copy.rows(0);
            return send(rows, values, described);
        });
    }

    /** Copies the table's rows out. */
    <T extends @Nullable Object> long out(RowMapper<T> mapper, Consumer<? super T> sink) throws IOException {
        return inOneTransaction(() -> {
            RowShape shape = describe().shape();
            var reader = new BinaryCopyReader(columns.size());
            long[] rows = {0};
            copy.rows(0);
            long count =
                    copy.out("copy (select " + columnList + " from " + table + ") to stdout (format binary)", piece -> {
                        reader.add(piece);
                        for (byte[] row = reader.nextRow(); row != null; row = reader.nextRow()) {
                            copy.rows(++rows[0]);
                            sink.accept(mapper.map(shape.row(row)));
                        }
                    });
            reader.end();
            return count;
        });
    }

    private long inOneTransaction(RowsCopied work) throws IOException {
        if (runner.inTransaction() || runner.beginPending()) {
            return work.run();
        }
        runner.beginLater("BEGIN");
        try {
            long count = work.run();
            session.show(Session.COMMIT);
            runner.simple(Session.COMMIT);
            return count;
        } catch (WaitEnded e) {
            throw e; // the transaction ends with what was abandoned
        } catch (IOException | RuntimeException | Error e) {
            if (wire.atRest()) {
                runner.forgetBegin();
                if (wire.status() != TransactionStatus.IDLE) {
                    runner.simple("ROLLBACK");
                }
            }
            throw e;
        }
    }

    private interface RowsCopied {
        long run() throws IOException;
    }

    /** Never from the cache: nothing would warn of a table that was altered since. */
    private Statement describe() throws IOException {
        Statement described =
                runner.statements().prepare("", "select " + columnList + " from " + table + " where false");
        runner.statements().resolve(described);
        for (int i = 0; i < columns.size(); i++) {
            Codec codec = described.resolution().columns()[i];
            if (codec.format() != Format.BINARY) {
                throw new ConversionException(
                        "column '" + columns.get(i) + "' of type " + codec.typeName()
                                + " cannot be copied in binary, since its converter knows only text: make it a BinaryConverter, "
                                + "or copy the data as text, as bytes with a COPY command",
                        Outcome.NOT_SENT,
                        null);
            }
        }
        return described;
    }

    private <T> long send(
            Iterable<? extends T> rows, Function<? super T, @Nullable Object[]> values, Statement described)
            throws IOException {
        out.writeBytes(SIGNATURE);
        out.writeInt(0);
        out.writeInt(0);
        boolean wanted = true;
        long number = 0;
        var checks = new CallbackChecks(wire);
        try {
            for (T row : rows) {
                checks.beforeCall();
                number++;
                write(values.apply(row), number, described);
                if (out.position() >= PIECE) {
                    copy.rows(number);
                    wanted = copy.sendIn(out.array(), out.position());
                    out.truncate(0); // and keeps its memory for the next piece
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
            copy.rows(number);
            out.writeShort(-1);
            copy.sendIn(out.array(), out.position());
        }
        return copy.endIn();
    }

    private void write(@Nullable Object[] row, long number, Statement described) {
        Codec[] codecs = described.resolution().columns();
        ConversionContext context = described.resolution().context();
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
                        "row " + number + ", column '" + columns.get(i) + "' of type " + codecs[i].typeName()
                                + " cannot be set from " + value.getClass().getTypeName()
                                + (known ? ": " + e.getMessage() : ""),
                        Outcome.ROLLED_BACK,
                        known ? e.getCause() : e);
            }
            out.endLengthExclusive(length);
        }
    }

    private static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
