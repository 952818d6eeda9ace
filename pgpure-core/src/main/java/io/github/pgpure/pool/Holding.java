package io.github.pgpure.pool;

import org.jspecify.annotations.Nullable;

/**
 * A connection that is checked out.
 *
 * @param holder the thread that took it; null when several callers share it
 * @param heldNanos for how long it has had it
 */
record Holding<T extends Slot>(T slot, @Nullable Thread holder, long heldNanos) {}
