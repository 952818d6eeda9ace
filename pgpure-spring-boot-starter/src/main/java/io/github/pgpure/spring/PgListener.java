package io.github.pgpure.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.aot.hint.annotation.Reflective;

/**
 * Calls a bean's method for each notification of some channels
 * (<a href="https://www.postgresql.org/docs/current/sql-notify.html">manual</a>).
 *
 * <pre>{@code
 * @PgListener(channels = "orders")
 * void orderChanged(OrderChanged event) { … }
 * }</pre>
 *
 * <p>The method has at most one parameter: the payload as a {@code String}, the whole {@link io.github.pgpure.Notification}, or a class that
 * the payload is read into as JSON, which needs Jackson 3. What it returns is ignored; what it throws is logged, or given to a {@link PgListenerErrorHandler}, and the next
 * notification is delivered all the same. Each method has a thread of its own and receives its notifications one at a time and in order,
 * unless {@link #concurrency()} is above 1. While more than 1,000 of them wait, all listeners of the pool wait too.
 *
 * <p>Listening begins when the application has started and ends before its web server stops. PostgreSQL keeps nothing for a
 * listener that is away: notifications sent while the connection is made anew are lost, which a {@link PgListenerGapEvent} tells.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Reflective
public @interface PgListener {

    /** The channels; placeholders such as <code>${app.channel}</code> are resolved. */
    String[] channels();

    /** How many notifications the method handles at the same time; default 1, which keeps their order. */
    int concurrency() default 1;

    /** The name of the pool's bean; by default the only, or primary, one. */
    String pool() default "";
}
