/** The one way in which tests get a real PostgreSQL. */
@NullMarked
package io.github.pgpure.test;

import org.jspecify.annotations.NullMarked;
