package io.github.pgpure.convert;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value of a range type: what lies between two bounds, either of which may be missing; immutable if its bounds are.
 *
 * <p>The server brings ranges of discrete types into the form {@code [lower,upper)}, so that {@code closed(1, 4)} comes back as
 * {@code closedOpen(1, 5)}. See <a href="https://www.postgresql.org/docs/current/rangetypes.html">Range Types</a>.
 *
 * @param <T> the type of the bounds
 */
public final class Range<T> {

    private static final Range<?> EMPTY = new Range<>(null, false, null, false, true);

    private final @Nullable T lower;
    private final boolean lowerInclusive;
    private final @Nullable T upper;
    private final boolean upperInclusive;
    private final boolean empty;

    private Range(@Nullable T lower, boolean lowerInclusive, @Nullable T upper, boolean upperInclusive, boolean empty) {
        this.lower = lower;
        this.lowerInclusive = lowerInclusive && lower != null;
        this.upper = upper;
        this.upperInclusive = upperInclusive && upper != null;
        this.empty = empty;
    }

    /**
     * A range.
     *
     * @param lower the lower bound, null for none
     * @param lowerInclusive whether the lower bound belongs to the range
     * @param upper the upper bound, null for none
     * @param upperInclusive whether the upper bound belongs to the range
     */
    public static <T> Range<T> of(
            @Nullable T lower, boolean lowerInclusive, @Nullable T upper, boolean upperInclusive) {
        return new Range<>(lower, lowerInclusive, upper, upperInclusive, false);
    }

    /** {@code [lower,upper]}. */
    public static <T> Range<T> closed(T lower, T upper) {
        return of(Objects.requireNonNull(lower), true, Objects.requireNonNull(upper), true);
    }

    /** {@code (lower,upper)}. */
    public static <T> Range<T> open(T lower, T upper) {
        return of(Objects.requireNonNull(lower), false, Objects.requireNonNull(upper), false);
    }

    /** {@code [lower,upper)}. */
    public static <T> Range<T> closedOpen(T lower, T upper) {
        return of(Objects.requireNonNull(lower), true, Objects.requireNonNull(upper), false);
    }

    /** {@code [lower,)}. */
    public static <T> Range<T> atLeast(T lower) {
        return of(Objects.requireNonNull(lower), true, null, false);
    }

    /** {@code (,upper)}. */
    public static <T> Range<T> lessThan(T upper) {
        return of(null, false, Objects.requireNonNull(upper), false);
    }

    /** {@code (,)}: everything. */
    public static <T> Range<T> all() {
        return of(null, false, null, false);
    }

    /** {@code empty}: nothing. */
    @SuppressWarnings("unchecked")
    public static <T> Range<T> empty() {
        return (Range<T>) EMPTY;
    }

    /** The lower bound, null when there is none, and for the empty range. */
    public @Nullable T lower() {
        return lower;
    }

    /** Whether the lower bound belongs to the range; false when there is none. */
    public boolean lowerInclusive() {
        return lowerInclusive;
    }

    /** The upper bound, null when there is none, and for the empty range. */
    public @Nullable T upper() {
        return upper;
    }

    /** Whether the upper bound belongs to the range; false when there is none. */
    public boolean upperInclusive() {
        return upperInclusive;
    }

    /** Whether this is {@code empty}. */
    public boolean isEmpty() {
        return empty;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Range<?> that
                && empty == that.empty
                && lowerInclusive == that.lowerInclusive
                && upperInclusive == that.upperInclusive
                && Objects.equals(lower, that.lower)
                && Objects.equals(upper, that.upper);
    }

    @Override
    public int hashCode() {
        return Objects.hash(lower, lowerInclusive, upper, upperInclusive, empty);
    }

    @Override
    public String toString() {
        return empty
                ? "empty"
                : (lowerInclusive ? "[" : "(") + (lower == null ? "" : lower) + "," + (upper == null ? "" : upper)
                        + (upperInclusive ? "]" : ")");
    }
}
