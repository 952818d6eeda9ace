/**
 * The PostgreSQL wire protocol without I/O: bytes in, messages out, and back. No sockets, threads, clocks or logging.
 */
@NullMarked
package io.github.pgpure.protocol;

import org.jspecify.annotations.NullMarked;
