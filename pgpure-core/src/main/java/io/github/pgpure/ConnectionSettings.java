package io.github.pgpure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes connection options of the values that a connection string, a service file and the environment give for keywords.
 *
 * <p>An empty value means the default. Where libpq's default is a Unix socket, ours is {@code localhost}.
 */
final class ConnectionSettings {

    private final Map<String, String> settings;
    private final PgConnectOptions.Builder builder;

    private ConnectionSettings(Map<String, String> settings) {
        this.settings = settings;
        this.builder = PgConnectOptions.builder().hosts(hosts(settings));
    }

    /** Makes a builder of these settings. */
    static PgConnectOptions.Builder apply(Map<String, String> settings) {
        settings.forEach(ConnectionKeywords::refuseUnsupported);
        var all = new ConnectionSettings(settings);
        all.servers();
        all.login();
        all.tls();
        all.network();
        all.session();
        return all.builder;
    }

    private void servers() {
        String attrs = value("target_session_attrs");
        if (attrs != null) {
            builder.targetSessionAttrs(
                    choose("target_session_attrs", attrs, TargetSessionAttrs.values(), TargetSessionAttrs::keyword));
        }
        String balance = value("load_balance_hosts");
        if (balance != null) {
            builder.loadBalanceHosts(
                    choose("load_balance_hosts", balance, LoadBalanceHosts.values(), LoadBalanceHosts::keyword));
        }
        String database = value("dbname");
        if (database != null) {
            builder.database(database);
        }
    }

    private void login() {
        String user = value("user");
        if (user != null) {
            builder.username(user);
        }
        builder.password(value("password"));
        builder.passFile(path("passfile"));
        String methods = value("require_auth");
        if (methods != null) {
            builder.requireAuth(AuthenticationMethod.parse(methods));
        }
        String binding = value("channel_binding");
        if (binding != null) {
            builder.channelBinding(
                    choose("channel_binding", binding, ChannelBinding.values(), ChannelBinding::keyword));
        }
        builder.allowCleartextPassword(isTrue("allow_cleartext_password"));
    }

    private void tls() {
        String mode = value("sslmode");
        if (mode != null) {
            builder.sslMode(choose("sslmode", mode, SslMode.values(), SslMode::keyword));
        }
        String negotiation = value("sslnegotiation");
        if (negotiation != null) {
            builder.sslNegotiation(
                    choose("sslnegotiation", negotiation, SslNegotiation.values(), SslNegotiation::keyword));
        }
        builder.sslRootCert(path("sslrootcert"));
        builder.sslPolicy(sslPolicy());
        builder.requirePeer(value("requirepeer"));
        Path certificate = path("sslcert");
        Path key = path("sslkey");
        if (certificate != null && key != null) {
            builder.sslClientCert(new SslClientCert(certificate, key, value("sslpassword")));
        } else if (certificate != null || key != null) {
            throw new IllegalArgumentException(
                    "sslcert and sslkey belong together: give both, the client's certificate and its private key");
        } else if (value("sslpassword") != null) {
            throw new IllegalArgumentException("sslpassword is for an encrypted sslkey, and there is no sslkey");
        }
    }

    private SslPolicy sslPolicy() {
        SslPolicy defaults = SslPolicy.DEFAULT;
        String oldest = value("ssl_min_protocol_version");
        String newest = value("ssl_max_protocol_version");
        String certMode = value("sslcertmode");
        String sni = value("sslsni");
        return new SslPolicy(
                // What is older than 1.2 the JDK does not use, whatever is allowed.
                oldest == null || oldest.equals("TLSv1") || oldest.equals("TLSv1.1")
                        ? defaults.minVersion()
                        : choose("ssl_min_protocol_version", oldest, TlsVersion.values(), TlsVersion::keyword),
                newest == null
                        ? defaults.maxVersion()
                        : choose("ssl_max_protocol_version", newest, TlsVersion.values(), TlsVersion::keyword),
                certMode == null
                        ? defaults.certMode()
                        : choose("sslcertmode", certMode, SslCertMode.values(), SslCertMode::keyword),
                path("sslcrl"),
                path("sslcrldir"),
                sni == null || choose("sslsni", sni, new Boolean[] {true, false}, on -> on ? "1" : "0"));
    }

    private void network() {
        String connectTimeout = value("connect_timeout");
        if (connectTimeout != null) {
            int seconds = number("connect_timeout", connectTimeout, " (seconds)");
            // To libpq, zero and less mean to wait without a limit: 68 years are as good.
            builder.connectTimeout(Duration.ofSeconds(seconds > 0 ? seconds : Integer.MAX_VALUE));
        }
        String keepalives = value("keepalives");
        boolean enabled = keepalives == null || number("keepalives", keepalives, " (1 or 0)") != 0;
        builder.keepAlive(
                enabled
                        ? new TcpKeepAlive(
                                true,
                                Duration.ofSeconds(atLeastZero("keepalives_idle", " (seconds)")),
                                Duration.ofSeconds(atLeastZero("keepalives_interval", " (seconds)")),
                                atLeastZero("keepalives_count", ""))
                        : TcpKeepAlive.OFF);
        String oldest = value("min_protocol_version");
        if (oldest != null) {
            builder.minProtocolVersion(version("min_protocol_version", oldest));
        }
        String newest = value("max_protocol_version");
        if (newest != null) {
            builder.maxProtocolVersion(version("max_protocol_version", newest));
        }
    }

