package io.github.pgpure.spring.boot;

import io.github.pgpure.PgPoolOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How the pool keeps its connections. */
public class PgPoolProperties {

    /** Most connections the pool opens. Default is twice the processors plus one. */
    private @Nullable Integer maxConnections;

    /** How many connections are kept open without use. Default is max-connections. */
    private @Nullable Integer minIdle;

    /** How long a caller waits for a connection. */
    private Duration acquireTimeout = Duration.ofSeconds(30);

    /** Age at which a connection is replaced, less up to 10 % at random. Zero for never. */
    private Duration maxLifetime = Duration.ofMinutes(30);

    /** How long a connection beyond min-idle may stay unused. Zero for ever. */
    private Duration idleTimeout = Duration.ofMinutes(10);

    /** How often an unused connection is asked for a sign of life. Zero for never. */
    private Duration keepaliveInterval = Duration.ofMinutes(2);

    /** How long the pool waits, when it is closed, for the connections in use. Zero for not at all. */
    private Duration closeTimeout = Duration.ofSeconds(10);

    /** How long a connection may be held before a warning tells where it was checked out. Zero for no warning. */
    private Duration leakDetectionThreshold = Duration.ZERO;

    /**
     * Whether the start waits for the first connection, and fails without it. Otherwise the application starts whether or not there
     * is a server.
     */
    private boolean failFast = true;

    /** Whether what was set for a session is undone when a connection is given back. */
    private boolean resetOnReturn;

    /** How long a read-only transaction waits for its standby to have all that is committed, before it goes to the primary. Zero for no check. */
    private Duration readYourWritesTimeout = Duration.ZERO;

    /** Whether callers who find no idle connection may share one, for short statements that only read. */
    private boolean sharedLanes = true;

    /** Name of the pool in messages, thread names and metrics. */
    private String name = "pgpure";

    public @Nullable Integer getMaxConnections() {
        return maxConnections;
    }

    public void setMaxConnections(@Nullable Integer maxConnections) {
        this.maxConnections = maxConnections;
    }

    public @Nullable Integer getMinIdle() {
        return minIdle;
    }

    public void setMinIdle(@Nullable Integer minIdle) {
        this.minIdle = minIdle;
    }

    public Duration getAcquireTimeout() {
        return acquireTimeout;
    }

    public void setAcquireTimeout(Duration acquireTimeout) {
        this.acquireTimeout = acquireTimeout;
    }

    public Duration getMaxLifetime() {
        return maxLifetime;
    }

    public void setMaxLifetime(Duration maxLifetime) {
        this.maxLifetime = maxLifetime;
    }

    public Duration getIdleTimeout() {
        return idleTimeout;
    }

    public void setIdleTimeout(Duration idleTimeout) {
        this.idleTimeout = idleTimeout;
    }

    public Duration getKeepaliveInterval() {
        return keepaliveInterval;
    }

    public void setKeepaliveInterval(Duration keepaliveInterval) {
        this.keepaliveInterval = keepaliveInterval;
    }

    public Duration getCloseTimeout() {
        return closeTimeout;
    }

    public void setCloseTimeout(Duration closeTimeout) {
        this.closeTimeout = closeTimeout;
    }

    public Duration getLeakDetectionThreshold() {
        return leakDetectionThreshold;
    }

    public void setLeakDetectionThreshold(Duration leakDetectionThreshold) {
        this.leakDetectionThreshold = leakDetectionThreshold;
    }

    public boolean isFailFast() {
        return failFast;
    }

    public void setFailFast(boolean failFast) {
        this.failFast = failFast;
    }

    public boolean isResetOnReturn() {
        return resetOnReturn;
    }

    public void setResetOnReturn(boolean resetOnReturn) {
        this.resetOnReturn = resetOnReturn;
    }

    public Duration getReadYourWritesTimeout() {
        return readYourWritesTimeout;
    }

    public void setReadYourWritesTimeout(Duration readYourWritesTimeout) {
        this.readYourWritesTimeout = readYourWritesTimeout;
    }

    public boolean isSharedLanes() {
        return sharedLanes;
    }

    public void setSharedLanes(boolean sharedLanes) {
        this.sharedLanes = sharedLanes;
    }

    public String getName() {
        return name;
    }

    public void setName(String name) {
        this.name = name;
    }

    /** A builder with these settings. */
    public PgPoolOptions.Builder toBuilder() {
        PgPoolOptions.Builder builder = PgPoolOptions.builder()
                .acquireTimeout(acquireTimeout)
                .maxLifetime(maxLifetime)
                .idleTimeout(idleTimeout)
                .keepaliveInterval(keepaliveInterval)
                .closeTimeout(closeTimeout)
                .leakDetectionThreshold(leakDetectionThreshold)
                .resetOnReturn(resetOnReturn)
                .readYourWritesTimeout(readYourWritesTimeout)
                .failFast(failFast)
                .sharedLanes(sharedLanes)
                .name(name);
        if (maxConnections != null) {
            builder.maxConnections(maxConnections);
        }
        if (minIdle != null) {
            builder.minIdle(minIdle);
        }
        return builder;
    }
}
