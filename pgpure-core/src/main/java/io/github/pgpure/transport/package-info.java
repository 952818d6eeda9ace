/**
 * Sockets, TLS, and waiting on a selector; knows bytes, not PostgreSQL.
 */
@NullMarked
package io.github.pgpure.transport;

import org.jspecify.annotations.NullMarked;
