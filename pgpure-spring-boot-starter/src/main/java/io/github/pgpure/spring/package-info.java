/**
 * pgpure in a Spring application: transactions, a template that joins them, Spring's data access exceptions, listeners. Needs no Spring Boot.
 */
@NullMarked
package io.github.pgpure.spring;

import org.jspecify.annotations.NullMarked;
