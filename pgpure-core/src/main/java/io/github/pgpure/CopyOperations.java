package io.github.pgpure;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies data into and out of tables, in bounded memory however many they are
 * (<a href="https://www.postgresql.org/docs/current/sql-copy.html">manual</a>).
 *
 * <p>Data come and go as bytes, in the format that a COPY command names, or as Java values, which travel in COPY's binary format and go
 * through the same converters as parameters and results. What fails on the way, an interrupt or a passed deadline included, gives the copy up;
 * the connection stays usable, and of a copy into a table nothing has been copied.
 *
 * <p>What says which table is copied is SQL and must not come from an untrusted source.
 */
public interface CopyOperations {

    /**
     * Runs {@code COPY … FROM STDIN} with these data.
     *
     * @param copySql the COPY command, which also says the data's format
     * @param data the data, read to its end and not closed; when reading fails the copy is aborted
     * @return the number of rows copied
     * @throws PgException when the command fails
     */
    default long copyIn(String copySql, InputStream data) {
        return copyIn(copySql, data, CopyOptions.defaults());
    }

    /**
     * Runs {@code COPY … FROM STDIN} with these data.
     *
     * @see #copyIn(String, InputStream)
     */
    long copyIn(String copySql, InputStream data, CopyOptions options);

    /**
     * Runs {@code COPY … FROM STDIN} with the content of a file of this machine.
     *
     * @param copySql the COPY command, which also says the data's format
     * @param file the file
     * @return the number of rows copied
     * @throws PgException when the command fails, or the file cannot be read
     */
    default long copyIn(String copySql, Path file) {
        return copyIn(copySql, file, CopyOptions.defaults());
    }

    /**
     * Runs {@code COPY … FROM STDIN} with the content of a file of this machine.
     *
     * @see #copyIn(String, Path)
     */
    default long copyIn(String copySql, Path file, CopyOptions options) {
        try (InputStream data = Files.newInputStream(file)) {
            return copyIn(copySql, data, options);
        } catch (IOException e) {
            // Opening it, that is: what goes wrong with reading is reported by the copy, and closing has nothing to
            // say.
            throw new PgException("the file " + file + " cannot be read; nothing was copied", Outcome.NOT_SENT, e);
        }
    }

    /**
     * Copies rows of Java values into a table, through the binary format of COPY: the fastest way to load many.
     *
     * @param table the table as SQL names it, with its schema where wanted
     * @param columns the names of the columns, in the order of the values
     * @param rows the rows, each with a value for every column, null for NULL; taken one after the other
     * @return the number of rows copied
     * @throws ConversionException when a value does not fit its column; nothing is copied then
     * @throws PgException when the command fails
     */
    default long copyIn(String table, List<String> columns, Iterable<@Nullable Object[]> rows) {
        return copyIn(table, columns, rows, CopyOptions.defaults());
    }

    /**
     * Copies rows of Java values into a table.
     *
     * @see #copyIn(String, List, Iterable)
     */
    long copyIn(String table, List<String> columns, Iterable<@Nullable Object[]> rows, CopyOptions options);

    /**
     * Copies records into a table, through the binary format of COPY.
     *
     * @param table the table as SQL names it, with its schema where wanted
     * @param columns the names of the columns; each needs a component of the record, {@code created_at} or {@code createdAt} for {@code
     *     created_at}
     * @param type the type of the records
     * @param rows the records; taken one after the other
     * @return the number of rows copied
     * @throws ConversionException when the record does not fit the columns, or a value its column; nothing is copied then
     * @throws PgException when the command fails
     */
    default <T extends Record> long copyIn(
            String table, List<String> columns, Class<T> type, Iterable<? extends T> rows) {
        return copyIn(table, columns, type, rows, CopyOptions.defaults());
    }

    /**
     * Copies records into a table.
     *
     * @see #copyIn(String, List, Class, Iterable)
     */
    <T extends Record> long copyIn(
            String table, List<String> columns, Class<T> type, Iterable<? extends T> rows, CopyOptions options);

    /**
     * Runs {@code COPY … TO STDOUT} and writes what it gives.
     *
     * @param copySql the COPY command, which also says the data's format
     * @param sink takes the data; not closed
     * @return the number of rows copied
     * @throws PgException when the command fails, or the sink does
     */
    default long copyOut(String copySql, OutputStream sink) {
        return copyOut(copySql, sink, CopyOptions.defaults());
    }

    /**
     * Runs {@code COPY … TO STDOUT} and writes what it gives.
     *
     * @see #copyOut(String, OutputStream)
     */
    long copyOut(String copySql, OutputStream sink, CopyOptions options);

    /**
     * Runs {@code COPY … TO STDOUT} and writes what it gives to a file of this machine.
     *
     * @param copySql the COPY command, which also says the data's format
     * @param file the file; one that exists is overwritten, and after a failure it holds what had come until then
     * @return the number of rows copied
     * @throws PgException when the command fails, or the file cannot be written
     */
    default long copyOut(String copySql, Path file) {
        return copyOut(copySql, file, CopyOptions.defaults());
    }

    /**
     * Runs {@code COPY … TO STDOUT} and writes what it gives to a file of this machine.
     *
     * @see #copyOut(String, Path)
     */
    default long copyOut(String copySql, Path file, CopyOptions options) {
        OutputStream opened;
        try {
            opened = Files.newOutputStream(file);
        } catch (IOException e) {
            throw new PgException("the file " + file + " cannot be written", Outcome.NOT_SENT, e);
        }
        try (OutputStream sink = opened) {
            return copyOut(copySql, sink, options);
        } catch (IOException e) {
            throw new PgException("the file " + file + " could not be written to its end", Outcome.UNKNOWN, e);
        }
    }

    /**
     * Copies columns of a table out as Java values, through the binary format of COPY: the fastest way to read many.
     *
     * @param table the table as SQL names it, with its schema where wanted; or a view, or a query in parentheses with a name: {@code
     *     (select … where …) as found}
     * @param columns the names of the columns
     * @param mapper makes of each row what the sink gets; {@link Row#toArray} for the plain values
     * @param sink gets the rows one after the other, on this thread; what it throws gives the copy up and reaches the caller. It must not use the
     *     connection that copies
     * @return the number of rows copied
     * @throws ConversionException when a value cannot be read as the mapper wants it
     * @throws PgException when the command fails
     */
    default <T extends @Nullable Object> long copyOut(
            String table, List<String> columns, RowMapper<T> mapper, Consumer<? super T> sink) {
        return copyOut(table, columns, mapper, sink, CopyOptions.defaults());
    }

    /**
     * Copies columns of a table out as Java values.
     *
     * @see #copyOut(String, List, RowMapper, Consumer)
     */
    <T extends @Nullable Object> long copyOut(
            String table, List<String> columns, RowMapper<T> mapper, Consumer<? super T> sink, CopyOptions options);

    /**
     * Copies columns of a table out as records or other objects.
     *
     * @param type what each row becomes, as by {@link Row#as}
     * @see #copyOut(String, List, RowMapper, Consumer)
     */
    default <T> long copyOut(String table, List<String> columns, Class<T> type, Consumer<? super T> sink) {
        return copyOut(table, columns, type, sink, CopyOptions.defaults());
    }

    /**
     * Copies columns of a table out as records or other objects.
     *
     * @see #copyOut(String, List, Class, Consumer)
     */
    default <T> long copyOut(
            String table, List<String> columns, Class<T> type, Consumer<? super T> sink, CopyOptions options) {
        return this.<T>copyOut(table, columns, (RowMapper<T>) row -> row.as(type), sink, options);
    }
}
