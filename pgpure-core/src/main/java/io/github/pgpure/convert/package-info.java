/**
 * Conversion between PostgreSQL's types and Java's, in binary and in text.
 */
@NullMarked
package io.github.pgpure.convert;

import org.jspecify.annotations.NullMarked;
