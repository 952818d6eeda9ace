package io.github.pgpure;

import java.time.Duration;
import java.util.Objects;

/** How a pool keeps its connections; immutable. */
public final class PgPoolOptions {

    private final int maxConnections;
    private final int minIdle;
    private final Duration acquireTimeout;
    private final Duration maxLifetime;
    private final Duration idleTimeout;
    private final Duration keepaliveInterval;
    private final Duration closeTimeout;
    private final Duration leakDetectionThreshold;
    private final boolean resetOnReturn;
    private final ReadRouting readRouting;
    private final Duration readYourWritesTimeout;
    private final boolean sharedLanes;
    private final boolean failFast;
    private final String name;

    private PgPoolOptions(Builder builder) {
        this.maxConnections = builder.maxConnections;
        this.minIdle = builder.minIdle < 0 ? builder.maxConnections : Math.min(builder.minIdle, builder.maxConnections);
        this.acquireTimeout = builder.acquireTimeout;
        this.maxLifetime = builder.maxLifetime;
        this.idleTimeout = builder.idleTimeout;
        this.keepaliveInterval = builder.keepaliveInterval;
        this.closeTimeout = builder.closeTimeout;
        this.leakDetectionThreshold = builder.leakDetectionThreshold;
        this.resetOnReturn = builder.resetOnReturn;
        this.readRouting = builder.readRouting;
        this.readYourWritesTimeout = builder.readYourWritesTimeout;
        this.sharedLanes = builder.sharedLanes;
        this.failFast = builder.failFast;
        this.name = builder.name;
    }

    /** The defaults. */
    public static PgPoolOptions defaults() {
        return builder().build();
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from these settings. */
    public Builder toBuilder() {
        var builder = new Builder();
        builder.maxConnections = maxConnections;
        builder.minIdle = minIdle;
        builder.acquireTimeout = acquireTimeout;
        builder.maxLifetime = maxLifetime;
        builder.idleTimeout = idleTimeout;
        builder.keepaliveInterval = keepaliveInterval;
        builder.closeTimeout = closeTimeout;
        builder.leakDetectionThreshold = leakDetectionThreshold;
        builder.resetOnReturn = resetOnReturn;
        builder.readRouting = readRouting;
        builder.readYourWritesTimeout = readYourWritesTimeout;
        builder.sharedLanes = sharedLanes;
        builder.failFast = failFast;
        builder.name = name;
        return builder;
    }

    /** The most connections the pool opens. */
    public int maxConnections() {
        return maxConnections;
    }

    /** How many connections are kept open without use, at most {@link #maxConnections()}. */
    public int minIdle() {
        return minIdle;
    }

    /** How long a caller waits for a connection. */
    public Duration acquireTimeout() {
        return acquireTimeout;
    }

    /** The age at which a connection is replaced, less up to 10 % at random; {@link Duration#ZERO} for never. */
    public Duration maxLifetime() {
        return maxLifetime;
    }

    /** How long a connection beyond {@link #minIdle()} may stay unused; {@link Duration#ZERO} for ever. */
    public Duration idleTimeout() {
        return idleTimeout;
    }

    /** How often an unused connection is asked for a sign of life; {@link Duration#ZERO} for never. */
    public Duration keepaliveInterval() {
        return keepaliveInterval;
    }

    /** How long closing the pool waits for the connections in use. */
    public Duration closeTimeout() {
        return closeTimeout;
    }

    /** How long a connection may be held before that is reported; {@link Duration#ZERO} for no report. */
    public Duration leakDetectionThreshold() {
        return leakDetectionThreshold;
    }

    /** Whether what its user has set for the session is undone when a connection is given back. */
    public boolean resetOnReturn() {
        return resetOnReturn;
    }

    /** How long a read-only transaction waits for its standby to be up to date; {@link Duration#ZERO} for it may lag behind. */
    public Duration readYourWritesTimeout() {
        return readYourWritesTimeout;
    }

    /** Where read-only transactions run. */
    public ReadRouting readRouting() {
        return readRouting;
    }

    /** Whether callers who find no idle connection may share one. */
    public boolean sharedLanes() {
        return sharedLanes;
    }

    /** Whether opening the pool waits for its first connection, and fails without it. */
    public boolean failFast() {
        return failFast;
    }

    /** The pool's name in messages, thread names and metrics. */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return "PgPoolOptions[" + name + ", maxConnections=" + maxConnections + ", minIdle=" + minIdle
                + ", acquireTimeout=" + acquireTimeout + "]";
    }

    /** Collects settings; not thread-safe. */
    public static final class Builder {

        private int maxConnections = 2 * Runtime.getRuntime().availableProcessors() + 1;
        private int minIdle = -1;
        private Duration acquireTimeout = Duration.ofSeconds(30);
        private Duration maxLifetime = Duration.ofMinutes(30);
        private Duration idleTimeout = Duration.ofMinutes(10);
        private Duration keepaliveInterval = Duration.ofMinutes(2);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private Duration leakDetectionThreshold = Duration.ZERO;
        private boolean resetOnReturn;
        private ReadRouting readRouting = ReadRouting.SAME_SERVER;
        private Duration readYourWritesTimeout = Duration.ZERO;
        private boolean sharedLanes = true;
        private boolean failFast = true;
        private String name = "pgpure";

