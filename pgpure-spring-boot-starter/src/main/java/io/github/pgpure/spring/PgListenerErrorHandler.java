package io.github.pgpure.spring;

import io.github.pgpure.Notification;

/**
 * Is told when a {@link PgListener} method throws; a bean of this type replaces the default, which logs. Thread-safe.
 *
 * <p>What it throws itself is logged. The next notification is delivered in either case.
 */
@FunctionalInterface
public interface PgListenerErrorHandler {

    /**
     * @param listener the class and method that failed, {@code Orders.changed} for example
     * @param notification what it failed for
     * @param failure what it threw, or what reading the payload threw
     */
    void handle(String listener, Notification notification, Throwable failure);
}
