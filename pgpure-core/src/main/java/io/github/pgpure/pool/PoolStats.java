package io.github.pgpure.pool;

/**
 * The state of a pool at one moment, and what has been counted since it was opened.
 *
 * @param maxConnections the most connections it opens
 * @param minIdle how many it keeps open without use
 * @param totalConnections open connections
 * @param idleConnections open connections that nobody uses
 * @param activeConnections connections that are checked out
 * @param openingConnections connections that are being opened now
 * @param waitingTasks callers that wait for a connection
 * @param acquired checkouts that succeeded
 * @param acquireTimeouts checkouts that gave up waiting, after the acquire timeout or at the deadline of the operation
 * @param acquireNanos the time all successful checkouts took together
 * @param usageNanos the time all finished checkouts lasted together
 * @param released checkouts that have ended
 * @param opened connections opened
 * @param openNanos the time opening them took together
 * @param openFailures attempts to open one that failed
 * @param closed connections closed, for whatever reason
 * @param sharedStatements statements that were run on a connection shared with other callers
 */
public record PoolStats(
        int maxConnections,
        int minIdle,
        int totalConnections,
        int idleConnections,
        int activeConnections,
        int openingConnections,
        int waitingTasks,
        long acquired,
        long acquireTimeouts,
        long acquireNanos,
        long usageNanos,
        long released,
        long opened,
        long openNanos,
        long openFailures,
        long closed,
        long sharedStatements) {}
