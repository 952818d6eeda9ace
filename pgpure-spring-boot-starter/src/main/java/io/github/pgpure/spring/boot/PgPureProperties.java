package io.github.pgpure.spring.boot;

import io.github.pgpure.AuthenticationMethod;
import io.github.pgpure.ChannelBinding;
import io.github.pgpure.LoadBalanceHosts;
import io.github.pgpure.ProtocolVersion;
import io.github.pgpure.ReadRouting;
import io.github.pgpure.TargetSessionAttrs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** How to reach the database and how its pool is kept. */
// A key that is misspelt would else be ignored without a word.
@ConfigurationProperties(prefix = "pgpure", ignoreUnknownFields = false)
public class PgPureProperties {

    /**
     * Connection string of the database, as a URI (postgresql://user@host:5432/database?sslmode=verify-full) or as
     * key=value pairs. The other properties, but for host and port, override its parts.
     */
    private @Nullable String url;

    /**
     * Host name or address of the server, or the directory of its Unix socket (beginning with /). Not used when url
     * is set: write it there.
     */
    private @Nullable String host;

    /** Port of the server. Used with host, not with url. */
    private int port = 5432;

    /** Database to connect to. Default is the one of url, else the user name. */
    private @Nullable String database;

    /** Role to log in as. Default is the one of url, else the operating system's user name. */
    private @Nullable String username;

    /** Password of the role. Default is the one of url, else none. */
    private @Nullable String password;

    /**
     * Whether what the other properties leave out is taken from the environment as libpq does: PGHOST, PGUSER and so on, service and
     * password files.
     */
    private boolean fromEnvironment;

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

    /** In which order the hosts in url and their addresses are tried. */
    private @Nullable LoadBalanceHosts loadBalanceHosts;

    /** File with passwords as in .pgpass, used where there is no password. */
    private @Nullable Path passFile;

    /** Methods of authentication that are acceptable. Default is all. */
    private @Nullable Set<AuthenticationMethod> requireAuth;

    /** Whether SCRAM authentication is bound to the TLS session. */
    private @Nullable ChannelBinding channelBinding;

    /** Whether a password in clear text, or a token, may be sent over TCP without TLS. */
    private @Nullable Boolean allowCleartextPassword;

    /** Oldest protocol version that is acceptable. */
    private @Nullable ProtocolVersion minProtocolVersion;

    /** Protocol version that is asked for. Default is v3.0, or the latest where min-protocol-version is above it. */
    private @Nullable ProtocolVersion maxProtocolVersion;

    /** Where read-only transactions run, when url names several hosts. */
    private ReadRouting readRouting = ReadRouting.SAME_SERVER;

    /** Run-time parameters that each session starts with, search_path for example. */
    private final Map<String, String> startupParameters = new LinkedHashMap<>();

    @NestedConfigurationProperty
    private final PgKeepAliveProperties keepAlive = new PgKeepAliveProperties();

    @NestedConfigurationProperty
    private final PgSslProperties ssl = new PgSslProperties();

    @NestedConfigurationProperty
    private final PgPoolProperties pool = new PgPoolProperties();

    @NestedConfigurationProperty
    private final PgEmbeddedProperties embedded = new PgEmbeddedProperties();

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

    public boolean isFromEnvironment() {
        return fromEnvironment;
    }

    public void setFromEnvironment(boolean fromEnvironment) {
        this.fromEnvironment = fromEnvironment;
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

    public @Nullable LoadBalanceHosts getLoadBalanceHosts() {
        return loadBalanceHosts;
    }

    public void setLoadBalanceHosts(@Nullable LoadBalanceHosts loadBalanceHosts) {
        this.loadBalanceHosts = loadBalanceHosts;
    }

    public @Nullable Path getPassFile() {
        return passFile;
    }

    public void setPassFile(@Nullable Path passFile) {
        this.passFile = passFile;
    }

    public @Nullable Set<AuthenticationMethod> getRequireAuth() {
        return requireAuth;
    }

    public void setRequireAuth(@Nullable Set<AuthenticationMethod> requireAuth) {
        this.requireAuth = requireAuth;
    }

    public @Nullable ChannelBinding getChannelBinding() {
        return channelBinding;
    }

    public void setChannelBinding(@Nullable ChannelBinding channelBinding) {
        this.channelBinding = channelBinding;
    }

    public @Nullable Boolean getAllowCleartextPassword() {
        return allowCleartextPassword;
    }

    public void setAllowCleartextPassword(@Nullable Boolean allowCleartextPassword) {
        this.allowCleartextPassword = allowCleartextPassword;
    }

    public @Nullable ProtocolVersion getMinProtocolVersion() {
        return minProtocolVersion;
    }

    public void setMinProtocolVersion(@Nullable ProtocolVersion minProtocolVersion) {
        this.minProtocolVersion = minProtocolVersion;
    }

    public @Nullable ProtocolVersion getMaxProtocolVersion() {
        return maxProtocolVersion;
    }

    public void setMaxProtocolVersion(@Nullable ProtocolVersion maxProtocolVersion) {
        this.maxProtocolVersion = maxProtocolVersion;
    }

    public ReadRouting getReadRouting() {
        return readRouting;
    }

    public void setReadRouting(ReadRouting readRouting) {
        this.readRouting = readRouting;
    }

    public Map<String, String> getStartupParameters() {
        return startupParameters;
    }

    public PgKeepAliveProperties getKeepAlive() {
        return keepAlive;
    }

    public PgSslProperties getSsl() {
        return ssl;
    }

    public PgPoolProperties getPool() {
        return pool;
    }

    public PgEmbeddedProperties getEmbedded() {
        return embedded;
    }

    /** Whether the properties say where the server is. */
    boolean namesServer() {
        return fromEnvironment || (url != null && !url.isBlank()) || (host != null && !host.isBlank());
    }

    /** Shows neither the password nor the URL, which may hold one. */
    @Override
    public String toString() {
        return "PgPureProperties[host=" + host + ", port=" + port + ", database=" + database + ", username=" + username
                + "]";
    }
}
