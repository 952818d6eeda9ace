/**
 * The pool: checkout, the life of connections, converters for all of them.
 */
@NullMarked
package io.github.pgpure.pool;

import org.jspecify.annotations.NullMarked;
