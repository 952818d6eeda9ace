package io.github.pgpure;

/**
 * A message from {@code NOTIFY} (<a href="https://www.postgresql.org/docs/current/sql-notify.html">manual</a>).
 *
 * @param channel the channel it was sent on
 * @param payload its payload, empty where none was given
 * @param backendPid the process id of the backend that sent it
 */
public record Notification(String channel, String payload, int backendPid) {}
