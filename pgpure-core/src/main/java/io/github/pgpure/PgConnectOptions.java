package io.github.pgpure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

    /** In place of a file of authorities: those that the JVM trusts. */
    public static final Path SSL_ROOT_CERT_SYSTEM = Path.of("system");

    private final List<PgHost> hosts;
    private final LoadBalanceHosts loadBalanceHosts;
    private final TargetSessionAttrs targetSessionAttrs;
    private final String username;
    private final @Nullable String password;
    private final @Nullable Path passFile;
    private final @Nullable CredentialsSupplier credentials;
    private final @Nullable String database;
    private final Set<AuthenticationMethod> requireAuth;
    private final ChannelBinding channelBinding;
    private final boolean allowCleartextPassword;
    private final @Nullable SslMode givenSslMode;
    private final SslNegotiation sslNegotiation;
    private final @Nullable SSLContext sslContext;
    private final @Nullable Path sslRootCert;
    private final @Nullable SslClientCert sslClientCert;
    private final SslPolicy sslPolicy;
    private final @Nullable String requirePeer;
    private final TcpKeepAlive keepAlive;
    private final ProtocolVersion minProtocolVersion;
    private final @Nullable ProtocolVersion givenMaxProtocolVersion;
    private final Duration connectTimeout;
    private final Duration queryTimeout;
    private final int statementCacheSize;
    private final boolean transactionPooling;
    private final Map<String, String> startupParameters;

    private PgConnectOptions(Builder builder) {
        this.hosts = builder.hosts();
        this.loadBalanceHosts = builder.loadBalanceHosts;
        this.targetSessionAttrs = builder.targetSessionAttrs;
        this.username = builder.username != null ? builder.username : System.getProperty("user.name", "postgres");
        this.password = builder.password;
        this.passFile = builder.passFile;
        this.credentials = builder.credentials;
        this.database = builder.database;
        this.requireAuth = builder.requireAuth;
        this.channelBinding = builder.channelBinding;
        this.allowCleartextPassword = builder.allowCleartextPassword;
        this.givenSslMode = builder.sslMode;
        this.sslNegotiation = builder.sslNegotiation;
        this.sslContext = builder.sslContext;
        this.sslRootCert = builder.sslRootCert;
        this.sslClientCert = builder.sslClientCert;
        this.sslPolicy = builder.sslPolicy;
        this.requirePeer = builder.requirePeer;
        this.keepAlive = builder.keepAlive;
        this.minProtocolVersion = builder.minProtocolVersion;
        this.givenMaxProtocolVersion = builder.maxProtocolVersion;
        this.connectTimeout = builder.connectTimeout;
        this.queryTimeout = builder.queryTimeout;
        this.statementCacheSize = builder.statementCacheSize;
        this.transactionPooling = builder.transactionPooling;
        this.startupParameters = Collections.unmodifiableMap(new LinkedHashMap<>(builder.startupParameters));
        check();
    }

    /** Refuses what contradicts itself, rather than to find out at the first connection. */
    private void check() {
        if (credentials != null && database == null) {
            throw new IllegalArgumentException("set the database: its default is the user name, which with a"
                    + " CredentialsSupplier is not known beforehand");
        }
        if (sslContext != null && (sslRootCert != null || sslClientCert != null)) {
            throw new IllegalArgumentException(
                    "give either an SSLContext or the files sslrootcert, sslcert and sslkey, not both");
        }
        if (sslNegotiation == SslNegotiation.DIRECT && sslMode().compareTo(SslMode.REQUIRE) < 0) {
            throw new IllegalArgumentException(
                    "sslnegotiation=direct needs sslmode=require, verify-ca or verify-full, not "
                            + sslMode().keyword());
        }
        if (SSL_ROOT_CERT_SYSTEM.equals(sslRootCert) && sslMode() != SslMode.VERIFY_FULL) {
            // Anybody can get a certificate of a public authority for a host of their own.
            throw new IllegalArgumentException("sslrootcert=system needs sslmode=verify-full, not "
                    + sslMode().keyword());
        }
        if (sslPolicy.checksRevocation() && (sslRootCert == null || SSL_ROOT_CERT_SYSTEM.equals(sslRootCert))) {
            throw new IllegalArgumentException("sslcrl and sslcrldir need sslrootcert, the file of the authorities that"
                    + " issued the lists; with an SSLContext, let its trust manager look");
        }
        if (sslPolicy.certMode() == SslCertMode.REQUIRE && sslClientCert == null && sslContext == null) {
            throw new IllegalArgumentException("sslcertmode=require needs a certificate: give sslcert and sslkey");
        }
        if (channelBinding == ChannelBinding.REQUIRE && sslMode() == SslMode.DISABLE) {
            throw new IllegalArgumentException("channel_binding=require needs TLS, which sslmode=disable rules out");
        }
        if (minProtocolVersion.compareTo(maxProtocolVersion()) > 0) {
            throw new IllegalArgumentException("min_protocol_version " + minProtocolVersion.keyword()
                    + " is above max_protocol_version " + maxProtocolVersion().keyword());
        }
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
     * <tr><td>{@code hostaddr}</td><td>an address, to save the resolution of {@code host}, or in place of it</td></tr>
     * <tr><td>{@code load_balance_hosts}, {@code target_session_attrs}</td>
     *     <td>see {@link LoadBalanceHosts}, {@link TargetSessionAttrs}</td></tr>
     * <tr><td>{@code connect_timeout}</td><td>seconds per host; 0 or less for no limit</td></tr>
     * <tr><td>{@code passfile}</td><td>see {@link Builder#passFile}</td></tr>
     * <tr><td>{@code service}, {@code servicefile}</td><td>a section of a service file, by default {@code ~/.pg_service.conf}, that gives
     *     what is not given here</td></tr>
     * <tr><td>{@code require_auth}</td><td>methods of authentication that are acceptable, or with {@code !} those that are not</td></tr>
     * <tr><td>{@code channel_binding}</td><td>see {@link ChannelBinding}</td></tr>
     * <tr><td>{@code sslmode}, {@code sslnegotiation}</td><td>see {@link SslMode}, {@link SslNegotiation}</td></tr>
     * <tr><td>{@code sslrootcert}</td><td>a PEM file of authorities, or {@code system} for those of the JVM</td></tr>
     * <tr><td>{@code sslcert}, {@code sslkey}, {@code sslpassword}</td><td>the client's certificate and key, see the builder</td></tr>
     * <tr><td>{@code sslcertmode}, {@code sslcrl}, {@code sslcrldir}, {@code sslsni}, {@code ssl_min_protocol_version}, {@code
     *     ssl_max_protocol_version}</td><td>see {@link SslPolicy}</td></tr>
     * <tr><td>{@code requirepeer}</td><td>see {@link Builder#requirePeer}</td></tr>
     * <tr><td>{@code application_name}, {@code fallback_application_name}</td><td>what the session is called</td></tr>
     * <tr><td>{@code options}</td><td>run-time parameters: {@code -c search_path=app}</td></tr>
     * <tr><td>{@code client_encoding}</td><td>{@code UTF8} only</td></tr>
     * <tr><td>{@code keepalives}, {@code keepalives_idle}, {@code keepalives_interval}, {@code keepalives_count}</td>
     *     <td>see {@link TcpKeepAlive}; times in seconds</td></tr>
     * <tr><td>{@code min_protocol_version}, {@code max_protocol_version}</td>
     *     <td>{@code 3.0}, {@code 3.2} or {@code latest}, see {@link ProtocolVersion}</td></tr>
     * <tr><td>{@code allow_cleartext_password}</td><td>pgpure's own: see {@link Builder#allowCleartextPassword}</td></tr>
     * <tr><td>{@code query_timeout}</td><td>pgpure's own: seconds, or with a unit, {@code 250ms}, {@code 5s}, {@code 2min}</td></tr>
     * <tr><td>{@code statement_cache_size}, {@code transaction_pooling}</td><td>pgpure's own: see the builder</td></tr>
     * </table>
     *
     * <p>libpq's other keywords are refused as not supported, unless they ask for what pgpure does anyway. Environment variables are
     * not read, nor are files but those named in the string; {@link #fromEnvironment(String)} does that. Where libpq's default is a Unix
     * socket, it is {@code localhost} here.
     *
     * @param connectionString the string; an empty one gives the defaults
     * @throws IllegalArgumentException when it is malformed or has a keyword that is not known; the message says where, and
     *     never shows the password
     */
    public static PgConnectOptions parse(String connectionString) {
        return ConnectionStrings.parse(connectionString).build();
    }

    /** What {@link #fromEnvironment(String)} gives for an empty string. */
    public static PgConnectOptions fromEnvironment() {
        return fromEnvironment("");
    }

    /**
     * Reads a connection string as {@link #parse} does, and takes what it leaves out from where libpq would: a service file,
     * the environment variables {@code PGHOST}, {@code PGUSER} and so on
     * (<a href="https://www.postgresql.org/docs/current/libpq-envars.html">manual</a>), and the password from the password file.
     *
     * <p>{@code PGDATESTYLE} is not taken, since pgpure relies on the ISO style. As with libpq, {@code postgresql.crt}, {@code
     * postgresql.key}, {@code root.crt} and {@code root.crl} in {@code ~/.postgresql} are used where they exist and no others are named.
     *
     * @param connectionString the string; what it says goes before all else
     * @throws IllegalArgumentException when it, a variable or the service file is malformed
     */
    public static PgConnectOptions fromEnvironment(String connectionString) {
        return ConnectionStrings.parse(connectionString, ConnectionEnvironment.ofProcess())
                .build();
    }

    /** A builder with the defaults: {@code localhost:5432}, the operating system's user name, TLS where offered. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from these settings. */
    public Builder toBuilder() {
        var builder = new Builder();
        builder.hosts.addAll(hosts);
        builder.loadBalanceHosts = loadBalanceHosts;
        builder.targetSessionAttrs = targetSessionAttrs;
        builder.username = username;
        builder.password = password;
        builder.passFile = passFile;
        builder.credentials = credentials;
        builder.database = database;
        builder.requireAuth = requireAuth;
        builder.channelBinding = channelBinding;
        builder.allowCleartextPassword = allowCleartextPassword;
        builder.sslMode = givenSslMode;
        builder.sslNegotiation = sslNegotiation;
        builder.sslContext = sslContext;
        builder.sslRootCert = sslRootCert;
        builder.sslClientCert = sslClientCert;
        builder.sslPolicy = sslPolicy;
        builder.requirePeer = requirePeer;
        builder.keepAlive = keepAlive;
        builder.minProtocolVersion = minProtocolVersion;
        builder.maxProtocolVersion = givenMaxProtocolVersion;
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

    /** In which order the hosts and their addresses are tried. */
    public LoadBalanceHosts loadBalanceHosts() {
        return loadBalanceHosts;
    }

    /** The role to log in as, where {@link #credentials()} gives no other. */
    public String username() {
        return username;
    }

    /** The password, null for none. */
    public @Nullable String password() {
        return password;
    }

    /** The file that is asked for the password where {@link #password()} is null; null for none. */
    public @Nullable Path passFile() {
        return passFile;
    }

    /** What is asked for user name and password or token at each attempt to connect; null for nothing. */
    public @Nullable CredentialsSupplier credentials() {
        return credentials;
    }

    /** The database; the user name where none was given. */
    public String database() {
        return database != null ? database : username;
    }

    /** The methods of authentication that are acceptable; unmodifiable. */
    public Set<AuthenticationMethod> requireAuth() {
        return requireAuth;
    }

    /** Whether SCRAM authentication is bound to the TLS session. */
    public ChannelBinding channelBinding() {
        return channelBinding;
    }

    /** Whether a password or token may travel readable for everybody on the way. */
    public boolean allowCleartextPassword() {
        return allowCleartextPassword;
    }

    /** Whether and how strictly TLS is used. */
    public SslMode sslMode() {
        if (givenSslMode != null) {
            return givenSslMode;
        }
        // Whoever says whom to trust wants to know whom they talk to.
        return sslContext != null || sslRootCert != null
                ? SslMode.VERIFY_FULL
                : sslNegotiation == SslNegotiation.DIRECT ? SslMode.REQUIRE : SslMode.PREFER;
    }

    /** How TLS begins. */
    public SslNegotiation sslNegotiation() {
        return sslNegotiation;
    }

    /** The PEM file of the authorities to trust, or {@link #SSL_ROOT_CERT_SYSTEM}; null for none given. */
    public @Nullable Path sslRootCert() {
        return sslRootCert;
    }

    /** The client's certificate; null for none. */
    public @Nullable SslClientCert sslClientCert() {
        return sslClientCert;
    }

    /** The finer points of TLS. */
    public SslPolicy sslPolicy() {
        return sslPolicy;
    }

    /** The operating system's user that has to run the server behind a Unix socket; null for any. */
    public @Nullable String requirePeer() {
        return requirePeer;
    }

    /** How TCP finds out that the server is gone. */
    public TcpKeepAlive keepAlive() {
        return keepAlive;
    }

    /** The oldest protocol version that is acceptable. */
    public ProtocolVersion minProtocolVersion() {
        return minProtocolVersion;
    }

    /** The protocol version that is asked for. */
    public ProtocolVersion maxProtocolVersion() {
        if (givenMaxProtocolVersion != null) {
            return givenMaxProtocolVersion;
        }
        return minProtocolVersion == ProtocolVersion.V3_0 ? ProtocolVersion.V3_0 : ProtocolVersion.LATEST;
    }

    /** Trust and client certificates for TLS, null for the JVM's default. */
    public @Nullable SSLContext sslContext() {
        return sslContext;
    }

    public TargetSessionAttrs targetSessionAttrs() {
        return targetSessionAttrs;
    }

    /** The time that connecting to one host may take, from name resolution to the end of authentication; all addresses of the host share it. */
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
        return "PgConnectOptions[" + username + "@" + hosts + "/" + database() + ", sslmode="
                + sslMode().keyword() + "]";
    }

    /** Collects settings; not thread-safe. */
    public static final class Builder {

        private final List<PgHost> hosts = new ArrayList<>();
        private @Nullable String host;
        private int port = DEFAULT_PORT;
        private LoadBalanceHosts loadBalanceHosts = LoadBalanceHosts.DISABLE;
        private TargetSessionAttrs targetSessionAttrs = TargetSessionAttrs.ANY;
        private @Nullable String username;
        private @Nullable String password;
        private @Nullable Path passFile;
        private @Nullable CredentialsSupplier credentials;
        private @Nullable String database;
        private Set<AuthenticationMethod> requireAuth = AuthenticationMethod.ALL;
        private ChannelBinding channelBinding = ChannelBinding.PREFER;
        private boolean allowCleartextPassword;
        private @Nullable SslMode sslMode;
        private SslNegotiation sslNegotiation = SslNegotiation.POSTGRES;
        private @Nullable SSLContext sslContext;
        private @Nullable Path sslRootCert;
        private @Nullable SslClientCert sslClientCert;
        private SslPolicy sslPolicy = SslPolicy.DEFAULT;
        private @Nullable String requirePeer;
        private TcpKeepAlive keepAlive = TcpKeepAlive.SYSTEM;
        private ProtocolVersion minProtocolVersion = ProtocolVersion.V3_0;
        private @Nullable ProtocolVersion maxProtocolVersion;
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

        /**
         * A file with passwords, {@code .pgpass} for example, that is read at each attempt to connect, where there is no {@link #password};
         * default none (<a href="https://www.postgresql.org/docs/current/libpq-pgpass.html">manual</a>). One that others than its
         * owner can read is ignored, with a warning.
         */
        public Builder passFile(@Nullable Path passFile) {
            this.passFile = passFile;
            return this;
        }

        /**
         * Asks for user name and password or token at each attempt to connect; goes before {@link #username}, {@link #password} and
         * {@link #passFile}. The database must be given then. Default none.
         */
        public Builder credentials(@Nullable CredentialsSupplier credentials) {
            this.credentials = credentials;
            return this;
        }

        /**
         * The methods of authentication that are acceptable; default all. Where the server asks for another, the connection fails before
         * anything secret is sent.
         *
         * @throws IllegalArgumentException when there are none
         */
        public Builder requireAuth(Set<AuthenticationMethod> methods) {
            if (methods.isEmpty()) {
                throw new IllegalArgumentException("at least one method of authentication must be acceptable");
            }
            this.requireAuth = Collections.unmodifiableSet(EnumSet.copyOf(methods));
            return this;
        }

        /** Whether SCRAM authentication is bound to the TLS session; default {@link ChannelBinding#PREFER}. */
        public Builder channelBinding(ChannelBinding channelBinding) {
            this.channelBinding = Objects.requireNonNull(channelBinding, "channelBinding");
            return this;
        }

        /**
         * Whether a password in clear text, or a token, may be sent over TCP without TLS, for everybody on the way to read; default
         * no, also not to {@code localhost}. TLS and Unix sockets need no permission, and SCRAM and MD5 send no readable password.
         */
        public Builder allowCleartextPassword(boolean allow) {
            this.allowCleartextPassword = allow;
            return this;
        }

        /** The database; default the user name. */
        public Builder database(String database) {
            this.database = Objects.requireNonNull(database, "database");
            return this;
        }

        /**
         * Whether and how strictly TLS is used; default {@link SslMode#VERIFY_FULL} with {@link #sslContext} or {@link #sslRootCert},
         * {@link SslMode#REQUIRE} with {@link SslNegotiation#DIRECT}, otherwise {@link SslMode#PREFER}.
         */
        public Builder sslMode(SslMode sslMode) {
            this.sslMode = Objects.requireNonNull(sslMode, "sslMode");
            return this;
        }

        /** Trust and client certificates for TLS; default the JVM's. */
        public Builder sslContext(@Nullable SSLContext sslContext) {
            this.sslContext = sslContext;
            return this;
        }

        /** How TLS begins; default {@link SslNegotiation#POSTGRES}. */
        public Builder sslNegotiation(SslNegotiation sslNegotiation) {
            this.sslNegotiation = Objects.requireNonNull(sslNegotiation, "sslNegotiation");
            return this;
        }

        /**
         * The PEM file of the authorities to trust, or {@link #SSL_ROOT_CERT_SYSTEM} for those of the JVM; default none. With one, the
         * server's certificate is verified in every mode that uses TLS. It is read when a connection is opened, and again when it has
         * changed.
         */
        public Builder sslRootCert(@Nullable Path sslRootCert) {
            this.sslRootCert = sslRootCert;
            return this;
        }

        /** The client's certificate; default none. */
        public Builder sslClientCert(@Nullable SslClientCert sslClientCert) {
            this.sslClientCert = sslClientCert;
            return this;
        }

        /** The finer points of TLS; default {@link SslPolicy#DEFAULT}. */
        public Builder sslPolicy(SslPolicy sslPolicy) {
            this.sslPolicy = Objects.requireNonNull(sslPolicy, "sslPolicy");
            return this;
        }

        /** The operating system's user that has to run the server behind a Unix socket; null, the default, for any. */
        public Builder requirePeer(@Nullable String requirePeer) {
            this.requirePeer = requirePeer;
            return this;
        }

        /** How TCP finds out that the server is gone; default {@link TcpKeepAlive#SYSTEM}. */
        public Builder keepAlive(TcpKeepAlive keepAlive) {
            this.keepAlive = Objects.requireNonNull(keepAlive, "keepAlive");
            return this;
        }

        /** The oldest protocol version that is acceptable; default 3.0. */
        public Builder minProtocolVersion(ProtocolVersion version) {
            this.minProtocolVersion = Objects.requireNonNull(version, "version");
            return this;
        }

        /**
         * The protocol version that is asked for; a server that does not know it may offer an older one. Default 3.0, since some
         * poolers refuse anything else, but {@link ProtocolVersion#LATEST} where {@link #minProtocolVersion} is above 3.0.
         */
        public Builder maxProtocolVersion(ProtocolVersion version) {
            this.maxProtocolVersion = Objects.requireNonNull(version, "version");
            return this;
        }

        /** In which order the hosts and their addresses are tried; default as given. */
        public Builder loadBalanceHosts(LoadBalanceHosts loadBalanceHosts) {
            this.loadBalanceHosts = Objects.requireNonNull(loadBalanceHosts, "loadBalanceHosts");
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

        /**
         * A run-time parameter to start the session with, {@code search_path} for example.
         *
         * @throws IllegalArgumentException for {@code user}, {@code database} and {@code replication}, and for a {@code client_encoding} other
         *     than {@code UTF8} or a {@code DateStyle} other than {@code ISO}
         */
        public Builder startupParameter(String name, String value) {
            Objects.requireNonNull(value, "value");
            switch (name.toLowerCase(Locale.ROOT)) {
                case "user", "database" ->
                    throw new IllegalArgumentException(name + " has a method of its own on the builder");
                case "replication" -> throw new IllegalArgumentException("replication connections are not supported");
                case "client_encoding" -> {
                    if (!ConnectionKeywords.isUtf8(value)) {
                        throw new IllegalArgumentException("client_encoding must be UTF8, not \"" + value + "\"");
                    }
                }
                case "datestyle" -> {
                    if (!value.toUpperCase(Locale.ROOT).startsWith("ISO")) {
                        throw new IllegalArgumentException("DateStyle must be ISO, not \"" + value + "\"");
                    }
                    startupParameters.put("DateStyle", value);
                }
                default -> startupParameters.put(name, value);
            }
            return this;
        }

        /**
         * The time that connecting to one host may take, authentication included; default 10 s; zero is not allowed. All addresses of the host share
         * it: one that is silent takes an equal part of what is left for those not tried yet.
         */
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
         * @throws IllegalArgumentException when the port is out of range, or settings contradict each other; the message says which
         */
        public PgConnectOptions build() {
            return new PgConnectOptions(this);
        }

        private List<PgHost> hosts() {
            return hosts.isEmpty() ? List.of(new PgHost(host != null ? host : "localhost", port)) : List.copyOf(hosts);
        }
    }
}