    private void session() {
        String applicationName = value("application_name");
        if (applicationName == null) {
            applicationName = value("fallback_application_name");
        }
        if (applicationName != null) {
            builder.applicationName(applicationName);
        }
        String options = value("options");
        if (options != null) {
            builder.startupParameter("options", options);
        }
        String queryTimeout = value("query_timeout");
        if (queryTimeout != null) {
            builder.queryTimeout(duration(queryTimeout));
        }
        String cacheSize = value("statement_cache_size");
        if (cacheSize != null) {
            builder.statementCacheSize(number("statement_cache_size", cacheSize, ""));
        }
        builder.transactionPooling(isTrue("transaction_pooling"));
    }

    private static ProtocolVersion version(String keyword, String value) {
        return value.equals("latest")
                ? ProtocolVersion.LATEST
                : choose(keyword, value, ProtocolVersion.values(), ProtocolVersion::keyword);
    }

    private int atLeastZero(String keyword, String unit) {
        String value = value(keyword);
        // As to libpq, less than zero means the system's default.
        return value == null ? 0 : Math.max(0, number(keyword, value, unit));
    }

    private boolean isTrue(String keyword) {
        String value = value(keyword);
        return value != null && choose(keyword, value, new Boolean[] {true, false}, String::valueOf);
    }

    private @Nullable Path path(String keyword) {
        String value = value(keyword);
        return value == null ? null : Path.of(value);
    }

    private @Nullable String value(String keyword) {
        return value(settings, keyword);
    }

    private static List<PgHost> hosts(Map<String, String> settings) {
        String name = value(settings, "host");
        String address = value(settings, "hostaddr");
        String[] names = split(name != null ? name : address);
        String[] addresses = split(address);
        if (address != null && addresses.length != names.length) {
            throw new IllegalArgumentException("the connection string has " + addresses.length + " hostaddr for "
                    + names.length + (names.length == 1 ? " host" : " hosts") + ": give one for each host, or none");
        }
        String[] ports = split(value(settings, "port"));
        if (ports.length != 1 && ports.length != names.length) {
            throw new IllegalArgumentException(
                    "the connection string has " + ports.length + " ports for " + names.length
                            + (names.length == 1 ? " host" : " hosts") + ": give one port, or one for each host");
        }
        var hosts = new ArrayList<PgHost>(names.length);
        for (int i = 0; i < names.length; i++) {
            String hostAddress = address == null || addresses[i].isEmpty() ? null : addresses[i];
            String host = !names[i].isEmpty() ? names[i] : hostAddress != null ? hostAddress : "localhost";
            if (host.startsWith("@")) {
                throw new IllegalArgumentException("a Unix socket in the abstract namespace is not supported, as host "
                        + (i + 1) + " of the connection string asks for");
            }
            hosts.add(new PgHost(host, port(ports[ports.length == 1 ? 0 : i], i), hostAddress));
        }
        return hosts;
    }

    private static int port(String text, int index) {
        if (text.isBlank()) {
            return PgConnectOptions.DEFAULT_PORT;
        }
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            // Not shown: in a URI it may be the beginning of a password that has a slash.
            throw new IllegalArgumentException("port " + (index + 1) + " in the connection string is not a number");
        }
    }

    private static String[] split(@Nullable String list) {
        return list == null ? new String[] {""} : list.split(",", -1);
    }

    private static @Nullable String value(Map<String, String> settings, String keyword) {
        String value = settings.get(keyword);
        return value == null || value.isEmpty() ? null : value;
    }

    private static <E> E choose(String keyword, String value, E[] choices, Function<E, String> spelling) {
        for (E choice : choices) {
            if (spelling.apply(choice).equals(value)) {
                return choice;
            }
        }
        throw new IllegalArgumentException(keyword + " must be one of "
                + Arrays.stream(choices).map(spelling).toList() + ", not \"" + value + "\"");
    }

    private static int number(String keyword, String value, String unit) {
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(keyword + " must be a whole number" + unit + ", not \"" + value + "\"");
        }
    }

    private static Duration duration(String value) {
        String text = value.strip();
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        try {
            long number = Long.parseLong(text.substring(0, digits));
            return switch (text.substring(digits).strip()) {
                case "ms" -> Duration.ofMillis(number);
                case "", "s" -> Duration.ofSeconds(number);
                case "min" -> Duration.ofMinutes(number);
                default -> throw new NumberFormatException();
            };
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "query_timeout must be a number of seconds, or one with ms, s or min, not \"" + value + "\"");
        }
    }
}
