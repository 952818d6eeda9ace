package io.github.pgpure.pool;

/** The numbers of a {@link ConnectionQueue} at one moment, see {@link PoolStats}. */
record QueueCounts(
        int total,
        int idle,
        int active,
        int opening,
        int waiting,
        long acquired,
        long released,
        long usageNanos,
        long removed) {}
