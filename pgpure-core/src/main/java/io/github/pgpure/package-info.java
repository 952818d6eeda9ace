/**
 * The words that every floor of pgpure shares: operations, queries, rows, settings and errors.
 */
@NullMarked
package io.github.pgpure;

import org.jspecify.annotations.NullMarked;
