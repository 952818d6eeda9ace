/**
 * One session with a server: statements, transactions, cancellation.
 */
@NullMarked
package io.github.pgpure.connection;

import org.jspecify.annotations.NullMarked;
