package io.github.pgpure;

/** Where a pool with several hosts runs transactions that are begun read-only. */
public enum ReadRouting {
    /** On the server that runs the others; the default. */
    SAME_SERVER,
    /**
     * On a standby where one of the hosts is one, else on any server
     * (<a href="https://www.postgresql.org/docs/current/hot-standby.html">manual</a>). A standby lags behind: such a transaction may not
     * see what was committed just before it, unless {@link PgPoolOptions#readYourWritesTimeout()} is set. The pool keeps connections of their own for these transactions, up to
     * {@link PgPoolOptions#maxConnections()} more. Single statements outside of a transaction are not routed.
     */
    PREFER_STANDBY
}
