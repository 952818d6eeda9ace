/** Tests of an application's database code, without the rest of the application. */
@NullMarked
package io.github.pgpure.spring.boot.test;

import org.jspecify.annotations.NullMarked;
