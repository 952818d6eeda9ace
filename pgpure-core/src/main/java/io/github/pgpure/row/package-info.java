/**
 * Rows as they came from the server, and making objects of them.
 */
@NullMarked
package io.github.pgpure.row;

import org.jspecify.annotations.NullMarked;
