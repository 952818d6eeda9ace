/** A box office: shows, seats and reservations in PostgreSQL, served over HTTP. */
@NullMarked
package io.github.pgpure.demo;

import org.jspecify.annotations.NullMarked;
