package io.github.pgpure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a server and log in; immutable.
 *
 * <pre>{@code
 * PgConnectOptions.parse("postgresql://user:secret@db1:5432,db2:5433/shop?target_session_attrs=primary")
 * PgConnectOptions.builder().host("localhost").database("shop").username("user").password("secret").build()
 * }</pre>
 *
 * <p>{@link #toString()} never shows the password.
 */
public final class PgConnectOptions {

    /** The port where none is given. */
    public static final int DEFAULT_PORT = 5432;

    private final List<PgHost> hosts;
    private final String username;
    private final @Nullable String password;
    private final String database;
    private final SslMode sslMode;
    private final @Nullable SSLContext sslContext;
    private final TargetSessionAttrs targetSessionAttrs;
    private final Duration connectTimeout;
    private final Duration queryTimeout;
    private final int statementCacheSize;
    private final boolean transactionPooling;
    private final Map<String, String> startupParameters;

    private PgConnectOptions(Builder builder) {
        this.hosts = builder.hosts();
        this.username = builder.username != null ? builder.username : System.getProperty("user.name", "postgres");
        this.password = builder.password;
        this.database = builder.database != null ? builder.database : username;
        this.sslContext = builder.sslContext;
        this.sslMode =
                builder.sslMode != null ? builder.sslMode : sslContext != null ? SslMode.VERIFY_FULL : SslMode.PREFER;
        this.targetSessionAttrs = builder.targetSessionAttrs;
        this.connectTimeout = builder.connectTimeout;
        this.queryTimeout = builder.queryTimeout;
        this.statementCacheSize = builder.statementCacheSize;
        this.transactionPooling = builder.transactionPooling;
        this.startupParameters = Collections.unmodifiableMap(new LinkedHashMap<>(builder.startupParameters));
    }

    /**
     * Reads a connection string as libpq does: a URI, {@code postgresql://user:password@host:port/dbname?keyword=value&…}, or {@code
     * keyword=value} pairs separated by blanks, values with blanks in single quotes
     * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING">manual</a>).
     *
     * <p>Both may name several hosts, separated by commas. In a URI all parts may be percent-encoded, a Unix socket's directory as host
     * ({@code %2Frun%2Fpostgresql}) for example, and reserved characters of a password must be.
     *
     * <table>
     * <caption>Keywords</caption>
     * <tr><td>{@code host}, {@code port}, {@code dbname}, {@code user}, {@code password}</td><td>as in the builder</td></tr>
     * <tr><td>{@code hostaddr}</td><td>an address, in place of {@code host}</td></tr>
     * <tr><td>{@code connect_timeout}</td><td>seconds per host; 0 or less for no limit</td></tr>
     * <tr><td>{@code sslmode}, {@code target_session_attrs}</td><td>see {@link SslMode}, {@link TargetSessionAttrs}</td></tr>
     * <tr><td>{@code application_name}, {@code fallback_application_name}</td><td>what the session is called</td></tr>
     * <tr><td>{@code options}</td><td>run-time parameters: {@code -c search_path=app}</td></tr>
     * <tr><td>{@code client_encoding}</td><td>{@code UTF8} only</td></tr>
     * <tr><td>{@code query_timeout}</td><td>pgpure's own: seconds, or with a unit, {@code 250ms}, {@code 5s}, {@code 2min}</td></tr>
     * <tr><td>{@code statement_cache_size}</td><td>pgpure's own: see the builder</td></tr>
     * </table>
     *
     * <p>libpq's other keywords are refused as not supported yet, unless they ask for what pgpure does anyway. Environment variables,
     * {@code .pgpass} and service files are not read. Where libpq's default is a Unix socket, it is {@code localhost} here.
     *
     * @param connectionString the string; an empty one gives the defaults
     * @throws IllegalArgumentException when it is malformed or has a keyword that is not known; the message says where, and
     *     never shows the password
     */
    public static PgConnectOptions parse(String connectionString) {
        return ConnectionStrings.parse(connectionString).build();
    }

    /** A builder with the defaults: {@code localhost:5432}, the operating system's user name, TLS where offered. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from these settings. */
    public Builder toBuilder() {
        var builder = new Builder();
        builder.hosts.addAll(hosts);
        builder.username = username;
        builder.password = password;
        builder.database = database;
        builder.sslMode = sslMode;
        builder.sslContext = sslContext;
        builder.targetSessionAttrs = targetSessionAttrs;
        builder.connectTimeout = connectTimeout;
        builder.queryTimeout = queryTimeout;
        builder.statementCacheSize = statementCacheSize;
        builder.transactionPooling = transactionPooling;
        builder.startupParameters.putAll(startupParameters);
        return builder;
    }

    /** The hosts in the order in which they are tried; at least one. */
    public List<PgHost> hosts() {
        return hosts;
    }

    public String username() {
        return username;
    }

    /** The password, null for none. */
    public @Nullable String password() {
        return password;
    }

    /** The database; the user name where none was given. */
    public String database() {
        return database;
    }

    public SslMode sslMode() {
        return sslMode;
    }

    /** Trust and client certificates for TLS, null for the JVM's default. */
    public @Nullable SSLContext sslContext() {
        return sslContext;
    }

    public TargetSessionAttrs targetSessionAttrs() {
        return targetSessionAttrs;
    }

    /** The time that connecting to one host may take, from name resolution to the end of authentication. */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /** The deadline of statements that have none of their own; {@link Duration#ZERO} for none. */
    public Duration queryTimeout() {
        return queryTimeout;
    }

    /** How many prepared statements a connection keeps; 0 for none. */
    public int statementCacheSize() {
        return statementCacheSize;
    }

    /** Whether a proxy between here and the server may give each transaction another session. */
    public boolean transactionPooling() {
        return transactionPooling;
    }

    /** Run-time parameters sent when the session starts, {@code application_name} for example; unmodifiable. */
    public Map<String, String> startupParameters() {
        return startupParameters;
    }

    @Override
    public String toString() {
        return "PgConnectOptions[" + username + "@" + hosts + "/" + database + ", sslmode=" + sslMode.keyword() + "]";
    }

    /** Collects settings; not thread-safe. */
    public static final class Builder {

        private final List<PgHost> hosts = new ArrayList<>();
        private @Nullable String host;
        private int port = DEFAULT_PORT;
        private @Nullable String username;
        private @Nullable String password;
        private @Nullable String database;
        private @Nullable SslMode sslMode;
        private @Nullable SSLContext sslContext;
        private TargetSessionAttrs targetSessionAttrs = TargetSessionAttrs.ANY;
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration queryTimeout = Duration.ZERO;
        private int statementCacheSize = 256;
        private boolean transactionPooling;
        private final Map<String, String> startupParameters = new LinkedHashMap<>();

        private Builder() {
            startupParameters.put("application_name", "pgpure");
        }

        /** One host: a name, an address, or the directory of a Unix socket (beginning with {@code /}). Default {@code localhost}. */
        public Builder host(String host) {
            this.host = Objects.requireNonNull(host, "host");
            hosts.clear();
            return this;
        }

        /** The port of the one host or Unix socket; default 5432. */
        public Builder port(int port) {
            this.port = port;
            hosts.clear();
            return this;
        }

        /** Several hosts, tried in this order; replaces what was set before. */
        public Builder hosts(List<PgHost> hosts) {
            this.hosts.clear();
            this.hosts.addAll(hosts);
            return this;
        }

        /** A Unix socket: its file, or the directory it is in (the file's name then comes from the port). */
        public Builder unixSocket(Path path) {
            return host(path.toAbsolutePath().toString());
        }

        /** The role to log in as; default the operating system's user name. */
        public Builder username(String username) {
            this.username = Objects.requireNonNull(username, "username");
            return this;
        }

        /** The password; default none. */
        public Builder password(@Nullable String password) {
            this.password = password;
            return this;
        }

        /** The database; default the user name. */
        public Builder database(String database) {
            this.database = Objects.requireNonNull(database, "database");
            return this;
        }

        /** Whether and how strictly TLS is used; default {@link SslMode#PREFER}, with a context {@link SslMode#VERIFY_FULL}. */
        public Builder sslMode(SslMode sslMode) {
            this.sslMode = Objects.requireNonNull(sslMode, "sslMode");
            return this;
        }

        /** Trust and client certificates for TLS; default the JVM's. */
        public Builder sslContext(@Nullable SSLContext sslContext) {
            this.sslContext = sslContext;
            return this;
        }

        /** Which of several hosts is acceptable; default any. */
        public Builder targetSessionAttrs(TargetSessionAttrs targetSessionAttrs) {
            this.targetSessionAttrs = Objects.requireNonNull(targetSessionAttrs, "targetSessionAttrs");
            return this;
        }

        /** The name the session shows in {@code pg_stat_activity}; default {@code pgpure}. */
        public Builder applicationName(String applicationName) {
            return startupParameter("application_name", applicationName);
        }

        /** A run-time parameter to start the session with, {@code search_path} for example. */
        public Builder startupParameter(String name, String value) {
            startupParameters.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /** The time that connecting to one host may take, authentication included; default 10 s; zero is not allowed. */
        public Builder connectTimeout(Duration connectTimeout) {
            if (connectTimeout.isNegative() || connectTimeout.isZero()) {
                throw new IllegalArgumentException("connectTimeout must be positive, not " + connectTimeout);
            }
            this.connectTimeout = connectTimeout;
            return this;
        }

        /** The deadline of statements that have none of their own; default {@link Duration#ZERO}, none. */
        public Builder queryTimeout(Duration queryTimeout) {
            if (queryTimeout.isNegative()) {
                throw new IllegalArgumentException("queryTimeout must not be negative: " + queryTimeout);
            }
            this.queryTimeout = queryTimeout;
            return this;
        }

        /** How many prepared statements a connection keeps, the least recently used leaving first; default 256, 0 for none. */
        public Builder statementCacheSize(int statementCacheSize) {
            if (statementCacheSize < 0) {
                throw new IllegalArgumentException("statementCacheSize must not be negative: " + statementCacheSize);
            }
            this.statementCacheSize = statementCacheSize;
            return this;
        }

        /**
         * Whether a proxy between here and the server, such as PgBouncer in its mode {@code transaction}, may give each transaction another
         * session; default false. Statements are then not kept prepared on the server, but parsed along with each run, still in one round trip.
         * What belongs to a session ({@code SET}, {@code LISTEN}, temporary tables, statements prepared by name) must then not be relied on.
         */
        public Builder transactionPooling(boolean transactionPooling) {
            this.transactionPooling = transactionPooling;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException when the port is out of range
         */
        public PgConnectOptions build() {
            return new PgConnectOptions(this);
        }

        private List<PgHost> hosts() {
            return hosts.isEmpty() ? List.of(new PgHost(host != null ? host : "localhost", port)) : List.copyOf(hosts);
        }
    }
}
