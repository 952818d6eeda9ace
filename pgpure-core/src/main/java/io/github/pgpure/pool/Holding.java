package io.github.pgpure.pool;

/**
 * A connection that is checked out.
 *
 * @param holder the thread that took it
 * @param heldNanos for how long it has had it
 */
record Holding<T extends Slot>(T slot, Thread holder, long heldNanos) {}