        private Builder() {}

        /** The most connections the pool opens, at least 1; default twice the processors plus one. */
        public Builder maxConnections(int maxConnections) {
            if (maxConnections < 1) {
                throw new IllegalArgumentException("maxConnections must be at least 1, not " + maxConnections);
            }
            this.maxConnections = maxConnections;
            return this;
        }

        /** How many connections are kept open without use; default {@code maxConnections}. */
        public Builder minIdle(int minIdle) {
            if (minIdle < 0) {
                throw new IllegalArgumentException("minIdle must not be negative: " + minIdle);
            }
            this.minIdle = minIdle;
            return this;
        }

        /** How long a caller waits for a connection; default 30 s; always finite and positive. */
        public Builder acquireTimeout(Duration acquireTimeout) {
            this.acquireTimeout = positive("acquireTimeout", acquireTimeout);
            return this;
        }

        /** The age at which a connection is replaced, less up to 10 % at random; default 30 min, {@link Duration#ZERO} for never. */
        public Builder maxLifetime(Duration maxLifetime) {
            this.maxLifetime = notNegative("maxLifetime", maxLifetime);
            return this;
        }

        /** How long a connection beyond {@code minIdle} may stay unused; default 10 min, {@link Duration#ZERO} for ever. */
        public Builder idleTimeout(Duration idleTimeout) {
            this.idleTimeout = notNegative("idleTimeout", idleTimeout);
            return this;
        }

        /** How often an unused connection is asked for a sign of life; default 2 min, {@link Duration#ZERO} for never. */
        public Builder keepaliveInterval(Duration keepaliveInterval) {
            this.keepaliveInterval = notNegative("keepaliveInterval", keepaliveInterval);
            return this;
        }

        /** How long closing the pool waits for the connections in use; default 10 s, {@link Duration#ZERO} for not at all. */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = notNegative("closeTimeout", closeTimeout);
            return this;
        }

        /**
         * How long a connection may be held before a warning tells where it was checked out, which costs each checkout some
         * microseconds; default {@link Duration#ZERO}, no warning.
         */
        public Builder leakDetectionThreshold(Duration leakDetectionThreshold) {
            this.leakDetectionThreshold = notNegative("leakDetectionThreshold", leakDetectionThreshold);
            return this;
        }

        /** Where read-only transactions run; default {@link ReadRouting#SAME_SERVER}. */
        public Builder readRouting(ReadRouting readRouting) {
            this.readRouting = Objects.requireNonNull(readRouting, "readRouting");
            return this;
        }

        /**
         * Whether callers who find no idle connection may share one: short statements that only read, run by the pool's own {@code fetch}
         * methods, then follow each other on the same connections without waiting for one another's answers. Transactions, streams, COPY and
         * {@code checkoutConnection} always have a connection to themselves. Default true; without effect with transaction pooling,
         * or without a statement cache.
         */
        public Builder sharedLanes(boolean sharedLanes) {
            this.sharedLanes = sharedLanes;
            return this;
        }

        /**
         * Whether opening the pool waits for its first connection, and fails without it; default true. Otherwise it returns at once,
         * whether or not there is a server, and connections are opened in the background and on demand.
         */
        public Builder failFast(boolean failFast) {
            this.failFast = failFast;
            return this;
        }

        /**
         * Whether what its user has set for the session is undone when a connection is given back: settings, role, temporary tables,
         * {@code LISTEN}, cursors, session-level advisory locks
         * (<a href="https://www.postgresql.org/docs/current/sql-discard.html">manual</a>); prepared statements stay. Default false.
         *
         * <p>It costs a round trip, for which no caller waits: the connection is not available meanwhile. Only connections and transactions
         * that were checked out are reset, not those that the pool has used for single statements. A connection that cannot be reset is
         * closed.
         */
        public Builder resetOnReturn(boolean resetOnReturn) {
            this.resetOnReturn = resetOnReturn;
            return this;
        }

        /**
         * Has read-only transactions that go to a standby ({@link ReadRouting#PREFER_STANDBY}) see everything that was committed before they
         * began: how long each waits for the standby to be that far, before it goes to the primary instead. Default {@link Duration#ZERO},
         * a standby may lag behind.
         *
         * <p>It costs each of them a round trip to the primary, for its position in the write-ahead log, and one to the standby. Without
         * the primary such transactions fail: what a standby may lack is not known then.
         */
        public Builder readYourWritesTimeout(Duration readYourWritesTimeout) {
            this.readYourWritesTimeout = notNegative("readYourWritesTimeout", readYourWritesTimeout);
            return this;
        }

        /** The pool's name in messages, thread names and metrics; default {@code pgpure}. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /** The settings; a {@code minIdle} above {@code maxConnections} is lowered to it. */
        public PgPoolOptions build() {
            return new PgPoolOptions(this);
        }

        private static Duration positive(String name, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + " must be positive, not " + value);
            }
            return value;
        }

        private static Duration notNegative(String name, Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException(name + " must not be negative: " + value);
            }
            return value;
        }
    }
}
