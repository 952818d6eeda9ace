package io.github.pgpure;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One row of a result: an immutable view on the values as they came from the server, converted when asked for.
 *
 * <p>Indexes count from 0. Names are those of the result's columns, matched exactly and, where no column has that
 * exact name, without regard to case; of several columns with one name the first is meant. Several threads may read a row.
 *
 * <p>Every getter throws {@link IndexOutOfBoundsException} for an index that is not there, {@link
 * IllegalArgumentException} for a name that is not there (the message lists the names that are), and {@link
 * ConversionException} where the value does not fit the Java type. Getters of primitive types throw it for NULL too.
 */
public interface Row {

    /** Describes the columns. */
    List<Column> columns();

    /** The number of columns. */
    int size();

    /** The value in the default Java type of its PostgreSQL type; null for NULL. */
    @Nullable
    Object get(int index);

    /** The value in the default Java type of its PostgreSQL type; null for NULL. */
    default @Nullable Object get(String name) {
        return get(indexOf(name));
    }

    /** The value as this Java type; null for NULL. */
    <T> @Nullable T get(int index, Class<T> type);

    /** The value as this Java type; null for NULL. */
    default <T> @Nullable T get(String name, Class<T> type) {
        return get(indexOf(name), type);
    }

    /** Whether the value is NULL. */
    boolean isNull(int index);

    /** Whether the value is NULL. */
    default boolean isNull(String name) {
        return isNull(indexOf(name));
    }

    /**
     * The index of the column with this name.
     *
     * @throws IllegalArgumentException when there is none; the message lists those there are
     */
    int indexOf(String name);

    /** The value as int; an error for NULL. */
    int getInt(int index);

    /** The value as int; an error for NULL. */
    default int getInt(String name) {
        return getInt(indexOf(name));
    }

    /** The value as long; an error for NULL. */
    long getLong(int index);

    /** The value as long; an error for NULL. */
    default long getLong(String name) {
        return getLong(indexOf(name));
    }

    /** The value as short; an error for NULL. */
    short getShort(int index);

    /** The value as short; an error for NULL. */
    default short getShort(String name) {
        return getShort(indexOf(name));
    }

    /** The value as double; an error for NULL. */
    double getDouble(int index);

    /** The value as double; an error for NULL. */
    default double getDouble(String name) {
        return getDouble(indexOf(name));
    }

    /** The value as float; an error for NULL. */
    float getFloat(int index);

    /** The value as float; an error for NULL. */
    default float getFloat(String name) {
        return getFloat(indexOf(name));
    }

    /** The value as boolean; an error for NULL. */
    boolean getBoolean(int index);

    /** The value as boolean; an error for NULL. */
    default boolean getBoolean(String name) {
        return getBoolean(indexOf(name));
    }

    /** The value as String; null for NULL. */
    default @Nullable String getString(int index) {
        return get(index, String.class);
    }

    /** The value as String; null for NULL. */
    default @Nullable String getString(String name) {
        return getString(indexOf(name));
    }

    /** The value as BigDecimal; null for NULL. */
    default @Nullable BigDecimal getBigDecimal(int index) {
        return get(index, BigDecimal.class);
    }

    /** The value as BigDecimal; null for NULL. */
    default @Nullable BigDecimal getBigDecimal(String name) {
        return getBigDecimal(indexOf(name));
    }

    /** The value as byte[]; null for NULL. */
    default byte @Nullable [] getBytes(int index) {
        return get(index, byte[].class);
    }

    /** The value as byte[]; null for NULL. */
    default byte @Nullable [] getBytes(String name) {
        return getBytes(indexOf(name));
    }

    /** The value as UUID; null for NULL. */
    default @Nullable UUID getUuid(int index) {
        return get(index, UUID.class);
    }

    /** The value as UUID; null for NULL. */
    default @Nullable UUID getUuid(String name) {
        return getUuid(indexOf(name));
    }

    /** The value as LocalDate; null for NULL. */
    default @Nullable LocalDate getLocalDate(int index) {
        return get(index, LocalDate.class);
    }

    /** The value as LocalDate; null for NULL. */
    default @Nullable LocalDate getLocalDate(String name) {
        return getLocalDate(indexOf(name));
    }

    /** The value as LocalTime; null for NULL. */
    default @Nullable LocalTime getLocalTime(int index) {
        return get(index, LocalTime.class);
    }

    /** The value as LocalTime; null for NULL. */
    default @Nullable LocalTime getLocalTime(String name) {
        return getLocalTime(indexOf(name));
    }

    /** The value as LocalDateTime; null for NULL. */
    default @Nullable LocalDateTime getLocalDateTime(int index) {
        return get(index, LocalDateTime.class);
    }

    /** The value as LocalDateTime; null for NULL. */
    default @Nullable LocalDateTime getLocalDateTime(String name) {
        return getLocalDateTime(indexOf(name));
    }

    /** The value as OffsetDateTime; null for NULL. */
    default @Nullable OffsetDateTime getOffsetDateTime(int index) {
        return get(index, OffsetDateTime.class);
    }

    /** The value as OffsetDateTime; null for NULL. */
    default @Nullable OffsetDateTime getOffsetDateTime(String name) {
        return getOffsetDateTime(indexOf(name));
    }

    /** The value as Instant; null for NULL. */
    default @Nullable Instant getInstant(int index) {
        return get(index, Instant.class);
    }

    /** The value as Instant; null for NULL. */
    default @Nullable Instant getInstant(String name) {
        return getInstant(indexOf(name));
    }

    /**
     * Makes an object of this row.
     *
     * <ul>
     *   <li>A record, or a class with one constructor, gets a column for each component or parameter; parameters need their names in the
     *       class file ({@code javac -parameters}). A class with a constructor without parameters gets its setters called, with a column
     *       for each.
     *   <li>Names are matched exactly, else from {@code snake_case} to {@code camelCase}, else without regard to case and
     *       underscores. Each component, parameter or setter needs a column and each column one of these; see {@link #asLenient} for
     *       results that have more.
     *   <li>{@code Optional} components are empty for NULL, primitive ones refuse it; the elements of {@code List<E>} and {@code Set<E>} are
     *       converted to {@code E}; a record as component takes a composite.
     *   <li>Any other type, such as {@code Long} or an enum, needs a result with one column, and is that column's value; null for NULL.
     * </ul>
     *
     * @throws ConversionException when something has no column, a column belongs to nothing, or a value does not fit; the message names
     *     all of them
     */
    <T> T as(Class<T> type);

    /**
     * Makes an object of this row as {@link #as} does, and puts up with a result that does not fit in every column: columns that belong
     * to nothing are ignored, setters without a column are not called. Components and parameters need a column all the same.
     *
     * @throws ConversionException when a component or parameter has no column or a value does not fit; the message names them
     */
    <T> T asLenient(Class<T> type);

    /** The values by column name, in the order of the columns, in their default Java types; an own, modifiable map. */
    Map<String, @Nullable Object> toMap();

    /** The values in the order of the columns, in their default Java types, null for NULL; an own array. */
    default @Nullable Object[] toArray() {
        @Nullable Object[] values = new Object[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = get(i);
        }
        return values;
    }
}
