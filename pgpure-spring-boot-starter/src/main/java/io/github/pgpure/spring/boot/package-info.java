/**
 * Auto-configuration for Spring Boot: the pool from {@code pgpure.*}, health, metrics and an embedded server.
 */
@NullMarked
package io.github.pgpure.spring.boot;

import org.jspecify.annotations.NullMarked;
