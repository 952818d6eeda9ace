package io.github.pgpure.convert;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says which enum or composite type of PostgreSQL a Java enum or record stands for.
 *
 * <pre>{@code
 * @PgType("mood")
 * enum Mood { HAPPY, SAD }
 * }</pre>
 *
 * <p>With Spring Boot that is all: annotated classes in the application's packages are found at start-up. Without, add what {@link
 * Converter#forAnnotated} makes of the class.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface PgType {

    /** The type's name as {@link TypeName#of(String)} takes it: {@code mood}, or {@code app.mood} outside the search path. */
    String value();
}
